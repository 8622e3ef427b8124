"""The year of all offices in one picture; moving, handing over, who does what when."""

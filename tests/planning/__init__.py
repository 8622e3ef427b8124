"""The plan of all offices."""

"""When to meet: holidays and closures, warnings about dates, the best dates of a window."""

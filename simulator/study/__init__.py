"""Studies: a scenario lived many times, what it is like with its uncertainty, and two sets of rules side by side."""

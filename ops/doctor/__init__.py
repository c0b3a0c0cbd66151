"""`doctor`: diagnoses a stack, explains the impact of each finding, and names the command that fixes it."""

"""`doctor`: finds what is wrong with a stack, says what it means for people, and names the command that fixes it."""

"""`cost`: what a stack's uploads cost, line by line, and where each price comes from."""

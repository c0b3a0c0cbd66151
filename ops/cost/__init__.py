"""`cost`: estimates what a stack's uploads cost, line by line, with the source of each price."""

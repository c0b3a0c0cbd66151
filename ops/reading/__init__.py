"""What is there: reads a deployed stack through AWS's API, and changes nothing."""

"""The operator's commands, for a stack on AWS and for the local one: python -m ops --help."""

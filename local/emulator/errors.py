"""Base of all errors that are written for the user."""


class LocalError(Exception):
    """Something that the user can fix. The text says what is wrong and what to do, and is shown as it is."""

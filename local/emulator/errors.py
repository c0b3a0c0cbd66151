"""The one thing that all errors meant for people have in common."""


class LocalError(Exception):
    """Something a person can put right. The text says what is wrong and what to do, and is shown as it is."""

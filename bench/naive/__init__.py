"""The two handlers that the system is compared with, written as workshops and tutorials teach them.

They take keys as they come, swallow what fails, and publish once for each record. Only the
environment's names are ours.
"""

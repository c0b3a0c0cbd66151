"""Reads a deployed stack through AWS's API; changes nothing."""

"""The same program on an embedded AWS, on this machine only: `python -m local`."""

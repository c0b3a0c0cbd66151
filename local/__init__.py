"""The same program on a local AWS emulator, on this machine only: `python -m local`."""

"""A local AWS emulator for Pulumi programs: ministack with patches, an engine, and a provider for the types it knows.

Knows nothing of what is deployed onto it, and imports nothing of this repository but itself.
"""

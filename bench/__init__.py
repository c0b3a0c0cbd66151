"""The system measured side by side with the handlers that tutorials teach: python -m bench."""

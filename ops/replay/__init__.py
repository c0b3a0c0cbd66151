"""`replay`: retries failed messages, and deletes each only after it has succeeded."""

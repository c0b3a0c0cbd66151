"""`replay`: what was kept as a failure is tried again, and deleted only once it has succeeded."""

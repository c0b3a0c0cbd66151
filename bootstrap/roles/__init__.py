"""What code review may do in an account."""

"""What was done, by whom, sealed so that a change shows."""

"""What is read for journals."""

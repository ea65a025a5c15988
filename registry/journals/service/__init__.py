"""What is kept of journals."""

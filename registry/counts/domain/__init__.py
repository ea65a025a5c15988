"""What a count is, what may come of it, what the country sets about it. Pure."""

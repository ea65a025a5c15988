"""Reading daily sheets."""

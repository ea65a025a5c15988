"""Documents of the authority: made from facts, signed, kept, verified."""

"""Mergers: a record that was made twice resolves to the other one from a day on; nothing is deleted or rewritten."""

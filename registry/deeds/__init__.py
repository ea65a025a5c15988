"""Deeds on what stands already: stopped, mended, merged; at once by one person, or proposed by one and decided by another."""

"""Originals of foreign permits: drawn at random each month, asked for, and what was seen."""

"""Rows of counts -> facts; the statements never grow with the lines."""

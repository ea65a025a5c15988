"""Findings kept as cases and worked on."""

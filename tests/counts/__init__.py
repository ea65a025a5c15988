"""Counts: blind, by two people, against the book."""

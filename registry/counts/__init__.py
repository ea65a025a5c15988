"""Counts of what lies at a site: blind, by two people, compared with the book as of one day; a difference is a case."""

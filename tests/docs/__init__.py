"""The pages for people are held against the code."""

"""Requisitions: a ward asks its own pharmacy, which issues, in whole or in part, or refuses."""

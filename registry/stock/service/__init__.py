"""Posting to the ledger: one locked transaction that writes records which are never changed."""

from registry.stock.service.post import post, post_entered

__all__ = ["post", "post_entered"]

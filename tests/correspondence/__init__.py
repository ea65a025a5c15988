"""Tests of the exchange with authorities of other countries."""

"""Tests of the shell all pages share."""

"""Substitution therapy: the daily sheet of a site and product, and what of it may be seen above the site."""

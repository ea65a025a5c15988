"""The demo country: a small invented country of sites, products, quotas and movements, taken in like any other file."""

"""Pages of the lists, the substances and the products."""

from registry.substances.pages.lists import blueprint as lists
from registry.substances.pages.products import blueprint as products

__all__ = ["lists", "products"]

"""Pages of quotas: the lines of a year, one line with its history and steps, what waits, what is published."""

from registry.quotas.pages import cycle, estimates, lines, mending, needs, published
from registry.quotas.pages.blueprint import READ, blueprint

__all__ = ["READ", "blueprint", "cycle", "estimates", "lines", "mending", "needs", "published"]

"""Pages of the returns: which are due, one return with its checks, the explanation of a figure, the files."""

from registry.returns.pages import explanation, files, listing, sent, sheet
from registry.returns.pages.blueprint import blueprint

__all__ = ["blueprint", "explanation", "files", "listing", "sent", "sheet"]

"""The registry of licit narcotics quotas and precursor control.

The folders are the law's own nouns; ``app.py`` is the only place where they meet.
"""

__version__ = "0.1.0"

"""Permits handed out as files, files of other authorities taken in, letters to them."""

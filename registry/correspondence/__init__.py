"""Exchange of permits with the authorities of other countries: files out, files in, letters."""

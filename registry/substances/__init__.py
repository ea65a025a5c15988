"""Lists by edition, conversion factors, schedules by date, products and their composition."""

"""Public holidays and shifted working days of the country, as its government sets them year by year."""

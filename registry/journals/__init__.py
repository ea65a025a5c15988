"""The journals people know from paper: the numbered register of the year, the monthly sheet, paper beside the registry."""

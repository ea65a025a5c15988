"""The workbook of a site: given out with its products and balances, filled in without a line, sent back, taken in once."""

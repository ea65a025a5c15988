"""Reading files that come in: a table of text cells, checked column by column. Knows no database."""

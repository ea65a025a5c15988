"""One file per edition of a form; each declares `EDITION` and knows no other edition."""

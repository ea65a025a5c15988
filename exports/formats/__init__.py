"""One file per format; each declares `FORMAT` and knows no other format."""

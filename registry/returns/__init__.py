"""Facts for the INCB forms, and the explanation of every figure."""

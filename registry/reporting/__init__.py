"""Reports of sites: who owes which for which period, what was stated, what was refused, which periods are closed."""

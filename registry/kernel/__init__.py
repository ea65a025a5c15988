"""Pure ground of every room: mass, period, clock, errors, rules, codes. Knows no framework and no database."""

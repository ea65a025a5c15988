"""Pure knowledge of quotas: kinds of lines, totals of estimates, limits, positions, rules. Knows no database."""

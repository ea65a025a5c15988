"""Pure knowledge of permits: kinds, states, transitions, facts, checks. Knows no database."""

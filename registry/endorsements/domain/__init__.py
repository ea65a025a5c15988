"""Facts, rules and parameters of what follows the issue of a permit. Pure."""

"""What the country sets: limits, days, switches and the weight of rules, each dated, with its act and two persons."""

"""Changes: installing definitions, targets, computing and freezing figures, plans, assumptions."""

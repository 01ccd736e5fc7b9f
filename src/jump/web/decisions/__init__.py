"""Rounds of decisions: who sits, what is scored by which criteria, the ranking, the decision with its reasons."""

"""Rounds, criteria, scores, panels, ballots; committees, seats, resolutions; declared interests, appeals."""

"""Reads of the results engine. Pages read stored values: their cost does not grow with the number of people."""

"""Compute all values: one pass over the facts of every engine."""

from jump.engines.results.services.compute.run import compute, fill_series, recompute_later

__all__ = ["compute", "fill_series", "recompute_later"]

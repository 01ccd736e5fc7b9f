"""The communities: where each stands on its road, and everything about one of them on a page."""

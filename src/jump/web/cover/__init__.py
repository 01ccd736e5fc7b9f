"""Pages of community insurance."""

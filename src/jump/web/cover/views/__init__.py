"""Views of community insurance."""

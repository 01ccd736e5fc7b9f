"""Pages for people: everything that is seen in a browser."""

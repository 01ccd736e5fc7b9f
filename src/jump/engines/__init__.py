"""The nine engines. Each is entered by its `api` module only."""

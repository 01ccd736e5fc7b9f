"""Jobs: claimed by one, looked at by another, counted by rules that are shown."""

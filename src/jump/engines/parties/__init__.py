"""People, groups, organisations, places and programmes as run, with everything about them that has a date."""

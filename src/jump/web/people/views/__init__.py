"""What the pages of people and groups do."""

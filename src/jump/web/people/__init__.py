"""People and groups: who they are, what they agreed to, where they belong, and which records are one person."""

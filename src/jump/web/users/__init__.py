"""Who may sign in, and which role they hold where."""

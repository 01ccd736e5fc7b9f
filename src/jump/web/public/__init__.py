"""What everybody may see and do without signing in: what the programme is, and writing to it."""

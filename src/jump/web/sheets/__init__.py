"""Forms by spreadsheet: the template, what was sent with it, and what goes out."""

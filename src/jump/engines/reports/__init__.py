"""Reports: templates, editions that never change once published, lessons, distribution, open aid data."""

"""Forms as things that are made: uploaded, looked at, compared, published."""

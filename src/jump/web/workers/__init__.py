"""Extension workers: their week, their month, supervision and what becomes of them."""

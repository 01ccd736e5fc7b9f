"""Goods: stores of groups, trade between them, and markets that growers run themselves."""

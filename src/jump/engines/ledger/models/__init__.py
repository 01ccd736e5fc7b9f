"""The tables of the ledger."""

from jump.engines.ledger.models.tables import Account, Balance, Book, Closing, Entry, Line, Link, Movement, Period

__all__ = ["Account", "Balance", "Book", "Closing", "Entry", "Line", "Link", "Movement", "Period"]

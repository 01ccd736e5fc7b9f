"""A bank's statement against the books: what a statement is, and which lines belong together. No file, no database."""

from jump.core.banking.matching import BankSide, BookSide, Proposal, Window, propose
from jump.core.banking.statements import Statement, StatementLine, line_digests, running_balances

__all__ = [
    "BankSide",
    "BookSide",
    "Proposal",
    "Statement",
    "StatementLine",
    "Window",
    "line_digests",
    "propose",
    "running_balances",
]

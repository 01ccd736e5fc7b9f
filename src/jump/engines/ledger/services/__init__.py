"""What changes the ledger: opening books and accounts, posting, reversing, closing months, linking the chain."""

from jump.engines.ledger.services.books import open_account, open_book, set_floor
from jump.engines.ledger.services.periods import begin_closing, reopen_period, seal_chain, seal_period
from jump.engines.ledger.services.posting import (
    balance_locked,
    balances_locked,
    post,
    post_many,
    posting_transaction,
    reverse,
)

__all__ = [
    "balance_locked",
    "balances_locked",
    "begin_closing",
    "open_account",
    "open_book",
    "post",
    "post_many",
    "posting_transaction",
    "reopen_period",
    "reverse",
    "seal_chain",
    "seal_period",
    "set_floor",
]

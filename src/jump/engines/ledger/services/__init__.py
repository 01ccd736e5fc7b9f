"""What changes the ledger: opening, posting, reversing, holding, exchanging, importing, closing, linking the chain."""

from jump.engines.ledger.services.booking import posting_transaction
from jump.engines.ledger.services.books import open_account, open_book, set_floor
from jump.engines.ledger.services.holds import lapse_holds, place_hold, post_hold, void_hold
from jump.engines.ledger.services.importing import check_import, import_book
from jump.engines.ledger.services.periods import begin_closing, reopen_period, seal_chain, seal_period
from jump.engines.ledger.services.posting import (
    balance_locked,
    balances_locked,
    post,
    post_many,
    reverse,
)
from jump.engines.ledger.services.units import declare_unit, exchange

__all__ = [
    "balance_locked",
    "balances_locked",
    "begin_closing",
    "check_import",
    "declare_unit",
    "exchange",
    "import_book",
    "lapse_holds",
    "open_account",
    "open_book",
    "place_hold",
    "post",
    "post_hold",
    "post_many",
    "posting_transaction",
    "reopen_period",
    "reverse",
    "seal_chain",
    "seal_period",
    "set_floor",
    "void_hold",
]

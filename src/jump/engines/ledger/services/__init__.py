"""What changes the ledger: opening, posting, reversing, holding, exchanging, importing, closing, linking the chain."""

from jump.engines.ledger.services.banking import (
    approve_bank_entry,
    confirm_match,
    confirm_matches,
    drop_bank_entry,
    drop_reconciliation,
    looks_like_xml,
    prepare_bank_entry,
    prepare_reconciliation,
    read_head,
    sign_reconciliation,
    take_statement,
    undo_match,
)
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
    "approve_bank_entry",
    "balance_locked",
    "balances_locked",
    "begin_closing",
    "check_import",
    "confirm_match",
    "confirm_matches",
    "declare_unit",
    "drop_bank_entry",
    "drop_reconciliation",
    "exchange",
    "import_book",
    "lapse_holds",
    "looks_like_xml",
    "open_account",
    "open_book",
    "place_hold",
    "post",
    "post_hold",
    "post_many",
    "posting_transaction",
    "prepare_bank_entry",
    "prepare_reconciliation",
    "read_head",
    "reopen_period",
    "reverse",
    "seal_chain",
    "seal_period",
    "set_floor",
    "sign_reconciliation",
    "take_statement",
    "undo_match",
    "void_hold",
]

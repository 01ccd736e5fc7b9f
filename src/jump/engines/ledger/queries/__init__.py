"""What can be asked of the ledger."""

from jump.engines.ledger.queries.accounts import (
    account,
    account_by_ref,
    account_refs,
    accounts,
    balance,
    balances,
    balances_of,
    book,
    book_of,
    books,
    period_state,
    trial_balance,
)
from jump.engines.ledger.queries.entries import count_entries, entries, entry, totals
from jump.engines.ledger.queries.exports import export_csv, export_hledger, export_trial_balance
from jump.engines.ledger.queries.proof import proof, verify

__all__ = [
    "account",
    "account_by_ref",
    "account_refs",
    "accounts",
    "balance",
    "balances",
    "balances_of",
    "book",
    "book_of",
    "books",
    "count_entries",
    "entries",
    "entry",
    "export_csv",
    "export_hledger",
    "export_trial_balance",
    "period_state",
    "proof",
    "totals",
    "trial_balance",
    "verify",
]

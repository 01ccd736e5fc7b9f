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
    free,
    hold,
    holds,
    period_state,
    takes_entries,
    trading_result,
    trial_balance,
    value_balance,
)
from jump.engines.ledger.queries.chainfile import export_chain, verify_file
from jump.engines.ledger.queries.entries import count_entries, entries, entry, totals
from jump.engines.ledger.queries.exports import export_beancount, export_csv, export_hledger, export_trial_balance
from jump.engines.ledger.queries.proof import proof, seals, verify
from jump.engines.ledger.queries.running import account_statement, count_lines
from jump.engines.ledger.queries.units import commodities, decimals_of, minor_of, unit

__all__ = [
    "account",
    "account_by_ref",
    "account_refs",
    "account_statement",
    "accounts",
    "balance",
    "balances",
    "balances_of",
    "book",
    "book_of",
    "books",
    "commodities",
    "count_entries",
    "count_lines",
    "decimals_of",
    "entries",
    "entry",
    "export_beancount",
    "export_chain",
    "export_csv",
    "export_hledger",
    "export_trial_balance",
    "free",
    "hold",
    "holds",
    "minor_of",
    "period_state",
    "takes_entries",
    "proof",
    "seals",
    "totals",
    "trading_result",
    "trial_balance",
    "unit",
    "value_balance",
    "verify",
    "verify_file",
]

"""Bank statements and reconciliation: taking in, matching, entries for what only the bank knows, signing."""

from jump.engines.ledger.services.banking.matching import confirm_match, confirm_matches, undo_match
from jump.engines.ledger.services.banking.prepared import approve_bank_entry, drop_bank_entry, prepare_bank_entry
from jump.engines.ledger.services.banking.reconciling import (
    drop_reconciliation,
    prepare_reconciliation,
    sign_reconciliation,
)
from jump.engines.ledger.services.banking.taking import looks_like_xml, read_head, take_statement

__all__ = [
    "approve_bank_entry",
    "confirm_match",
    "confirm_matches",
    "drop_bank_entry",
    "drop_reconciliation",
    "looks_like_xml",
    "prepare_bank_entry",
    "prepare_reconciliation",
    "read_head",
    "sign_reconciliation",
    "take_statement",
    "undo_match",
]

"""Taking over the books of an old fund from a spreadsheet: read, check every row, then post all of it or nothing."""

from jump.engines.ledger.services.importing.taking import check_import, import_book

__all__ = ["check_import", "import_book"]

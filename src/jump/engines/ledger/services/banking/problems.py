"""What can be wrong with a statement, in words; a list that fills while a file is read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jump.engines.ledger.types.banking import FileProblem

SHOWN = 200

WORDS: dict[str, Any] = {
    "broken": gettext_lazy("The file is damaged or not complete: %(why)s"),
    "doctype": gettext_lazy("The file brings definitions of its own (DOCTYPE). A statement has none."),
    "not_camt": gettext_lazy("This is no bank statement after ISO 20022 camt.053, version 2 or later: %(found)s"),
    "no_statement": gettext_lazy("There is no statement in the file."),
    "too_many_rows": gettext_lazy("The file has too many lines for one statement."),
    "not_a_table": gettext_lazy("This is neither a table of text (CSV) nor a statement in XML."),
    "no_head": gettext_lazy("No row with the names of the columns was found."),
    "column_missing": gettext_lazy("There is no column “%(name)s”."),
    "column_needed": gettext_lazy("Say which column has this."),
    "amount_needed": gettext_lazy("Say which column has the amount, or which two have money in and money out."),
    "empty": gettext_lazy("There is no line in the statement."),
    "day_missing": gettext_lazy("The day is missing."),
    "day_impossible": gettext_lazy("“%(text)s” is no day."),
    "day_unclear": gettext_lazy("“%(text)s” can be two days. Say whether the day or the month comes first."),
    "day_to_come": gettext_lazy("%(text)s has not come yet."),
    "day_outside": gettext_lazy("%(text)s lies outside the days of the statement."),
    "amount_missing": gettext_lazy("The amount is missing."),
    "amount_impossible": gettext_lazy("“%(text)s” is no amount."),
    "amount_unclear": gettext_lazy("“%(text)s” can be two amounts. Say which mark begins the decimals."),
    "amount_below_zero": gettext_lazy("“%(text)s” is below zero; here the direction is told apart from the amount."),
    "two_amounts": gettext_lazy("There is money in and money out in one row."),
    "decimals_mixed": gettext_lazy("“%(text)s” begins its decimals with another mark than the rows before."),
    "too_many_decimals": gettext_lazy("“%(text)s” has more decimals than %(currency)s has."),
    "direction_unknown": gettext_lazy("“%(text)s” says neither in nor out."),
    "wrong_currency": gettext_lazy("The amount is in %(found)s; the account is kept in %(currency)s."),
    "wrong_account": gettext_lazy("The statement is of the account %(found)s; this one is %(number)s."),
    "balance_missing": gettext_lazy("The balance is missing, in the file and in what was typed."),
    "balance_differs": gettext_lazy("The balance here is %(found)s; by the lines it should be %(expected)s."),
    "sum_differs": gettext_lazy("The lines lead from %(opening)s to %(expected)s, not to %(closing)s."),
    "count_differs": gettext_lazy("The file says that it has %(said)s lines, and has %(found)s."),
    "element_missing": gettext_lazy("This is missing."),
    "number_missing": gettext_lazy("The statement has no number."),
}


class Problems:
    """Problems in the order in which they were found; the first hundreds are kept, all are counted."""

    def __init__(self) -> None:
        self.found: list[FileProblem] = []
        self.count = 0

    def add(self, place: str, column: str, code: str, **facts: Any) -> None:
        self.count += 1
        if len(self.found) < SHOWN:
            self.found.append(FileProblem(place, column, f"ledger.{code}", str(WORDS[code]) % facts))

    def at_row(self, row: int, column: str, code: str, **facts: Any) -> None:
        self.add(_("row %(row)s") % {"row": row}, column, code, **facts)

    def __bool__(self) -> bool:
        return self.count > 0

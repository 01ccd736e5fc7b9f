"""An ISO 20022 statement (camt.053.001.02 and later) as plain values. The file is a stranger's: it fetches and expands
nothing, and every problem is named by its path in the file.

Read are: account, balances (OPBD or PRCD, and CLBD), the days covered, and booked entries with their references and
what the payer wrote. Names of payers are left where they are. Amounts carry the sign that the account holder sees:
`CdtDbtInd` of the entry, which after the standard also holds for entries that reverse others.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from jump.core import money
from jump.core.banking import Statement, StatementLine
from jump.core.units import INT64_MAX
from jump.engines.ledger.services.banking.csv_statement import REFERENCE_LENGTH, TEXT_LENGTH
from jump.engines.ledger.services.banking.problems import Problems
from jump.engines.ledger.services.banking.table import ROWS_MAX

_FORM = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(\d\d)")
_OPENING = ("OPBD", "PRCD")
_DECIMAL = re.compile(r"\d{1,18}(\.\d{0,17})?|\.\d{1,17}")


def read_camt(data: bytes, *, currency: str, today: date, problems: Problems) -> list[Statement]:
    """The statements of a file; where anything is wrong, `problems` says what and where."""
    root = _parsed(data, problems)
    if root is None:
        return []
    found = _FORM.fullmatch(etree.QName(root).namespace or "")
    if etree.QName(root).localname != "Document" or found is None or int(found[1]) < 2:
        problems.add("/", "", "not_camt", found=etree.QName(root).namespace or etree.QName(root).localname)
        return []
    reader = _Reader(currency, today, problems)
    made = [reader.statement(one) for one in root.iterfind("{*}BkToCstmrStmt/{*}Stmt")]
    if not made and not problems:
        problems.add("/Document/BkToCstmrStmt/Stmt", "", "no_statement")
    return [one for one in made if one is not None]


def _parsed(data: bytes, problems: Problems) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        problems.add("/", "", "broken", why=str(error)[:200])
        return None
    about: Any = root.getroottree().docinfo  # the stubs lack what a document says of its kind
    if about.doctype:
        problems.add("/", "", "doctype")
        return None
    return root


def _text(node: Any, path: str) -> str:
    """The text at a path below a node, whatever the version's namespace; empty where there is none."""
    found = node.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return (found.text or "").strip() if found is not None else ""


def _place(node: Any) -> str:
    """The path of a node as people find it again, with the line of the file."""
    steps: list[str] = []
    at = node
    while at is not None:
        name = etree.QName(at).localname
        parent = at.getparent()
        same = [] if parent is None else [one for one in parent if etree.QName(one).localname == name]
        steps.insert(0, f"{name}[{same.index(at) + 1}]" if len(same) > 1 else name)
        at = parent
    return f"/{'/'.join(steps)} ({node.sourceline})"


class _Reader:
    """One file being read: its currency, today, and what is wrong so far."""

    def __init__(self, currency: str, today: date, problems: Problems) -> None:
        self.currency = currency
        self.today = today
        self.problems = problems

    def statement(self, node: Any) -> Statement | None:
        wrong_before = self.problems.count
        account = node.find("{*}Acct")
        number = _text(node, "Id")
        if not number:
            self.problems.add(_place(node), "Id", "number_missing")
        if account is None:
            self.problems.add(_place(node), "Acct", "element_missing")
        elif (said := _text(account, "Ccy")) and said != self.currency:
            self.problems.add(
                _place(account.find("{*}Ccy")), "Ccy", "wrong_currency", found=said, currency=self.currency
            )
        balances = self._balances(node)
        entries = node.findall("{*}Ntry")
        if len(entries) > ROWS_MAX:
            self.problems.add(_place(node), "Ntry", "too_many_rows")
            return None
        lines = [one for one in (self._entry(entry) for entry in entries) if one is not None]
        self._check_summary(node, entries)
        if self.problems.count > wrong_before or not {"opening", "closing"} <= balances.keys():
            return None
        return self._made(node, number, account, balances, lines)

    def _made(
        self, node: Any, number: str, account: Any, balances: dict[str, tuple[int, date]], lines: list[StatementLine]
    ) -> Statement | None:
        closes_on = balances["closing"][1]
        days = [line.booked_on for line in lines]
        wrong_before = self.problems.count
        since = self._day_in(node.find("{*}FrToDt"), "FrDt", "FrDtTm")
        opens_on = since or min([*days, closes_on])
        for line in lines:
            if not opens_on <= line.booked_on <= closes_on:
                self.problems.add(line.place, "BookgDt", "day_outside", text=line.booked_on.isoformat())
        made = Statement(
            number=number[:80],
            account=(_text(account, "Id/IBAN") or _text(account, "Id/Othr/Id")).replace(" ", "")[:40],
            opens_on=opens_on,
            closes_on=closes_on,
            opening_minor=balances["opening"][0],
            closing_minor=balances["closing"][0],
            lines=tuple(line for line in lines if line.amount_minor),
        )
        if made.difference_minor:
            facts = {
                "opening": self._said(made.opening_minor),
                "expected": self._said(made.closing_minor - made.difference_minor),
                "closing": self._said(made.closing_minor),
            }
            self.problems.add(_place(node), "Bal", "sum_differs", **facts)
        return None if self.problems.count > wrong_before else made

    def _balances(self, node: Any) -> dict[str, tuple[int, date]]:
        found: dict[str, tuple[int, date]] = {}
        rank: dict[str, int] = {}
        for balance in node.findall("{*}Bal"):
            code = _text(balance, "Tp/CdOrPrtry/Cd")
            kind = "opening" if code in _OPENING else "closing" if code == "CLBD" else ""
            if not kind:
                continue
            amount = self._signed(balance)
            day = self._day_in(balance.find("{*}Dt"), "Dt", "DtTm")
            if day is None:
                self.problems.add(_place(balance), "Dt", "day_missing")
            order = _OPENING.index(code) if kind == "opening" else 0
            if amount is not None and day is not None and order <= rank.get(kind, 9):
                found[kind], rank[kind] = (amount, day), order
        for kind, code in (("opening", "OPBD"), ("closing", "CLBD")):
            if kind not in found and not self.problems:
                self.problems.add(_place(node), f"Bal/{code}", "balance_missing")
        return found

    def _entry(self, entry: Any) -> StatementLine | None:
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status and status != "BOOK":
            return None
        amount = self._signed(entry)
        booked = self._day_in(entry.find("{*}BookgDt"), "Dt", "DtTm")
        value = self._day_in(entry.find("{*}ValDt"), "Dt", "DtTm")
        day = booked or value
        if day is None and not self._says_day(entry):
            self.problems.add(_place(entry), "BookgDt", "day_missing")
        if day is not None and day > self.today:
            self.problems.add(_place(entry), "BookgDt", "day_to_come", text=day.isoformat())
        if amount is None or day is None:
            return None
        return StatementLine(
            booked_on=day,
            amount_minor=amount,
            value_on=value if value != day else None,
            reference=(_text(entry, "AcctSvcrRef") or _text(entry, "NtryRef"))[:REFERENCE_LENGTH],
            text=_words(entry)[:TEXT_LENGTH],
            place=_place(entry),
        )

    def _says_day(self, entry: Any) -> bool:
        return any(entry.find(f"{{*}}{name}") is not None for name in ("BookgDt", "ValDt"))

    def _signed(self, node: Any) -> int | None:
        """The amount of an entry or a balance with its sign, or None where it is not one."""
        amount = node.find("{*}Amt")
        side = _text(node, "CdtDbtInd")
        if amount is None:
            self.problems.add(_place(node), "Amt", "element_missing")
            return None
        if side not in ("CRDT", "DBIT"):
            self.problems.add(_place(node), "CdtDbtInd", "direction_unknown", text=side)
            return None
        found = amount.get("Ccy", "")
        if found != self.currency:
            self.problems.add(_place(amount), "Ccy", "wrong_currency", found=found or "–", currency=self.currency)
            return None
        minor = self._minor(amount)
        return None if minor is None else (minor if side == "CRDT" else -minor)

    def _minor(self, amount: Any) -> int | None:
        text = (amount.text or "").strip()
        code = ""
        if text.startswith("-"):
            code = "amount_below_zero"
        elif not _DECIMAL.fullmatch(text):
            code = "amount_impossible"
        else:
            minor = Decimal(text).scaleb(money.exponent_of(self.currency))
            if minor != minor.to_integral_value():
                code = "too_many_decimals"
            elif minor > INT64_MAX:
                code = "amount_impossible"
            else:
                return int(minor)
        self.problems.add(_place(amount), "Amt", code, text=text[:40], currency=self.currency)
        return None

    def _day_in(self, node: Any, *names: str) -> date | None:
        """The day below a node; a day that is none is a problem, one that is not there is not."""
        if node is None:
            return None
        for name in names:
            text = _text(node, name)
            if not text:
                continue
            try:
                if text[10:11] not in ("", "T", "Z", "+", "-"):
                    raise ValueError(text)
                return date.fromisoformat(text[:10])
            except ValueError:
                self.problems.add(_place(node), name, "day_impossible", text=text[:40])
                return None
        return None

    def _check_summary(self, node: Any, entries: list[Any]) -> None:
        """Where the bank says how many entries there are, they must be there."""
        said = _text(node, "TxsSummry/TtlNtries/NbOfNtries")
        if said and said.isdigit() and int(said) != len(entries):
            self.problems.add(_place(node), "TxsSummry", "count_differs", said=said, found=len(entries))
        total = _text(node, "TxsSummry/TtlNtries/Sum")
        if not total:
            return
        try:
            is_number = Decimal(total).is_finite()
        except InvalidOperation:
            is_number = False
        if not is_number:
            self.problems.add(_place(node), "TxsSummry", "amount_impossible", text=total[:40])

    def _said(self, amount_minor: int) -> str:
        return str(money.Money(amount_minor, self.currency))


def _words(entry: Any) -> str:
    """What stands in an entry for people: the bank's words, what the payer wrote, references; each once."""
    found: list[str] = []
    for path in ("AddtlNtryInf", "NtryRef", "NtryDtls/Btch/PmtInfId"):
        found.append(_text(entry, path))
    for details in entry.iterfind("{*}NtryDtls/{*}TxDtls"):
        for path in ("Refs/EndToEndId", "Refs/TxId", "Refs/ChqNb", "RmtInf/Strd/CdtrRefInf/Ref"):
            found.append(_text(details, path))
        found += [(one.text or "").strip() for one in details.iterfind("{*}RmtInf/{*}Ustrd")]
        found.append(_text(details, "AddtlTxInf"))
    return " · ".join(dict.fromkeys(one for one in found if one and one != "NOTPROVIDED"))

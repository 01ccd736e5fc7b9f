"""Balances of the past, sums by labels, and the books in other programs' forms."""

from __future__ import annotations

import csv
import io
import subprocess
from datetime import date
from pathlib import Path

import pytest

from jump.base.actors import Actor, Grant
from jump.core.units import Ref
from jump.engines.ledger import api as ledger
from jump.engines.ledger.api import Line, Posting
from tests.engines.ledger.makers import DAY, Books, Pay, open_books

SOURCE = Ref("ctr-00000001")


@pytest.fixture
def year(actor: Actor, books: Books) -> Books:
    """A year of entries in two units, with memos that are awkward to write down."""
    memos = ["Contribution", 'with "quotes"; and a semicolon', "two\nlines", "=1+1", "Überweisung | ไทย", "  "]
    postings = []
    for number in range(1, 61):
        on = date(2004, (number % 12) + 1, (number % 28) + 1)
        label = {
            "source": "core" if number % 2 else "other",
            "line": f"l{number % 3}",
            "place": f"jump/asia/{number % 4}/",
        }
        lines = (Line(books.cash, number * 111, label), Line(books.capital, -number * 111, label))
        postings.append(Posting(memos[number % len(memos)], on, lines, SOURCE, f"p{number}"))
    grain = (Line(books.bags, 12), Line(books.harvest, -12), Line(books.spent, 5), Line(books.cash, -5))
    postings.append(Posting("harvest", date(2004, 12, 31), grain, SOURCE, "grain"))
    ledger.post_many(actor, book_ref=books.ref, postings=postings)
    return books


def test_a_balance_of_the_past_is_the_sum_of_its_lines_to_that_day(year: Books) -> None:
    for as_of in (date(2003, 12, 31), date(2004, 1, 31), date(2004, 6, 15), date(2004, 12, 31)):
        expected = sum(n * 111 for n in range(1, 61) if date(2004, (n % 12) + 1, (n % 28) + 1) <= as_of)
        assert ledger.balance(year.capital, as_of) == -expected
        assert ledger.balances(year.ref, as_of)["capital:donor"] == -expected
    assert ledger.balance(year.cash) == ledger.balance(year.cash, date(2004, 12, 31)) == 1830 * 111 - 5


def test_a_balance_and_a_trial_balance_cost_the_same_however_many_entries_there_are(
    year: Books, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        ledger.balance(year.cash)
    with django_assert_num_queries(3):  # type: ignore[operator]
        rows = ledger.trial_balance(year.ref, DAY)
    assert sum(row.balance_minor for row in rows if row.unit == "THB") == 0


def test_sums_by_labels_add_up_to_the_whole(year: Books, actor: Actor) -> None:
    whole = ledger.totals(actor, codes=["cash"], labels={"source": ["core", "other"]})
    assert [(row.unit, row.amount_minor) for row in whole] == [("THB", 1830 * 111)]
    by_source = ledger.totals(actor, codes=["cash"], group_by=["source"], labels={"place": "jump/asia/*"})
    assert {row.labels["source"]: row.amount_minor for row in by_source} == {
        "core": 111 * sum(range(1, 61, 2)),
        "other": 111 * sum(range(2, 61, 2)),
    }
    assert ledger.totals(actor, codes=["cash"], since=date(2005, 1, 1)) == []
    with pytest.raises(ledger.LabelUnknown):
        ledger.totals(actor, group_by=["colour"])


def test_entries_are_seen_where_the_book_is_seen(year: Books, actor: Actor) -> None:
    open_books(actor, "ipec")
    here = Actor(1, "manager", grants=(Grant("fund_manager", "jump/"),))
    elsewhere = Actor(2, "manager", grants=(Grant("fund_manager", "ipec/"),))
    worker = Actor(3, "panel", grants=(Grant("selection_panel", "jump/"),))

    assert ledger.count_entries(here, book_ref=year.ref) == 61
    assert len(ledger.entries(here, account_ref=year.bags)) == 1
    assert ledger.entries(here, source_ref=SOURCE, limit=2, offset=60)[0].memo
    for stranger in (elsewhere, worker):
        assert ledger.entries(stranger, book_ref=year.ref) == []
        assert ledger.totals(stranger, group_by=["source"]) == []
    assert [view.ref for view in ledger.books(here)] == [year.ref]


@pytest.mark.covers("REPORT-03")
def test_hledger_reads_the_journal_and_finds_the_balances_of_the_trial_balance(
    year: Books, actor: Actor, hledger: str, tmp_path: Path
) -> None:
    second = open_books(actor, "second")
    ledger.post(
        actor,
        book_ref=second.ref,
        memo="Contribution",
        occurred_on=DAY,
        lines=[Line(second.cash, 99), Line(second.capital, -99)],
        source_ref=SOURCE,
        key="other-book",
    )
    journal = tmp_path / "jump.journal"
    journal.write_text("".join(ledger.export_hledger()), encoding="utf-8")

    told = subprocess.run(
        [hledger, "-f", str(journal), "balance", "--flat", "--no-total", "--empty", "-O", "csv"],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert told.returncode == 0, told.stderr
    theirs = {row["account"]: row["balance"] for row in csv.DictReader(io.StringIO(told.stdout))}
    ours = {
        row["account"]: f"{row['balance']} {row['unit']}"
        for row in csv.DictReader(io.StringIO("".join(ledger.export_trial_balance())))
    }
    assert {name: plain(value) for name, value in theirs.items()} == {
        name: plain(value) for name, value in ours.items()
    }
    assert len(ours) == 7
    subprocess.run([hledger, "-f", str(journal), "check"], check=True, capture_output=True)


def plain(amount: str) -> str:
    number, _, unit = amount.replace(",", "").partition(" ")
    return "0" if float(number) == 0 else f"{number.rstrip('.')} {unit}"


def test_the_csv_holds_every_line_and_no_formula(year: Books) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(ledger.export_csv(year.ref)))))
    assert len(rows) == 60 * 2 + 4
    assert sum(int(row["amount_minor"]) for row in rows) == 0
    assert {row["memo"] for row in rows if "1+1" in row["memo"]} == {"'=1+1"}
    assert {row["amount"] for row in rows if row["unit"] == "bag"} == {"12", "-12"}


def test_what_an_entry_rests_on_is_said_in_words(put_in: Pay, actor: Actor) -> None:
    from jump.engines.ledger import duties

    entry = put_in(500)
    told = duties.describe(actor, entry.ref)
    assert told is not None
    assert (told.kind, told.title, told.on, told.sources) == ("entry", "Contribution", DAY, (SOURCE,))
    assert duties.describe(Actor(9, "nobody"), entry.ref) is None


# --- outside judges -------------------------------------------------------------------------------------------


@pytest.fixture
def exchanged(year: Books, actor: Actor) -> Books:
    """The year, with dollars bought at a rate, days of labour, a late fact, and accounts that are awkward to name."""
    from decimal import Decimal

    ledger.declare_unit(actor, code="labour_day", title="Day of labour", decimals=2)
    ledger.declare_unit(actor, code="Bag", title="Another bag", decimals=1)

    def account(code: str, kind: str, unit: str) -> Ref:
        return ledger.open_account(actor, book_ref=year.ref, code=code, title=code, kind=kind, unit=unit)

    usd = account("bank:usd é", "asset", "USD")
    ledger.exchange(
        actor,
        book_ref=year.ref,
        given=Line(year.cash, 100_000),
        taken=Line(usd, 2_500),
        rate=Decimal("0.025"),
        rate_on=date(2004, 6, 14),
        memo='Dollars "for" the plough',
        occurred_on=DAY,
        source_ref=SOURCE,
        key="fx",
    )
    pairs = [("labour:given", "labour:Given", "labour_day", 225), ("b 1", "b-1", "Bag", 15)]
    for here, there, unit, amount in pairs:
        lines = (Line(account(here, "asset", unit), amount), Line(account(there, "income", unit), -amount))
        posting = Posting("in kind", DAY, lines, SOURCE, f"kind:{unit}", date(2004, 1, 2))
        ledger.post_many(actor, book_ref=year.ref, postings=[posting])
    return year


def ours(books: Books) -> dict[tuple[str, str], str]:
    rows = csv.DictReader(io.StringIO("".join(ledger.export_trial_balance(books.ref))))
    return {(row["account"], row["unit"]): row["balance"] for row in rows}


def test_hledger_agrees_in_every_unit_to_the_last_decimal(exchanged: Books, tmp_path: Path, hledger: str) -> None:
    journal = tmp_path / "all.journal"
    journal.write_text("".join(ledger.export_hledger(exchanged.ref)), encoding="utf-8")
    told = subprocess.run(
        [hledger, "-f", str(journal), "balance", "--flat", "--no-total", "--empty", "-O", "csv"],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert told.returncode == 0, told.stderr
    theirs = {row["account"]: plain(row["balance"]) for row in csv.DictReader(io.StringIO(told.stdout))}
    mine = {account: plain(f"{amount} {unit}") for (account, unit), amount in ours(exchanged).items()}
    assert {name: amount.replace('"', "") for name, amount in theirs.items()} == mine
    assert len(mine) == 12
    subprocess.run([hledger, "-f", str(journal), "check"], check=True, capture_output=True)


def test_beancount_agrees_in_every_unit_to_the_last_decimal(exchanged: Books, tmp_path: Path) -> None:
    """The file ends with what every account must hold, with no tolerance: `bean-check` is the judge."""
    import shutil
    import sys

    found = shutil.which("bean-check", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("bean-check is not installed (it comes with the test requirements: beancount)")
    text = "".join(ledger.export_beancount(exchanged.ref))
    book = tmp_path / "all.beancount"
    book.write_text(text, encoding="utf-8")
    told = subprocess.run([found, str(book)], capture_output=True, text=True)
    assert (told.returncode, told.stdout + told.stderr) == (0, "")
    assert text.count(" balance ") == len(ledger.trial_balance(exchanged.ref))
    assert "  value-on: 2004-01-02\n" in text
    assert "2004-06-14 price THB 0.025 USD\n" in text

    cash = next(line for line in text.splitlines() if " balance " in line and ":Cash " in line)
    amount = cash.split("~")[0].split()[-1]
    book.write_text(text.replace(cash, cash.replace(amount, f"{float(amount) + 0.01:.2f}")), encoding="utf-8")
    told = subprocess.run([found, str(book)], capture_output=True, text=True)
    assert told.returncode != 0
    assert "Balance failed" in told.stderr + told.stdout

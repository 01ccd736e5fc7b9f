"""Statements on paper: tagged, in the reader's language, with what was there before, every line, and what is left."""

from __future__ import annotations

import io
import sys
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.area_fixtures import QUERIES_MAX, Reader, reader, words

if TYPE_CHECKING:
    from jump.core.units import Ref
    from tests.engines.finance.makers import FundMaker

pytestmark = pytest.mark.django_db


def paper(answer: Any) -> tuple[Any, str]:
    """The PDF of an answer, and its words with single spaces."""
    from pypdf import PdfReader

    assert answer["Content-Type"] == "application/pdf", answer.content[:300]
    file = PdfReader(io.BytesIO(answer.content))
    text = " ".join(page.extract_text() for page in file.pages)
    return file, " ".join(text.split())


def test_the_members_statement_is_a_tagged_file_from_the_opening_to_the_closing_balance(
    money: FundMaker, fund: Ref, manager: Reader, pango: None
) -> None:
    from tests.engines.finance.savers import Savers

    savers = Savers(fund)
    account = savers.account(per_meeting_minor=50_00)
    savers.pay_in(account, 1_000_00, on=date(2005, 1, 3))
    savers.take_out(account, 200_00, on=date(2005, 3, 1))
    shown = manager.client.get(f"/savings/{account}/statement/?since=2005-02-01")
    assert "?since=2005-02-01&amp;as=pdf" in shown.content.decode()

    file, text = paper(manager.client.get(f"/savings/{account}/statement/?since=2005-02-01&as=pdf"))
    assert file.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert file.trailer["/Root"]["/Lang"] == "en"
    assert "1 February 2005 to 30 June 2005 · as of 30 June 2005" in text
    assert "Saved at the start 1,000.00 1 Mar 2005 Taken out" in text
    assert "200.00 800.00 Saved at the end 800.00" in text


def test_the_borrowers_statement_ends_in_what_is_still_to_pay(
    money: FundMaker, fund: Ref, manager: Reader, pango: None
) -> None:
    loan = money.running_loan(fund, on=date(2004, 11, 27))
    money.repay(loan, 2_132_371, date(2004, 12, 27))
    money.repay(loan, 2_132_371, date(2005, 1, 27))
    _file, text = paper(manager.client.get(f"/loans/{loan}/statement/?as=pdf"))
    assert "At the start 0.00 27 Nov 2004 Tranche 1 paid out 240,000.00" in text
    assert "Still to pay, principal only 201,963.34" in text
    assert "12 27 Nov 2005" in text


def test_the_funds_statement_opens_and_closes_with_its_cash_and_costs_no_more_for_more_lines(
    money: FundMaker, fund: Ref, manager: Reader, pango: None, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        money.running_loan(fund, 10_000_00, on=date(2005, 1, 3 + number))
    with django_assert_max_num_queries(QUERIES_MAX):
        page = words(manager.client.get(f"/funds/{fund}/statement/?since=2005-01-04"))
    assert "Cash at the start PHP 990,000.00 Came in PHP 0.00 Went out PHP 20,000.00" in page
    assert "Cash at the end PHP 970,000.00" in page
    _file, text = paper(manager.client.get(f"/funds/{fund}/statement/?since=2005-01-04&as=pdf"))
    assert "Cash at the start 990,000.00" in text
    assert "Cash at the end 970,000.00" in text
    assert "spreadsheet" in manager.client.get(f"/funds/{fund}/statement/?as=excel")["Content-Type"]


def test_the_neighbour_gets_no_statement_in_any_form(money: FundMaker, fund: Ref) -> None:
    neighbour = reader("fund_manager", "jump/asia/TH/", "Noi")
    loan = money.running_loan(fund, on=date(2004, 11, 27))
    for path in (f"/funds/{fund}/statement/", f"/loans/{loan}/statement/"):
        for asked in ("", "?as=pdf", "?as=excel"):
            assert neighbour.client.get(path + asked).status_code == 404, path + asked


def test_a_statement_speaks_the_language_of_its_reader(
    money: FundMaker, fund: Ref, manager: Reader, pango: None
) -> None:
    file, text = paper(manager.client.get(f"/funds/{fund}/statement/?as=pdf", headers={"Accept-Language": "fr"}))
    assert file.trailer["/Root"]["/Lang"] == "fr"
    assert "30 juin 2005" in text


def test_where_pdfs_cannot_be_made_the_page_says_what_to_install_and_the_page_itself_works(
    fund: Ref, manager: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def find_spec(self, name: str, *_args: Any) -> None:
            if name.split(".")[0] == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0': no such file")

    for name in [one for one in sys.modules if one.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    answer = manager.client.get(f"/funds/{fund}/statement/?as=pdf")
    assert answer.status_code == 501
    assert "libpango-1.0-0" in words(answer)
    assert manager.client.get(f"/funds/{fund}/statement/").status_code == 200


def test_cells_are_written_as_the_language_writes_them_and_figures_stand_at_the_right() -> None:
    from jump.core.money import Money
    from jump.web.printed import Part, _table

    rows = [(date(2005, 1, 3), "Rice", 12_000, Decimal("1.5"), Money(250_00, "PHP"), Money(7, "USD"), None)]
    made = _table(Part(("a", ("b", "meaning"), "c", "d", "e", "f", "g"), rows, currency="PHP"))
    assert [one["text"] for one in made["rows"][0]] == [
        "3 Jan 2005",
        "Rice",
        "12,000",
        "1.5",
        "250.00",
        "US$\u00a00.07",
        "",
    ]
    assert [one["numeric"] for one in made["head"]] == [False, False, True, True, True, True, False]
    assert [one["text"] for one in made["head"]] == ["a", "b", "c", "d", "e", "f", "g"]


def test_more_rows_than_paper_takes_are_refused_with_what_to_do() -> None:
    from jump.web.printed import ROWS_MAX, Part, TooLongToPrint, printed

    with pytest.raises(TooLongToPrint) as refusal:
        printed("Long", Part(("n",), ((n,) for n in range(ROWS_MAX + 1))))
    assert "2,000" in refusal.value.sentence() or "2000" in refusal.value.sentence()
    assert "Excel" in refusal.value.advice()


def test_names_are_shown_as_text_and_never_as_marks_of_the_page(pango: None) -> None:
    from jump.web.printed import Part, printed

    _file, text = paper(printed("<b>Ana</b> & Co", Part(("a",), [("<script>x</script>",)])))
    assert "<b>Ana</b> & Co" in text
    assert "<script>x</script>" in text

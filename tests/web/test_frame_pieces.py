"""Formats, fields and pieces: what a person reads and types."""

from __future__ import annotations

import doctest
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from jump.core.money import CURRENCY_EXPONENTS, Money
from jump.web import formats
from jump.web.forms import CountField, DayField, MoneyField, PageForm, PickField

TODAY = date(2004, 6, 30)


def rendered(source: str, **values: Any) -> str:
    return Template("{% load jump %}" + source).render(Context(values))


def test_the_examples_of_the_formats_hold() -> None:
    assert doctest.testmod(formats).failed == 0


@pytest.mark.parametrize(
    ("language", "figure", "day", "share"),
    [
        ("en", "11,482.5", "30 June 2005", "52%"),
        ("fr", "11\u202f482,5", "30 juin 2005", "52\u00a0%"),
        ("es", "11,482.5", "30 de junio de 2005", "52\u00a0%"),
        ("ar", "11,482.5", "30 يونيو 2005", "52%"),
    ],
)
def test_numbers_dates_and_shares_follow_the_language(language: str, figure: str, day: str, share: str) -> None:
    with override(language):
        assert formats.number(11482.5) == figure
        assert formats.day(date(2005, 6, 30)) == day
        assert formats.share(0.52) == share


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(2_132_371, "PHP"), "PHP\u00a021,323.71"),
        (Money(4_500, "CLP"), "CLP\u00a04,500"),
        (Money(12_500, "KWD"), "KWD\u00a012.500"),
        (Money(-100, "PHP"), "PHP\u00a0−1.00"),
        (Money(0, "PHP"), "PHP\u00a00.00"),
        (None, "–"),
    ],
)
def test_money_has_its_code_first_and_its_currencys_decimals(money: Money | None, written: str) -> None:
    assert formats.money(money) == written


def test_ranges_and_minus_do_not_turn_round_on_a_right_to_left_page() -> None:
    assert formats.span(15_900, 20_300) == "15,900–20,300"
    with override("ar"):
        assert formats.span(15_900, 20_300) == "\u206615,900–20,300\u2069"
        assert formats.number(-3) == "\u2066−3\u2069"


def test_the_weekday_is_told_for_the_next_fortnight_only() -> None:
    assert formats.day_week(date(2004, 7, 14), TODAY) == "Wednesday 14 July"
    assert formats.day_week(date(2004, 7, 15), TODAY) == "15 July 2004"
    assert formats.day_week(date(2004, 6, 29), TODAY) == "29 June 2004"


def test_an_instant_names_its_zone() -> None:
    assert formats.moment(datetime(2005, 6, 30, 18, 0, tzinfo=UTC)) == "30 June 2005, 18:00 UTC"


@given(
    minor=st.integers(-(10**15), 10**15),
    currency=st.sampled_from(sorted(CURRENCY_EXPONENTS)),
    language=st.sampled_from(["en", "fr", "es", "ar"]),
)
def test_every_amount_shown_can_be_typed_back_in_the_same_language(minor: int, currency: str, language: str) -> None:
    with override(language):
        field = MoneyField(currency=currency, allow_zero=True)
        shown = field.prepare_value(abs(minor))
        assert field.clean(shown) == abs(minor)


@given(n=st.integers(-(10**12), 10**12))
def test_a_number_loses_no_figure_when_grouped(n: int) -> None:
    assert int(formats.number(n).replace(",", "").replace("−", "-")) == n


class Repayment(PageForm):
    amount_minor = MoneyField(label="Amount", currency="PHP", help_text="What they paid.")
    paid_on = DayField(label="Day")
    how = PickField(label="How", choices=[("cash", "Cash"), ("bank", "Bank")])
    people = CountField(label="People", required=False)


def filled(**values: str) -> Repayment:
    return Repayment({"amount_minor": "100", "paid_on": "2004-06-30", "how": "cash", **values}, today=TODAY)


@pytest.mark.parametrize(
    ("typed", "minor"),
    [("21,323.71", 2_132_371), ("21323.71", 2_132_371), ("100", 10_000), (" 1 000 ", 100_000), ("١٠٠", 10_000)],
)
def test_money_is_read_as_people_write_it(typed: str, minor: int) -> None:
    form = filled(amount_minor=typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["amount_minor"] == minor


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Say how much"),
        ("lots", "This is not an amount. Write only figures, for example 1,500.00"),
        ("-5", "The amount must not be below zero"),
        ("0", "The amount must be more than zero"),
        ("1.234", "PHP has 2 decimals. Check the amount"),
    ],
)
def test_money_that_cannot_be_read_says_what_to_do(typed: str, says: str) -> None:
    form = filled(amount_minor=typed)
    assert not form.is_valid()
    assert form.errors["amount_minor"] == [says]


def test_a_comma_is_the_decimal_mark_where_the_reader_writes_it_so() -> None:
    with override("fr"):
        form = filled(amount_minor="21 323,71")
        assert form.is_valid(), form.errors
        assert form.cleaned_data["amount_minor"] == 2_132_371


def test_a_day_is_asked_as_today_yesterday_or_three_boxes() -> None:
    page = rendered("{% field form.paid_on %}", form=Repayment(today=TODAY))
    assert "Today<br>30 June" in page
    assert "Yesterday<br>29 June" in page
    assert "Another day" in page
    assert re.search(r'value="2004-06-30" checked', page)
    for part in ("day", "month", "year"):
        assert f'name="paid_on_{part}"' in page
    assert "<legend>Day</legend>" in page


def test_another_day_comes_from_the_three_boxes() -> None:
    form = filled(paid_on="other", paid_on_day="5", paid_on_month="6", paid_on_year="2004")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["paid_on"] == date(2004, 6, 5)


@pytest.mark.parametrize(
    ("boxes", "says"),
    [
        (("31", "2", "2004"), "There is no such day. Check day, month and year"),
        (("5", "", "2004"), "Give the day, the month and the year"),
        (("1", "7", "2004"), "The day must not be in the future"),
        (("x", "6", "2004"), "There is no such day. Check day, month and year"),
    ],
)
def test_a_day_that_cannot_be_says_so_and_stays_in_the_boxes(boxes: tuple[str, str, str], says: str) -> None:
    day, month, year = boxes
    form = filled(paid_on="other", paid_on_day=day, paid_on_month=month, paid_on_year=year)
    assert form.errors["paid_on"] == [says]
    page = rendered("{% field form.paid_on %}", form=form)
    assert says in page
    assert f'name="paid_on_day" inputmode="numeric" maxlength="2" autocomplete="off" value="{day}"' in page
    assert f'autocomplete="off" value="{year}"' in page


def test_a_count_takes_grouping_and_refuses_what_is_no_whole_number() -> None:
    form = filled(people="1,250")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["people"] == 1250
    assert filled(people="1.5").errors["people"] == ["This is not a whole number. Write only figures"]


def test_a_field_ties_its_hint_and_its_error_to_its_control() -> None:
    page = rendered("{% field form.amount_minor %}", form=filled(amount_minor="lots"))
    described = re.search(r'<input[^>]*aria-describedby="([^"]+)"', page)
    assert described is not None
    for anchor in described[1].split():
        assert f'id="{anchor}"' in page
    assert 'aria-invalid="true"' in page
    assert '<div class="join"><span>PHP</span>' in page


def test_every_error_at_the_top_leads_to_a_control_that_is_there() -> None:
    form = Repayment({"paid_on": "other"}, today=TODAY)
    page = rendered("{% form_errors form %}{% fields form %}", form=form)
    assert "3 things to put right" in page
    links = re.findall(r'<a href="#([^"]+)">', page)
    assert len(links) == 3
    for anchor in links:
        assert f'id="{anchor}"' in page


def test_what_a_person_wrote_is_shown_as_written_and_never_run() -> None:
    page = rendered("{% own_words text 'fil' %}", text="<script>x</script>\nline")
    assert page == '<p class="words" dir="auto" lang="fil">&lt;script&gt;x&lt;/script&gt;\nline</p>'


@pytest.mark.parametrize(
    "source",
    [
        "{% tag evil %}",
        "{% fact evil evil evil evil %}",
        "{% card evil %}x{% endcard %}",
        "{% box title=evil %}x{% endbox %}",
        "{% button evil evil %}",
        "{% alerts items %}",
        "{% path items %}",
        "{% empty evil evil evil evil %}",
        "{% crumbs evil evil evil %}",
        "{% bar 1 2 label=evil %}",
        "{% kv pairs %}",
        "{% will_happen pairs %}",
    ],
)
def test_no_piece_lets_a_name_become_markup(source: str) -> None:
    evil = '"><script>alert(1)</script>'
    items = [{"title": evil, "detail": evil, "url": evil, "label": evil, "kind": "bad"}]
    page = rendered(source, evil=evil, items=items, pairs=[(evil, evil)])
    assert "<script" not in page


def test_a_card_has_a_heading_that_names_it() -> None:
    page = rendered("{% card 'Today' id='today' tag='3 days late' kind='warn' %}<p>x</p>{% endcard %}")
    assert page == (
        '<section class="card" aria-labelledby="h-today" id="today"><header><h2 id="h-today">Today</h2>'
        '<span class="tag warn">3 days late</span></header><p>x</p></section>'
    )


def test_a_bar_is_a_drawing_with_widths_as_attributes() -> None:
    page = rendered("{% bar 5970 20000 second=5512 label='57 percent' %}")
    assert 'role="img" aria-label="57 percent"' in page
    assert '<rect width="29.85%" height="100%" fill="#0b5d57"/>' in page
    assert '<rect x="29.85%" width="27.56%" height="100%" fill="#f2a900"/>' in page
    assert 'aria-hidden="true"' in rendered("{% bar 1 2 %}")


@given(first=st.integers(0, 10**6), second=st.integers(0, 10**6), total=st.integers(0, 10**6))
def test_a_bar_never_grows_beyond_its_frame(first: int, second: int, total: int) -> None:
    page = rendered("{% bar a b second=c %}", a=first, b=total, c=second)
    widths = [float(width) for width in re.findall(r'<rect[^>]* ?width="([0-9.]+)%"', page)]
    assert sum(widths) <= 100.01


def test_the_current_step_is_marked_for_readers_too() -> None:
    steps = [
        {"label": "Letter", "detail": "12 Feb", "state": "done"},
        {"label": "Workshop", "state": "here"},
        {"label": "Plan", "state": "todo"},
    ]
    page = rendered("{% path steps %}", steps=steps)
    assert '<ol class="path path-3">' in page
    assert page.count('aria-current="step"') == 1
    assert '<li class="here" aria-current="step"><span class="dot">2</span>' in page
    assert '<span class="vh">Done: </span>' in page


def test_the_pages_of_a_list_keep_the_other_filters() -> None:
    page = rendered(
        "{% pages listed %}", listed=Paginator(range(100), 10).page(2), request=RequestFactory().get("/?q=rice&page=2")
    )
    assert 'href="?q=rice&amp;page=3"' in page
    assert '<span aria-current="page">' in page
    assert rendered("{% pages one %}", one=Paginator([1], 10).page(1), request=RequestFactory().get("/")).strip() == ""


def test_hidden_stale_and_missing_figures_are_told_apart_from_zero() -> None:
    assert "hidden" in rendered("{% hidden_cell %}")
    assert "Fewer than 5 people" in rendered("{% hidden_cell %}")
    assert "as of 30 Jun 2004" in rendered("{% stale day %}", day=TODAY)
    assert rendered("{{ none|number }} {{ zero|number }}", none=None, zero=0) == "– 0"

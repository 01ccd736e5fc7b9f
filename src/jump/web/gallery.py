"""The pieces of the frame with made-up figures, on pages for those who build pages. Shown with DEBUG, or to staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from jump.core.money import Money
from jump.web import drawings
from jump.web.forms import CountField, DayField, MoneyField, PageForm, PickField, PickManyField, pick_label

TODAY = date(2005, 6, 30)


class SampleRepayment(PageForm):
    """The form of the loan page, with every kind of field."""

    kind = PickField(
        label="How much was paid?",
        choices=[
            ("due", pick_label("What is due", "21,323.71")),
            ("all", pick_label("Everything", "124,816.85")),
        ],
        initial="due",
    )
    amount_minor = MoneyField(
        label="Amount received", currency="PHP", initial=2_132_371, help_text="Change it if they paid another amount."
    )
    paid_on = DayField(label="Day it was paid")
    how = PickField(
        label="How", choices=[("cash", "Cash"), ("mobile", "Mobile money"), ("bank", "Bank")], initial="cash"
    )
    receipt = forms.CharField(label="Receipt number", help_text="Printed at the top of the receipt book page.")


class SampleMore(PageForm):
    """The kinds of field that the loan page lacks."""

    born_on = DayField(label="Born on", quick=False, required=False)
    people = CountField(label="How many came?")
    place = forms.ChoiceField(label="Where", choices=[("", ""), ("a", "School hall"), ("b", "Market")])
    what = forms.CharField(label="What was said", widget=forms.Textarea, required=False)
    with_whom = PickManyField(
        label="Who was there", choices=[("w", "Women’s group"), ("y", "Youth circle"), ("c", "Church")], required=False
    )
    photo = forms.FileField(label="Photo", required=False, help_text="Up to 10 MB.")
    agree = forms.BooleanField(label="They agree that we write this down", required=False)


def _series() -> list[drawings.Point]:
    """Fifteen quarters up to 11,482 jobs, as in the design's first page."""
    values = (0, 0, 60, 240, 612, 1178, 1905, 2650, 3600, 4700, 5900, 7100, 8440, 9900, 11482)
    ends = [date(2001, 12, 31), *(date(year, month, 28) for year in (2002, 2003, 2004) for month in (3, 6, 9, 12))]
    days = [*ends, date(2005, 3, 31), TODAY]
    return [drawings.Point(on, value) for on, value in zip(days, values, strict=True)]


def _home() -> dict[str, Any]:
    bands = [
        drawings.Band(date(2005, 12, 31), 12850, 13300, 13750, 14150, 14700),
        drawings.Band(date(2006, 6, 30), 14400, 15200, 15950, 16700, 17600),
        drawings.Band(date(2006, 12, 31), 15900, 17100, 18100, 19100, 20300),
    ]
    finding = (
        "11,482 jobs by June 2005. The middle forecast for December 2006 is 18,100; four futures in five fall between "
        "15,900 and 20,300. The target is 20,000. The same figures are in the table below the chart."
    )
    rows = [
        ("TH", "Thailand", 1904, 2600, "55%", "2,510–3,010", "4.1%", date(2005, 6, 24), "good", "On course"),
        ("ZA", "South Africa", 1890, 2700, "49%", "2,530–3,090", "3.8%", date(2005, 6, 28), "good", "On course"),
        ("PH", "Philippines", 1611, 2600, "54%", "2,200–2,790", "5.0%", date(2005, 6, 22), "good", "On course"),
        ("PY", "Paraguay", 1338, 2200, "48%", "1,820–2,290", "2.9%", date(2005, 6, 26), "good", "On course"),
        ("KE", "Kenya", 1320, 2500, "58%", "1,980–2,640", "6.6%", date(2005, 6, 27), "warn", "Behind"),
        ("HN", "Honduras", 1244, 2200, "44%", "1,750–2,390", "5.5%", date(2005, 6, 29), "warn", "Behind"),
        ("BO", "Bolivia", 1061, 2000, "50%", "1,540–2,060", "7.1%", date(2005, 6, 29), "warn", "Behind"),
        ("SN", "Senegal", 702, 2000, "61%", "1,010–1,450", "19.0%", date(2005, 6, 30), "bad", "Well behind"),
        ("FJ", "Fiji", 412, 1200, "47%", "560–820", "9.2%", date(2005, 6, 18), "bad", "Well behind"),
    ]
    names = ("code", "name", "jobs", "target", "women", "likely", "late", "report", "kind", "state")
    countries = [dict(zip(names, row, strict=True)) for row in rows]
    flows = [
        drawings.Flow("Main donor", "Capacity building", 1210),
        drawings.Flow("Main donor", "Loan funds", 310),
        drawings.Flow("Main donor", "Agency cost", 215),
        drawings.Flow("Governments", "Capacity building", 140),
        drawings.Flow("Partners", "Capacity building", 80),
        drawings.Flow("Partners", "Loan funds", 60),
        drawings.Flow("Capacity building", "Training", 620),
        drawings.Flow("Capacity building", "Extension work", 590),
        drawings.Flow("Capacity building", "Studies", 220),
        drawings.Flow("Loan funds", "Loans to groups", 370),
        drawings.Flow("Agency cost", "Administration", 215),
    ]
    return {
        "chart": drawings.line_chart(
            key="jobs",
            title="Jobs created since the start, and the forecast to the end of 2006",
            finding=finding,
            points=_series(),
            bands=bands,
            target=20000,
            target_label="Target 20,000",
            now_label="11,482 now",
        ),
        "forecast": [("Dec 2005", "12,850", "13,750", "14,700"), ("Jun 2006", "14,400", "15,950", "17,600")],
        "map": drawings.world_map(
            key="map",
            title="Map of the nine programme countries",
            finding="Circle area shows jobs created. Fiji and Senegal are well behind plan.",
            dots=[drawings.Dot.of_country(row[0], row[1], row[2], bad=row[8] == "bad") for row in rows],
        ),
        "flow": drawings.flow(
            key="flow",
            title="Where the money comes from and where it goes",
            finding=drawings.finding_of(flows, "US$ thousand"),
            flows=flows,
            unit="US$ thousand",
        ),
        "countries": countries,
        "needs": [
            {
                "kind": "bad",
                "title": "Senegal loan fund: 19% paid late",
                "url": "#",
                "detail": "Over the 10% limit for two months. US$ 8,140 in 11 loans.",
            },
            {
                "kind": "warn",
                "title": "Two country reports are late",
                "url": "#",
                "detail": "Fiji by 12 days, Bolivia by 3 days.",
            },
            {
                "kind": "blue",
                "title": "Four proposals wait for a decision",
                "url": "#",
                "detail": "Honduras committee meets on 8 July. 96 jobs.",
            },
            {
                "kind": "blue",
                "icon": "people",
                "title": "Kenya committee meets on 11 July",
                "url": "#",
                "detail": "Your note on social security law is due on 6 July.",
            },
            {
                "kind": "warn",
                "icon": "copy",
                "title": "12 people may be counted twice",
                "url": "#",
                "detail": "Kenya, Kisumu East. Check before 15 July.",
            },
        ],
    }


def _community() -> dict[str, Any]:
    said = [
        ("Letter of interest", "12 Feb 2004"),
        ("Agreement", "3 Mar 2004"),
        ("Workshop A: getting ready", "18 Apr · 64 people"),
        ("Workshop B: the local economy", "16 May · 58 people"),
        ("Workshop C: ideas", "20 June · 71 people"),
        ("Workshop D: weighing ideas", "30 Jan 2005 · 52 people"),
        ("Workshop E: choosing and planning", "14 July 2005"),
        ("Plan", "due 31 Aug 2005"),
        ("Proposals", "9 so far, 4 approved"),
        ("Enterprises and jobs", "3 started, 186 jobs"),
    ]
    return {
        "steps": [
            {"label": label, "detail": detail, "state": "done" if at < 6 else "here" if at == 6 else "todo"}
            for at, (label, detail) in enumerate(said)
        ],
        "todo_items": [
            {"id": "t1", "label": "Invite the 52 people who came to workshop D", "note": "Liza, today", "done": True},
            {"id": "t2", "label": "Print the weighing sheets in Filipino", "note": "Liza, 4 July", "done": True},
            {"id": "t3", "label": "Ask the bank to send someone", "note": "Pedro, 5 July", "done": False},
            {"id": "t4", "label": "Check the costs of the two largest proposals", "note": "Liza, 8 July"},
            {"id": "t5", "label": "Book the school hall", "note": "Pedro, 11 July", "name": "done"},
        ],
        "funnel": drawings.bars(
            key="funnel",
            title="From ideas to enterprises",
            finding="41 ideas, 17 weighed, 9 proposals, 4 approved, 3 enterprises, which give 186 jobs.",
            rows=[
                drawings.Bar("Ideas", 41, "from workshop C"),
                drawings.Bar("Weighed", 17, "workshop D"),
                drawings.Bar("Proposals", 9, "with a business plan"),
                drawings.Bar("Approved", 4, "by the committee"),
                drawings.Bar("Enterprises", 3, "trading today"),
            ],
        ),
        "stacks": drawings.stacked_bars(
            key="stacks",
            title="Jobs by enterprise",
            finding="Riverside Workers has most jobs, 98; San Roque Sewing has most women, 39.",
            rows=[
                drawings.Stack("Workers", (40, 58)),
                drawings.Stack("Rice", (31, 15)),
                drawings.Stack("Sewing", (39, 3)),
            ],
            kinds=("Women", "Men"),
        ),
        "enterprises": [
            {
                "kind": "warn",
                "title": "Riverside Rice Millers",
                "url": "#",
                "detail": "46 jobs · sales PHP 312,000 in June\nLoan payment 3 days late",
            },
            {
                "kind": "good",
                "title": "Riverside Workers",
                "url": "#",
                "detail": "98 jobs in 6 contracts\nSocial security paid for 91",
            },
        ],
    }


def _loan() -> dict[str, Any]:
    left = (24_000_000, 22_107_629, 20_196_334, 18_265_926, 16_316_214, 14_347_005, 12_358_104)
    months = [date(2004, 11, 27), date(2004, 12, 27), *(date(2005, month, 27) for month in range(1, 12))]
    after = [*left, 10_349_314, 8_320_436, 6_271_269, 4_201_611, 2_111_256, 0]
    rows = [
        {"no": at, "due": months[at], "payment": 2_132_371, "left": after[at], "paid": at < 7, "now": at == 7}
        for at in range(1, 13)
    ]
    form = SampleRepayment(
        {
            "kind": "due",
            "amount_minor": "21,323.71",
            "paid_on": "2005-06-30",
            "how": "cash",
            "receipt": "00912",
        },
        today=TODAY,
    )
    form.add_error("receipt", "Receipt 00912 is already used by loan PH-0139. Check the number.")
    return {
        "owed": Money(12_358_104, "PHP"),
        "due": Money(2_132_371, "PHP"),
        "rows": rows,
        "form": form,
        "more": SampleMore(today=TODAY),
        "preview": [
            ("Late fee", "0.00"),
            ("Interest for June", "1,235.81"),
            ("Principal", "20,087.90"),
            ("Left to pay afterwards", "103,493.14"),
        ],
        "terms": [("Fund", "Bulacan fund"), ("Approved", "22 Nov 2004"), ("Late fee", "1% after 7 days")],
        "balance": drawings.balance_chart(
            key="balance",
            title="What is left to pay",
            finding="Six of twelve payments are in; PHP 123,581.04 is left, as planned until June.",
            planned=[drawings.Point(on, minor / 100) for on, minor in zip(months, after, strict=True)],
            paid=[drawings.Point(on, minor / 100) for on, minor in zip(months, left, strict=False)],
            today=TODAY,
        ),
    }


def _states() -> dict[str, Any]:
    return {
        "at": datetime(2005, 6, 30, 10, 12, tzinfo=UTC),
        "listed": Paginator(range(200), 10).page(4),
        "sample_day": TODAY,
        "own": "Unang linya\nIkalawang linya",
    }


PAGES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "home": ("Programme", _home),
    "community": ("Community", _community),
    "loan": ("Loan", _loan),
    "states": ("States", _states),
}


def gallery(request: HttpRequest) -> HttpResponse:
    """Everything on one page."""
    _only_for_builders(request)
    context: dict[str, Any] = {"pages": [(key, title) for key, (title, _make) in PAGES.items()]}
    return render(request, "gallery/index.html", context)


def page(request: HttpRequest, page: str) -> HttpResponse:
    """One page of the design, made with the frame's pieces."""
    _only_for_builders(request)
    if page not in PAGES:
        raise Http404
    return render(request, f"gallery/{page}.html", PAGES[page][1]())


def _only_for_builders(request: HttpRequest) -> None:
    if not (settings.DEBUG or request.user.is_staff):
        raise Http404

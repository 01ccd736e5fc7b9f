"""The pieces of a page. `README.md` beside the frame lists them; `/design/` shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Textarea
from django.http import QueryDict
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _

from jump.web import formats
from jump.web.forms import DayWidget, MoneyWidget
from jump.web.icons import icon as icon_svg

register = template.Library()

ALERT_ICONS = {"bad": "warning", "warn": "clock", "blue": "decision", "good": "check", "": "paper"}
EMPTY = mark_safe("")

# Filters --------------------------------------------------------------------------------------------

register.filter("number", formats.number)
register.filter("amount", formats.amount)
register.filter("quantity", formats.quantity)
register.filter("money_round", formats.money_round)
register.filter("share", formats.share)
register.filter("share_of", formats.share_of)
register.filter("span", formats.span)
register.filter("day", formats.day)
register.filter("day_short", formats.day_short)
register.filter("day_month", formats.day_month)
register.filter("day_week", formats.day_week)
register.filter("month", formats.month)
register.filter("moment", formats.moment)
register.filter("clock_time", formats.clock_time)
register.filter("chance", formats.chance)


@register.filter
def money(value: Any, currency: str = "") -> str:
    """`{{ a_money|money }}` or `{{ minor|money:"PHP" }}`; Any since template values have no types."""
    return formats.money(value, currency)


@register.filter
def missing(value: Any) -> Any:
    """A dash where there is nothing to show; zero is shown."""
    return formats.MISSING if value is None or value == "" else value


# Small pieces ---------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    return icon_svg(name, size)


@register.simple_tag
def tag(text: Any, kind: str | None = "") -> SafeString:
    """A state: word and shape carry the meaning, colour helps."""
    return format_html('<span class="tag{}">{}</span>', f" {kind}" if kind else "", text)


@register.simple_tag
def bar(first: Any, total: Any, second: Any = 0, label: str = "", small: bool = False, cls: str = "") -> SafeString:
    """How much of the total there is; widths are attributes, since the content policy ignores styles."""
    one = _per_cent(first, total)
    two = min(_per_cent(second, total), 100 - one)
    classes = " ".join(filter(None, ("bar", "s" if small else "", cls)))
    picture = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html(
        '<svg class="{}"{} focusable="false" width="100%" height="{}">'
        '<rect width="{}%" height="100%" fill="#0b5d57"/>{}</svg>',
        classes,
        picture,
        8 if small else 14,
        f"{one:g}",
        format_html('<rect x="{}%" width="{}%" height="100%" fill="#f2a900"/>', f"{one:g}", f"{two:g}") if two else "",
    )


@register.simple_tag
def of_bar(value: Any, total: Any, text: str) -> SafeString:
    """A small bar with its words beside it."""
    return format_html(
        '<span class="of-bar">{}<span class="nowrap">{}</span></span>', bar(value, total, small=True), text
    )


@register.simple_tag
def key(text: str, colour: str = "brand", round: bool = False) -> SafeString:
    """One entry of a chart's key; put them in `<div class="key">`."""
    return format_html('<span><i class="k-{}{}"></i>{}</span>', colour, " round" if round else "", text)


@register.simple_tag
def fact(label: str, figure: Any, small: Any = "", url: str = "") -> SafeString:
    """A figure with what it is compared with; with `url` it leads to what it rests on."""
    if isinstance(figure, str) and not isinstance(figure, SafeString):
        figure = figure.replace(formats.HARD_SPACE, " ")  # On a phone the code may stand above its amount.
    shown = format_html('<a href="{}">{}</a>', url, figure) if url else figure
    return format_html(
        "<div><dt>{}</dt><dd>{}{}</dd></div>",
        label,
        shown,
        format_html("<small>{}</small>", small) if small else "",
    )


@register.simple_tag
def button(text: str, url: str, icon: str = "", quiet: bool = False, cls: str = "") -> SafeString:
    """A link that looks like a button: goes somewhere, changes nothing."""
    classes = " ".join(filter(None, ("btn", "quiet" if quiet else "", cls)))
    return format_html('<a class="{}" href="{}">{}{}</a>', classes, url, icon_svg(icon) if icon else "", text)


@register.simple_tag
def excel_button(url: str) -> SafeString:
    return button(_("Excel"), url, icon="excel", quiet=True)


@register.simple_tag
def print_button(url: str = "", text: str = "") -> SafeString:
    """Print. With an address it is a document; without, the browser prints (where no script runs it is not shown)."""
    if url:
        return button(text or _("Print"), url, icon="print", quiet=True)
    return format_html(
        '<button class="btn quiet" type="button" data-print hidden>{}{}</button>',
        icon_svg("print"),
        text or _("Print"),
    )


@register.simple_tag
def hidden_cell() -> SafeString:
    """A figure about fewer than five people."""
    return format_html(
        '<span class="muted" title="{}">{}</span>',
        _("Fewer than 5 people are in this group, so the figure is not shown."),
        _("hidden"),
    )


@register.simple_tag
def stale(on: date | datetime) -> SafeString:
    """The figure beside it is older than the page."""
    return format_html('<span class="stale">{}</span>', _("as of %(day)s") % {"day": formats.day_short(on)})


@register.simple_tag
def own_words(text: str, lang: str = "") -> SafeString:
    """What a person wrote, in their language and direction, lines kept."""
    return format_html('<p class="words" dir="auto"{}>{}</p>', format_html(' lang="{}"', lang) if lang else "", text)


@register.simple_tag(takes_context=True)
def htmx(context: Context) -> SafeString:
    """htmx 2, with the settings the content policy needs: no styles of its own, nothing evaluated."""
    if "request" in context:
        context["request"].uses_htmx = True  # The policy of this one page lets it connect to us.
    return format_html(
        '<meta name="htmx-config" content="{}"><script src="{}" defer></script>',
        '{"includeIndicatorStyles":false,"allowEval":false,"responseHandling":['
        '{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"[45]..","swap":true,"error":true}]}',
        static("django_htmx/htmx-2.min.js"),
    )


# Pieces with something inside -----------------------------------------------------------------------


@register.simple_block_tag
def card(
    content: str,
    title: str,
    id: str = "",
    tag: str = "",
    kind: str = "",
    link: str = "",
    url: str = "",
    note: str = "",
    hide_title: bool = False,
    cls: str = "",
    level: int = 2,
) -> SafeString:
    """A card: heading, at its right one state, one link or one note, then what it holds."""
    anchor = id or slugify(title) or "card"
    side: str = EMPTY
    if tag:
        side = format_html('<span class="tag{}">{}</span>', f" {kind}" if kind else "", tag)
    elif link:
        side = format_html('<a class="small" href="{}">{}</a>', url, link)
    elif note:
        side = format_html('<span class="note">{}</span>', note)
    heading = format_html(
        '<h{} id="h-{}"{}>{}</h{}>', level, anchor, mark_safe(' class="vh"') if hide_title else "", title, level
    )
    return format_html(
        '<section class="card{}" aria-labelledby="h-{}"{}>{}{}</section>',
        f" {cls}" if cls else "",
        anchor,
        format_html(' id="{}"', anchor) if id else "",
        heading if hide_title else format_html("<header>{}{}</header>", heading, side),
        mark_safe(content),
    )


@register.simple_block_tag
def box(content: str, kind: str = "", title: str = "", role: str = "", cls: str = "") -> SafeString:
    """A notice in one of four kinds."""
    classes = " ".join(filter(None, ("box", kind, cls)))
    return format_html(
        '<div class="{}"{}>{}{}</div>',
        classes,
        format_html(' role="{}"', role) if role else "",
        format_html('<p class="strong">{}</p>', title) if title else "",
        mark_safe(content),
    )


@register.simple_block_tag
def table_region(content: str, label: str) -> SafeString:
    """A table may be wider than the page: this box scrolls, by keyboard too."""
    return format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>',
        label,
        mark_safe(content),
    )


@register.simple_block_tag
def around(content: str, element: str, cls: str) -> SafeString:
    """An element round something that may be empty: then there is no element either."""
    if not content.strip():
        return EMPTY
    return format_html('<{} class="{}">{}</{}>', element, cls, mark_safe(content), element)


@register.simple_block_tag(takes_context=True)
def nav(context: Context, content: str) -> SafeString:
    """The navigation; what stands inside is the key of the current item."""
    current = content.strip()
    return mark_safe(
        render_to_string(
            "components/nav.html",
            {
                "items": context.get("nav_items", ()),
                "current": current,
                "waiting": context.get("tasks_waiting", 0),
            },
        )
    )


# Pieces with a template -----------------------------------------------------------------------------


@register.inclusion_tag("components/alerts.html")
def alerts(items: Iterable[Any]) -> dict[str, Any]:
    """What needs someone: fact as a link, then size, place and date."""
    rows = []
    for item in items:
        kind = _of(item, "kind") or _of(item, "severity") or "blue"
        rows.append(
            {
                "kind": kind,
                "icon": icon_svg(_of(item, "icon") or ALERT_ICONS.get(kind, "paper")),
                "title": _of(item, "title"),
                "url": _of(item, "url"),
                "detail": _of(item, "detail"),
            }
        )
    return {"items": rows}


@register.inclusion_tag("components/path.html")
def path(steps: Sequence[Any]) -> dict[str, Any]:
    """A process as an ordered list, the current step marked for readers too."""
    rows = [
        {"number": position, "state": str(_of(step, "state") or "todo"), "step": step, "url": _of(step, "url")}
        for position, step in enumerate(steps, start=1)
    ]
    return {"steps": rows, "count": min(len(rows), 16)}


@register.inclusion_tag("components/todo.html")
def todo(items: Iterable[Any]) -> dict[str, Any]:
    return {"items": list(items)}


@register.inclusion_tag("components/twin.html")
def twin(head: Sequence[str] | str, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """The same figures as a table; `head` is a list of words, or one text with commas."""
    return {"head": head.split(",") if isinstance(head, str) else list(head), "rows": [list(row) for row in rows]}


@register.inclusion_tag("components/will_happen.html")
def will_happen(rows: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    """What saving will do, before it is done; the last row is the total."""
    listed = list(rows)
    return {"rows": listed[:-1], "total": listed[-1] if listed else None}


@register.simple_tag
def kv(rows: Iterable[tuple[Any, Any]]) -> SafeString:
    return format_html('<dl class="kv">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", list(rows)))


@register.inclusion_tag("components/empty.html")
def empty(title: str, detail: str = "", url: str = "", action: str = "", icon: str = "paper") -> dict[str, Any]:
    """Nothing here yet: what will be here, when it comes, one button."""
    return {"title": title, "detail": detail, "url": url, "action": action, "icon": icon_svg(icon, 44)}


@register.inclusion_tag("components/nothing_found.html")
def nothing_found(query: str, near: str = "", near_url: str = "", clear_url: str = "?") -> dict[str, Any]:
    return {
        "query": query,
        "near": near,
        "near_url": near_url,
        "clear_url": clear_url or "?",
        "icon": icon_svg("search", 44),
    }


@register.inclusion_tag("components/conflict.html")
def conflict(who: str, when: datetime, mine: str = "", theirs: str = "", url: str = "") -> dict[str, Any]:
    return {"who": who, "when": when, "mine": mine, "theirs": theirs, "url": url}


@register.inclusion_tag("components/pages.html", takes_context=True)
def pages(context: Context, page: Page[Any], name: str = "page") -> dict[str, Any]:
    """Links to the other pages of a list; the other filters stay."""
    query: QueryDict = context["request"].GET.copy()

    def address(to: int) -> str:
        query[name] = str(to)
        return f"?{query.urlencode()}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "links": [
            {"text": position, "url": address(position) if isinstance(position, int) else ""} for position in numbers
        ],
        "before": address(page.previous_page_number()) if page.has_previous() else "",
        "after": address(page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("components/crumbs.html")
def crumbs(*parts: Any) -> dict[str, Any]:
    """`{% crumbs label url label url … label %}`: the last is where the reader is."""
    steps = [{"label": parts[i], "url": parts[i + 1]} for i in range(0, len(parts) - 1, 2)]
    return {"steps": steps, "here": parts[-1] if len(parts) % 2 else ""}


# Forms ----------------------------------------------------------------------------------------------


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, cls: str = "", opt: bool = True) -> dict[str, Any]:
    """A whole field: label, hint, error, control, tied together for readers."""
    widget = bound.field.widget
    shape = "plain"
    for known, name in (
        (DayWidget, "day"),
        ((RadioSelect, CheckboxSelectMultiple), "pick"),
        (MoneyWidget, "money"),
        (CheckboxInput, "tick"),
    ):
        if isinstance(widget, known):
            shape = name
            break
    group = bound.auto_id or bound.html_name
    described = " ".join(
        filter(
            None,
            (
                f"{group}_hint" if bound.help_text else "",
                f"{group}_error" if bound.errors else "",
            ),
        )
    )
    # A label stays visible while one types; a placeholder does not, so there is none.
    attrs: dict[str, Any] = {"placeholder": False}
    if isinstance(widget, Textarea) and widget.attrs.get("rows") == "10":
        attrs["rows"] = "4"
    if described:
        attrs["aria-describedby"] = described
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if shape in {"plain", "money"}:
        attrs["class"] = f"in {widget.attrs.get('class', '')}".strip()
    control = "" if shape in {"day", "pick"} else bound.as_widget(attrs=attrs)
    return {
        "field": bound,
        "shape": shape,
        "control": control,
        "described": described,
        "cls": cls,
        "optional": opt and not bound.field.required,
        "group": group,
        "currency": getattr(widget, "currency", ""),
        "day": widget.parts(bound) if isinstance(widget, DayWidget) else None,
    }


@register.inclusion_tag("components/fields.html")
def fields(form: BaseForm, opt: bool = True) -> dict[str, Any]:
    return {"form": form, "opt": opt}


@register.simple_tag
def qr(svg: str) -> SafeString:
    """The square for a code app: the path of the maker's drawing in a frame of our own, without styles or addresses."""
    box = re.search(r'viewBox="([0-9. ]+)"', svg)
    shape = re.search(r' d="([MmHhVvLlZz0-9., -]+)"', svg)
    if box is None or shape is None:
        return EMPTY
    return format_html(
        '<svg class="qr" viewBox="{}" role="img" aria-label="{}"><path d="{}" fill="#000"/></svg>',
        box[1],
        _("Square to scan with the code app"),
        shape[1],
    )


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """Everything to put right, at the top, each under the words of its question, which lead there."""
    listed: list[dict[str, Any]] = [
        {"text": message, "id": "", "label": ""} for message in (form.non_field_errors() if form.is_bound else [])
    ]
    if form.is_bound:
        for bound in form:
            listed += [{"text": message, "id": _first_id(bound), "label": bound.label} for message in bound.errors]
    return {"errors": listed}


def _first_id(bound: BoundField) -> str:
    """The id of the control that a link from the list of errors should reach."""
    if isinstance(bound.field.widget, DayWidget | RadioSelect | CheckboxSelectMultiple):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


# ----------------------------------------------------------------------------------------------------


def _of(item: Any, name: str) -> Any:
    """A value of a mapping or of an object."""
    return item.get(name, "") if hasattr(item, "get") else getattr(item, name, "")


def _per_cent(part: Any, whole: Any) -> float:
    if not part or not whole:
        return 0.0
    return round(max(0.0, min(100.0, float(part) / float(whole) * 100)), 2)

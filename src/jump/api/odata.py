"""An OData 4.0 feed of each form for Excel and Power BI, in the shape of ODK Central's: read-only, scoped, masked.

One service for each form: an entity set `Submissions`, and one for each repeat (`Submissions.member.job`), tied by
`__Submissions-id` and the like. Answers stand under the names of their groups; what is masked for the reader is named
in `__system/masked`, and is null where a masked text would not be of its type.
"""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import quoteattr

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from ninja import Router

from jump.api.common import actor_of
from jump.api.tokens import Token, TokenAsPassword
from jump.base.actors import Actor
from jump.base.refusals import NotFound, Refusal
from jump.core.units import Ref
from jump.engines.evidence import api as evidence

router = Router()
AUTH = [TokenAsPassword(), Token()]
PAGE, PAGE_MAX = 1_000, 5_000
FILTER_MAX = 2_000
JSON = "application/json;odata.metadata=minimal"
EDM = {"integer": "Int64", "decimal": "Decimal", "range": "Decimal", "date": "Date", "datetime": "String"}
GEO = frozenset({"geopoint", "geotrace", "geoshape"})
STATES = {"received": "received", "accepted": "approved", "rejected": "rejected", "sent_back": "hasIssues"}
SYSTEM = (
    ("submissionDate", "DateTimeOffset"),
    ("day", "Date"),
    ("reviewState", "String"),
    ("formVersion", "String"),
    ("submitterName", "String"),
    ("place", "String"),
    ("about", "String"),
    ("source", "String"),
    ("masked", "String"),
)
_UNNAMED = re.compile(r"[^A-Za-z0-9_]")


class QueryUnsupported(Refusal):
    """A part of the query that this feed does not answer."""

    code = "api.odata_unsupported"
    http_status = 422
    message = _("The feed does not understand %(what)s.")
    what_to_do = _(
        "Use $top, $skip, $count, $select and a $filter on __system/submissionDate, __system/day, "
        "__system/reviewState, __system/formVersion or __system/place."
    )


# The service and what it describes ----------------------------------------------------------------------


@router.get("/forms/{form_id}.svc", auth=AUTH, include_in_schema=False)
def get_service(request: HttpRequest, form_id: str) -> HttpResponse:
    """The entity sets of a form."""
    sets = [_set_name(table.path) for table in evidence.export_tables(form_id)]
    value = [{"name": name, "kind": "EntitySet", "url": name} for name in sets]
    return _answer({"@odata.context": f"{_base(request, form_id)}/$metadata", "value": value})


@router.get("/forms/{form_id}.svc/$metadata", auth=AUTH, include_in_schema=False)
def get_metadata(request: HttpRequest, form_id: str) -> HttpResponse:
    """The types of the entity sets (CSDL 4.0)."""
    answer = HttpResponse("".join(_metadata(form_id)), content_type="application/xml")
    answer.headers["OData-Version"] = "4.0"
    return answer


@router.get("/forms/{form_id}.svc/{path:rest}", auth=AUTH, include_in_schema=False)
def get_set(request: HttpRequest, form_id: str, rest: str) -> HttpResponse:
    """An entity set, `Submissions/$count`, one entity `Submissions('sub-…')`, or the repeats below one."""
    actor = actor_of(request)
    tables = {_set_name(table.path): table for table in evidence.export_tables(form_id)}
    asked = _Asked.of(request)
    one = re.fullmatch(r"Submissions\('([^']{1,40})'\)((?:/[A-Za-z0-9_]+)*)", rest)
    if one is not None:
        name = "Submissions" + one[2].replace("/", ".")
        return _entity(request, actor, form_id, Ref(one[1]), _table(tables, name), asked)
    if rest.endswith("/$count"):
        table = _table(tables, rest.removesuffix("/$count"))
        return HttpResponse(str(_count(actor, form_id, table, asked)), content_type="text/plain")
    table = _table(tables, rest)
    return _page(request, actor, form_id, table, asked)


def _table(tables: Mapping[str, evidence.ExportTable], name: str) -> evidence.ExportTable:
    if name not in tables:
        raise NotFound(ref=name)
    return tables[name]


def _base(request: HttpRequest, form_id: str) -> str:
    return request.build_absolute_uri(f"/api/v1/forms/{form_id}.svc")


def _answer(content: Mapping[str, Any]) -> HttpResponse:
    answer = JsonResponse(content, json_dumps_params={"ensure_ascii": False})
    answer.headers["Content-Type"] = JSON
    answer.headers["OData-Version"] = "4.0"
    return answer


def name_of(text: str) -> str:
    """A name as OData allows it.

    >>> name_of("group/size-2"), name_of("2nd")
    ('group_size_2', '_2nd')
    """
    plain = _UNNAMED.sub("_", text)
    return f"_{plain}" if plain[:1].isdigit() else plain


def _set_name(path: str) -> str:
    return ".".join(["Submissions", *(name_of(part) for part in path.split(".") if part)])


def _parent_key(path: str) -> str:
    """The property that ties a row of a repeat to the row above: `__Submissions-id`, `__Submissions-member-id`."""
    above = _set_name(path.rpartition(".")[0])
    return f"__{above.replace('.', '-')}-id"


def _metadata(form_id: str) -> Iterator[str]:
    tables = evidence.export_tables(form_id)
    space = name_of(form_id)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0"><edmx:DataServices>'
    yield f'<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="org.jump.{space}">'
    yield '<ComplexType Name="System">'
    for name, kind in SYSTEM:
        yield f'<Property Name="{name}" Type="Edm.{kind}"/>'
    yield "</ComplexType>"
    for table in tables:
        yield from _entity_type(table, f"org.jump.{space}")
    yield '<EntityContainer Name="Container">'
    for table in tables:
        name = _set_name(table.path)
        yield f"<EntitySet Name={quoteattr(name)} EntityType={quoteattr(f'org.jump.{space}.{_type(table.path)}')}>"
        yield "</EntitySet>"
    yield "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>\n"


def _type(path: str, group: Sequence[str] = ()) -> str:
    return "_".join([_set_name(path).replace(".", "_"), *map(name_of, group)])


def _entity_type(table: evidence.ExportTable, space: str) -> Iterator[str]:
    yield f'<EntityType Name="{_type(table.path)}"><Key><PropertyRef Name="__id"/></Key>'
    yield '<Property Name="__id" Type="Edm.String" Nullable="false"/>'
    if table.path:
        yield f'<Property Name="{_parent_key(table.path)}" Type="Edm.String" Nullable="false"/>'
    else:
        yield f'<Property Name="__system" Type="{space}.System"/>'
    groups: dict[tuple[str, ...], list[str]] = {}
    for column in table.columns:
        kind = "String" if column.type not in EDM and column.type not in GEO else EDM.get(column.type, "GeographyPoint")
        if column.type in ("geotrace", "geoshape"):
            kind = "Geography" + ("LineString" if column.type == "geotrace" else "Polygon")
        scale = ' Scale="variable"' if kind == "Decimal" else ""
        made = f'<Property Name="{name_of(column.name)}" Type="Edm.{kind}"{scale}/>'
        for depth in range(len(column.groups)):
            groups.setdefault(column.groups[: depth + 1], [])
        groups.setdefault(column.groups, []).append(made)
    yield from _properties((), groups, table.path, space)
    yield "</EntityType>"
    for group in [one for one in groups if one]:
        yield f'<ComplexType Name="{_type(table.path, group)}">'
        yield from _properties(group, groups, table.path, space)
        yield "</ComplexType>"


def _properties(
    group: tuple[str, ...], groups: Mapping[tuple[str, ...], list[str]], path: str, space: str
) -> Iterator[str]:
    yield from groups.get(group, ())
    for one in groups:
        if len(one) == len(group) + 1 and one[: len(group)] == group:
            yield f'<Property Name="{name_of(one[-1])}" Type="{space}.{_type(path, one)}"/>'


# What was asked -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """The query options of a request, each checked."""

    top: int | None
    skip: int
    after: str
    is_counted: bool
    select: frozenset[str]
    where: Any
    filter_text: str

    @staticmethod
    def of(request: HttpRequest) -> "_Asked":
        given = {name: str(value) for name, value in request.GET.items() if name.startswith("$")}
        known = {"$top", "$skip", "$count", "$select", "$filter", "$skiptoken", "$format"}
        for name in given:
            if name not in known:
                raise QueryUnsupported(what=name)
        if given.get("$format", "json").split(";")[0] not in ("json", "application/json"):
            raise QueryUnsupported(what=f"$format={given['$format'][:20]}")
        select = frozenset(part.strip().split("/")[0] for part in given.get("$select", "").split(",") if part.strip())
        return _Asked(
            top=_number(given, "$top"),
            skip=_number(given, "$skip") or 0,
            after=given.get("$skiptoken", "")[:40],
            is_counted=given.get("$count", "false") == "true",
            select=frozenset() if "*" in select else select,
            where=filter_of(given.get("$filter", "")),
            filter_text=given.get("$filter", ""),
        )

    def next_link(self, address: str, after: str, left: int | None) -> str:
        said = {"$skiptoken": after, "$filter": self.filter_text, "$select": ",".join(sorted(self.select))}
        if left is not None:
            said["$top"] = str(left)
        if self.is_counted:
            said["$count"] = "true"
        return f"{address}?{urlencode({name: value for name, value in said.items() if value}, safe='$')}"


def _number(given: Mapping[str, str], name: str) -> int | None:
    if name not in given:
        return None
    if not re.fullmatch(r"\d{1,9}", given[name]):
        raise QueryUnsupported(what=f"{name}={given[name][:20]}")
    return int(given[name])


# The filter: comparisons joined by and, or, not ---------------------------------------------------------

_TOKEN = re.compile(r"\s*(\(|\)|'(?:[^']|'')*'|[^\s()']+)")
_SIGNS = frozenset({"eq", "ne", "lt", "le", "gt", "ge"})
_COLUMNS = {
    "submissionDate": "received_at",
    "day": "day",
    "reviewState": "state",
    "formVersion": "version",
    "place": "place",
}


def filter_of(text: str) -> Any:
    """A $filter as a condition that `evidence.feed` takes; None for none. Raises QueryUnsupported.

    >>> filter_of("__system/reviewState eq 'approved' and not (__system/day lt 2004-01-01)")
    ('and', ('state', 'eq', 'accepted'), ('not', ('day', 'lt', datetime.date(2004, 1, 1))))
    """
    if not text.strip():
        return None
    words = _TOKEN.findall(text)
    if len(text) > FILTER_MAX or len(words) > 200 or _TOKEN.sub("", text).strip():
        raise QueryUnsupported(what=f"$filter={text[:60]}")
    words.reverse()
    found = _or(words, 0)
    if words:
        raise QueryUnsupported(what=words[-1][:40])
    return found


def _or(words: list[str], depth: int) -> Any:
    found = _and(words, depth)
    while words and words[-1] == "or":
        words.pop()
        found = ("or", found, _and(words, depth))
    return found


def _and(words: list[str], depth: int) -> Any:
    found = _term(words, depth)
    while words and words[-1] == "and":
        words.pop()
        found = ("and", found, _term(words, depth))
    return found


def _term(words: list[str], depth: int) -> Any:
    if not words or depth > 20:
        raise QueryUnsupported(what="$filter")
    word = words.pop()
    if word == "not":
        return ("not", _term(words, depth + 1))
    if word == "(":
        found = _or(words, depth + 1)
        if not words or words.pop() != ")":
            raise QueryUnsupported(what="(")
        return found
    if len(words) < 2:
        raise QueryUnsupported(what=word[:40])
    sign, value = words.pop(), words.pop()
    name = word.removeprefix("__system/")
    if name == word or name not in _COLUMNS or sign not in _SIGNS:
        raise QueryUnsupported(what=f"{word} {sign}"[:60])
    wanted = _value(name, sign, value)
    return ("not", (_COLUMNS[name], "eq", wanted)) if sign == "ne" else (_COLUMNS[name], sign, wanted)


def _value(name: str, sign: str, text: str) -> Any:
    plain = text[1:-1].replace("''", "'") if text.startswith("'") else text
    found: Any = plain
    try:
        if name == "submissionDate":
            day = parse_date(plain)
            found = (
                parse_datetime(plain) if day is None else datetime.datetime.combine(day, datetime.time(), datetime.UTC)
            )
            found = found.replace(tzinfo=datetime.UTC) if found is not None and found.tzinfo is None else found
        elif name == "day":
            found = parse_date(plain[:10])
    except ValueError:
        found = None
    if name == "reviewState":
        found = next((state for state, said in STATES.items() if said == plain), None)
        if sign not in ("eq", "ne"):
            found = None
    if found is None:
        raise QueryUnsupported(what=f"{name} {sign} {text}"[:60])
    return found


# Rows ---------------------------------------------------------------------------------------------------


def _page(request: HttpRequest, actor: Actor, form_id: str, table: evidence.ExportTable, asked: _Asked) -> HttpResponse:
    """One page of a set, and where to go on. A page of repeats holds those of so many submissions."""
    if not asked.after:
        evidence.note_export(actor, evidence.ExportAsked(form_id), "odata")
    name = _set_name(table.path)
    content: dict[str, Any] = {"@odata.context": f"{_base(request, form_id)}/$metadata#{name}"}
    if asked.is_counted:
        content["@odata.count"] = _count(actor, form_id, table, asked)
    size = min(_wanted(request) or PAGE, PAGE_MAX)
    value, after = _rows(actor, form_id, table, asked, size)
    content["value"] = [_select(one, asked) for one in value]
    left = None if asked.top is None else asked.top - len(value)
    if after and left != 0:
        content["@odata.nextLink"] = asked.next_link(f"{_base(request, form_id)}/{name}", after, left)
    return _answer(content)


def _rows(
    actor: Actor, form_id: str, table: evidence.ExportTable, asked: _Asked, size: int
) -> tuple[list[dict[str, Any]], str]:
    """The rows of a page, and the submission after which the next one begins; empty after the last."""
    is_main = not table.path
    limit = size if asked.top is None or not is_main else min(size, asked.top)
    skip, after = asked.skip, asked.after
    if limit == 0:
        return [], ""
    value: list[dict[str, Any]] = []
    while True:
        page = evidence.feed(actor, form_id, where=asked.where, after=after, skip=skip if is_main else 0, limit=limit)
        for view in page.views:
            entries = list(evidence.export_entries(table, view))
            if not is_main:
                passed = min(skip, len(entries))
                entries, skip = entries[passed:], skip - passed
            value += [_entry(table, view, at, answers) for at, answers in entries]
            after = str(view.ref)
        if page.is_last:
            after = ""
        if value or not after:
            break
    return (value if asked.top is None else value[: asked.top]), after


def _wanted(request: HttpRequest) -> int | None:
    found = re.search(r"odata\.maxpagesize=(\d{1,6})", request.headers.get("Prefer", ""))
    return max(1, int(found[1])) if found else None


def _count(actor: Actor, form_id: str, table: evidence.ExportTable, asked: _Asked) -> int:
    if not table.path:
        return evidence.count_feed(actor, form_id, asked.where)
    total, after, is_last = 0, "", False
    while not is_last:
        page = evidence.feed(actor, form_id, where=asked.where, after=after)
        total += sum(1 for view in page.views for _entry in evidence.export_entries(table, view))
        is_last = page.is_last
        after = str(page.views[-1].ref) if page.views else ""
    return total


def _entity(
    request: HttpRequest, actor: Actor, form_id: str, ref: Ref, table: evidence.ExportTable, asked: _Asked
) -> HttpResponse:
    view = evidence.feed_one(actor, form_id, ref)
    context = f"{_base(request, form_id)}/$metadata#{_set_name(table.path)}"
    found = [_select(_entry(table, view, at, answers), asked) for at, answers in evidence.export_entries(table, view)]
    if not table.path:
        return _answer({"@odata.context": f"{context}/$entity", **found[0]})
    return _answer({"@odata.context": context, "value": found})


def _entry(
    table: evidence.ExportTable, view: evidence.SubmissionView, at: tuple[int, ...], answers: Mapping[str, Any]
) -> dict[str, Any]:
    made: dict[str, Any] = {"__id": f"{view.ref}{''.join(f'.{number}' for number in at)}"}
    if table.path:
        made[_parent_key(table.path)] = f"{view.ref}{''.join(f'.{number}' for number in at[:-1])}"
    else:
        made["__system"] = {
            "submissionDate": view.received_at.isoformat().replace("+00:00", "Z"),
            "day": view.on.isoformat(),
            "reviewState": STATES[view.state.value],
            "formVersion": view.version,
            "submitterName": view.by_name or view.by,
            "place": view.scope,
            "about": view.about,
            "source": view.source,
            "masked": " ".join(sorted(view.masked)) or None,
        }
    for column in table.columns:
        into = made
        for group in column.groups:
            into = into.setdefault(name_of(group), {})
        into[name_of(column.name)] = _typed(column.type, answers.get(column.key))
    for below in table.children:
        if not table.path:
            key = name_of(below)
            made[f"{key}@odata.navigationLink"] = f"Submissions('{view.ref}')/{key}"
    return made


def _typed(kind: str, value: Any) -> Any:
    """An answer as its type in $metadata; null where a masked or unlikely value is none of it."""
    if kind in GEO:
        return evidence.geometry_of(kind, value)
    if isinstance(value, list):
        return " ".join(map(str, value))
    if kind in ("integer", "decimal", "range"):
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        return value if isinstance(value, int | float) else None
    if kind == "date":
        return value if isinstance(value, str) and parse_day(value) else None
    return None if value is None else str(value)


def parse_day(text: str) -> datetime.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _select(entry: dict[str, Any], asked: _Asked) -> dict[str, Any]:
    if not asked.select:
        return entry
    return {name: value for name, value in entry.items() if name == "__id" or name.split("@")[0] in asked.select}

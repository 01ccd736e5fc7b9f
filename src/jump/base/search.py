"""One index over references: scoped, without accents and case, never text of class P3."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from jump.base.actors import ROOT, Actor
from jump.base.models import SearchRow, SearchToken
from jump.base.scopes import node_id
from jump.core.units import Ref

INDEXED_CLASSES = ("P0", "P1", "P2", "F")
TOKEN_LENGTH = 40
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Found:
    """One hit: what it is called and where it hangs."""

    ref: Ref
    kind: str
    title: str
    detail: str
    scope: str


def tokens_of(text: str) -> list[str]:
    """The words of a text, folded: no case, no accents.

    >>> tokens_of("José-María O'Neill, Grupo 3")
    ['jose', 'maria', 'o', 'neill', 'grupo', '3']
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    stripped = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word[:TOKEN_LENGTH] for word in _WORD.findall(stripped)]


def put(ref: Ref, *, title: str, scope: str, data_class: str, detail: str = "", text: str = "") -> None:
    """Index a row, or index it anew. Called by the owner's service in its own transaction."""
    _put([(ref, title, detail, text)], scope=scope, data_class=data_class)


def put_many(titles: Sequence[tuple[Ref, str]], *, scope: str, data_class: str) -> None:
    """Index many rows of one place at once."""
    _put([(ref, title, "", "") for ref, title in titles], scope=scope, data_class=data_class)


def _put(found: Sequence[tuple[Ref, str, str, str]], *, scope: str, data_class: str) -> None:
    assert data_class in INDEXED_CLASSES, f"class {data_class} is never indexed"
    home = node_id(scope)
    rows = SearchRow.objects.bulk_create(
        [
            SearchRow(
                about=ref,
                kind=Ref(ref).kind,
                title=title[:200],
                detail=detail[:200],
                data_class=data_class,
                scope_id=home,
            )
            for ref, title, detail, _text in found
        ],
        update_conflicts=True,
        unique_fields=["about"],
        update_fields=["kind", "title", "detail", "data_class", "scope_id"],
    )
    SearchToken.objects.filter(row__in=[row.pk for row in rows]).delete()
    SearchToken.objects.bulk_create(
        SearchToken(row=row, token=word)
        for row, (ref, title, _detail, text) in zip(rows, found, strict=True)
        for word in dict.fromkeys(tokens_of(f"{title} {text} {Ref(ref).partition('-')[2]}"))
    )


def drop(ref: Ref) -> None:
    """Take a row out of the index."""
    SearchRow.objects.filter(about=ref).delete()


def find(actor: Actor, q: str, *, kinds: tuple[str, ...] = (), limit: int = 30) -> list[Found]:
    """Rows whose words begin with every word asked for, as far as the actor may see them. One query."""
    words = tokens_of(q)[:6]
    if not words:
        return []
    allowed = Q(pk__in=[])
    for data_class in INDEXED_CLASSES:
        for path in actor.paths_viewing(data_class):
            here = Q(data_class=data_class)
            allowed |= here if path == ROOT else here & Q(scope__path__startswith=path)
    if actor.row_refs:
        allowed |= Q(about__in=actor.row_refs)
    rows = SearchRow.objects.filter(allowed)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    for word in words:
        rows = rows.filter(pk__in=SearchToken.objects.filter(token__startswith=word).values("row_id"))
    fields = rows.order_by("title", "about").values_list("about", "kind", "title", "detail", "scope__path")[:limit]
    return [Found(Ref(about), kind, title, detail, path) for about, kind, title, detail, path in fields]

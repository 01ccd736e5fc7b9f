"""Public references: how people and other engines name a row. Row numbers are never shown.

A reference is ``kind-XXXXXXXX``: three letters for the kind of thing and eight letters or digits of Crockford's
base 32 (no I, L, O, U), forty random bits. Public pages add no other secret, so a reference is no permission.
"""

import base64
import random
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import models

from jump.core.units import Ref

if TYPE_CHECKING:
    TextColumn = models.CharField[Any, Any]
else:
    TextColumn = models.CharField

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
COLUMN_LENGTH = 24

_seeded: ContextVar[random.Random | None] = ContextVar("jump_seeded_refs", default=None)


def new_ref(kind: str) -> Ref:
    """A new reference of this kind: ``new_ref("job")`` gives something like ``job-7K3MPQ2X``."""
    source = _seeded.get()
    pick = secrets.choice if source is None else source.choice
    return Ref(f"{kind}-{''.join(pick(ALPHABET) for _ in range(LENGTH))}")


_BASE32 = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)


def new_refs(kind: str, count: int) -> list[Ref]:
    """Many new references of this kind at once, for imports of a million rows. Two of them may be the same."""
    source = _seeded.get()
    drawn = secrets.token_bytes(5 * count) if source is None else source.randbytes(5 * count)
    codes = base64.b32encode(drawn).decode().translate(_BASE32)
    return [Ref(f"{kind}-{codes[at : at + LENGTH]}") for at in range(0, LENGTH * count, LENGTH)]


@contextmanager
def deterministic_refs(seed: int) -> Iterator[None]:
    """Inside this block references follow from the seed: the example is the same on every machine."""
    token = _seeded.set(random.Random(seed))
    try:
        yield
    finally:
        _seeded.reset(token)


class _NewRef:
    """A default that migrations can write down: the kind is all it holds."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self) -> str:
        return str(new_ref(self.kind))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _NewRef) and other.kind == self.kind

    def __hash__(self) -> int:
        return hash(self.kind)

    def deconstruct(self) -> tuple[str, tuple[str], dict[str, Any]]:
        return "jump.base.refs._NewRef", (self.kind,), {}


class RefField(TextColumn):
    """The reference of this row: unique, given at creation, never changed."""

    def __init__(self, kind: str = "", **kwargs: Any) -> None:
        self.kind = kind
        kwargs.setdefault("max_length", COLUMN_LENGTH)
        kwargs["unique"] = True
        kwargs["editable"] = False
        if kind:
            kwargs["default"] = _NewRef(kind)
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["kind"] = self.kind
        kwargs.pop("unique", None)
        kwargs.pop("editable", None)
        kwargs.pop("default", None)
        return name, path, args, kwargs


class PointerField(TextColumn):
    """A reference to a row of another engine, up or across, where no foreign key may point. Empty means none."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", COLUMN_LENGTH)
        kwargs.setdefault("db_index", True)
        if kwargs.get("blank"):
            kwargs.setdefault("default", "")
        super().__init__(**kwargs)


def pointed_at(
    ref: Ref, *, besides: Collection[str] = (), cause: str = "", of_cause: Collection[str] = ()
) -> list[str]:
    """The tables in which some row names this reference: "jobs.JobSpell". What hangs on a thing, in any engine.

    A row names it in a `PointerField`, or by a foreign key that protects it. Left out are the tables named in `besides`
    and, with a `cause`, rows that name the cause too: they are its own. Of these, those in `of_cause` count all the
    same. One small statement per table: for the rare case in which something is taken back.
    """
    from django.apps import apps

    found = []
    for model in apps.get_models():
        fields = model._meta.concrete_fields
        columns = [field.name for field in fields if isinstance(field, PointerField)]
        keys = [f"{field.name}__ref" for field in fields if _protects(field, ref.kind)]
        if not columns + keys or model._meta.label in {*NOT_HANGING, *besides}:
            continue
        rows = model._default_manager.filter(_any_of(columns + keys, ref))
        if cause:
            own = _any_of(columns, cause) if columns else models.Q(pk__in=[])
            if any(field.name == "submission" for field in fields):
                own |= models.Q(submission__ref=cause)
            has_ref = any(isinstance(field, RefField) for field in fields)
            own |= models.Q(ref=cause) if has_ref else models.Q(pk__in=[])
            rows = rows.filter(~own | models.Q(ref__in=list(of_cause)) if has_ref and of_cause else ~own)
        if rows.exists():
            found.append(model._meta.label)
    return found


def _protects(field: Any, kind: str) -> bool:
    """Whether a column is a foreign key to rows of this kind of reference, and their deletion is refused for it."""
    if not isinstance(field, models.ForeignKey) or field.remote_field.on_delete is not models.PROTECT:
        return False
    columns = field.related_model._meta.concrete_fields
    return any(isinstance(column, RefField) and column.kind == kind for column in columns)


NOT_HANGING = frozenset(
    {"base.AuditEvent", "base.SearchRow", "base.PersonKey", "base.Notice", "base.OutboxFailure", "base.RowGrant"}
)


def _any_of(columns: Iterable[str], ref: str) -> models.Q:
    return reduce(or_, [models.Q(**{column: ref}) for column in columns])

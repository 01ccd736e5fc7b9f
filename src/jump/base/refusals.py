"""Expected refusals: a stable code, the facts, one sentence of what happened and one of what to do.

A refusal becomes a page (``web``), a problem document after RFC 9457 (``api``) or a line (``cli``), in one place each.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, TypeAlias

from django.utils.dateformat import format as date_words
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jump.core.money import CURRENCY_EXPONENTS

Sentence: TypeAlias = str | Promise
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Refusal(Exception):
    """Something that JUMP will not do, said by name. Subclasses set the class attributes; facts fill the sentences."""

    code: ClassVar[str] = "base.refused"
    http_status: ClassVar[int] = 409
    message: ClassVar[Sentence] = _("This cannot be done.")
    what_to_do: ClassVar[Sentence] = ""

    def __init__(self, **facts: Any) -> None:
        self.facts: dict[str, Any] = facts
        super().__init__(f"{self.code} {facts}")

    def sentence(self) -> str:
        """What happened, in the reader's language."""
        return _fill(self.message, self.facts)

    def advice(self) -> str:
        """What to do now, in the reader's language; may be empty."""
        return _fill(self.what_to_do, self.facts)

    def errors(self) -> Mapping[str, Sequence[str]]:
        """Errors by field, where the refusal is about fields."""
        found = self.facts.get("errors")
        return found if isinstance(found, Mapping) else {}

    def as_problem(self) -> dict[str, Any]:
        """The problem document (RFC 9457) of this refusal: ``code`` is stable, sentences may change."""
        return {
            "type": f"urn:jump:{self.code}",
            "title": self.sentence(),
            "status": self.http_status,
            "detail": self.advice(),
            "code": self.code,
            "facts": {name: _plain(value) for name, value in self.facts.items()},
        }


def _fill(sentence: Sentence, facts: Mapping[str, Any]) -> str:
    text = str(sentence)
    try:
        return text % _in_words(facts) if "%(" in text else text
    except (KeyError, TypeError, ValueError):
        return text


def _in_words(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as a reader reads them: minor units of a named currency as an amount, days in words of the language."""
    words = dict(facts)
    currency = str(facts.get("currency") or facts.get("unit") or "")
    places = CURRENCY_EXPONENTS.get(currency)
    for name, value in facts.items():
        if name.endswith("_minor") and isinstance(value, int) and places is not None:
            words[name] = number_format(Decimal(value).scaleb(-places), places, force_grouping=True)
        elif isinstance(value, date):
            words[name] = date_words(value, "j F Y")
        elif isinstance(value, str) and _DAY.fullmatch(value):
            words[name] = date_words(date.fromisoformat(value), "j F Y")
    return words


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return str(value)


class NotAllowed(Refusal):
    """The actor lacks a right at this place."""

    code = "base.not_allowed"
    http_status = 403
    message = _("Your role does not allow this here.")
    what_to_do = _("Ask the coordinator of this place to do it, or to give you the right.")


class NotFound(Refusal):
    """No such row, or none that this actor may see: the two are not told apart."""

    code = "base.not_found"
    http_status = 404
    message = _("There is nothing with the number %(ref)s that you can see.")
    what_to_do = _("Check the number, or ask who sent you the link.")


class BadInput(Refusal):
    """Fields that cannot be taken as they are. ``errors`` maps a field to its sentences."""

    code = "base.bad_input"
    http_status = 422
    message = _("Some answers need a second look.")
    what_to_do = _("Correct the marked fields and send again. What you typed is kept.")

    def __init__(self, errors: Mapping[str, Sequence[str]], **facts: Any) -> None:
        super().__init__(errors=dict(errors), **facts)


class KeyReused(Refusal):
    """The same idempotency key came with other content."""

    code = "base.key_reused"
    message = _("This number was already used for something else.")
    what_to_do = _("Nothing was saved twice. Reload the page and send again.")

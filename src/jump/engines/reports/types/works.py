"""What crosses the door about works: curricula's materials, guidelines and tools in their editions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import KeyReused, Refusal
from jump.core.units import Ref


class WorkState(StrEnum):
    """An edition is asked for, written, tested with people, published, and one day withdrawn."""

    ASKED = "asked"
    DRAFT = "draft"
    TESTED = "tested"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class WorkEditionView:
    """One edition of a work with where it comes from, why, how it was tested, and where to get it."""

    ref: Ref
    work_ref: Ref
    number: int
    language: str
    scope: str
    place: str
    parent_ref: Ref | None
    parent_number: int | None
    change: str
    because: tuple[Ref, ...]
    authors: tuple[Ref, ...]
    state: WorkState
    begun_on: date
    due_on: date | None
    file_ref: Ref | None
    address: str
    licence: str
    cost_minor: int | None
    currency: str
    tested_on: date | None
    test_result: str
    test_ref: Ref | None
    published_on: date | None


@dataclass(frozen=True, slots=True)
class WorkView:
    """A work with its editions, first ones first."""

    ref: Ref
    kind: str
    title: str
    curriculum: str
    scope: str
    editions: tuple[WorkEditionView, ...]

    @property
    def published(self) -> tuple[WorkEditionView, ...]:
        return tuple(one for one in self.editions if one.state is WorkState.PUBLISHED)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.language for one in self.published))


@dataclass(frozen=True, slots=True)
class TranslationStatus:
    """How a work stands in one language: its latest edition, and whether the original has moved on since."""

    language: str
    edition: WorkEditionView | None
    is_behind: bool

    @property
    def state(self) -> str:
        return self.edition.state.value if self.edition is not None else "missing"


class WorkKeyReused(KeyReused):
    code = "reports.key_reused"


class ChangeUnsaid(Refusal):
    """An edition that comes from another one says what it changed and why."""

    code = "reports.change_unsaid"
    http_status = 422
    message = _("Say what this edition changes against edition %(parent)s, and why.")
    what_to_do = _("One or two sentences are enough: they stay with the edition.")


class ParentMissing(Refusal):
    """The second edition of a work comes from one of those before it."""

    code = "reports.parent_missing"
    http_status = 422
    message = _("This work has editions already, so a new one comes from one of them.")
    what_to_do = _("Choose the edition that was translated, adapted or revised.")


class NotTested(Refusal):
    """Material is tried with people before everybody gets it."""

    code = "reports.not_tested"
    http_status = 422
    message = _("Edition %(number)s was not tested yet.")
    what_to_do = _("Try it with people, write down how it went, then publish it.")


class NothingToPublish(Refusal):
    code = "reports.nothing_to_publish"
    http_status = 422
    message = _("Edition %(number)s has neither a file nor an address.")
    what_to_do = _("Add the file, or the address where it is found.")


class EditionFixed(Refusal):
    """A published or withdrawn edition stays as it is."""

    code = "reports.edition_fixed"
    message = _("Edition %(number)s is %(state)s and stays as it is.")
    what_to_do = _("Make the next edition from it.")

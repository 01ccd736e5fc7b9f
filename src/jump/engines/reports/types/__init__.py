"""What crosses the door of reports: the blocks a document is made of, editions, lessons, distribution.

A document is a list of blocks. Composers make them, three renderers show them (web page, PDF, Word), and an edition
keeps them, so that what was published can be rendered again, word for word, in any of the three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from jump.base.refusals import Refusal
from jump.core.units import Ref

# --- blocks ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2
    block: str = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or several. `refs` are the figures it tells, for the walk back."""

    text: str
    refs: tuple[str, ...] = ()
    block: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader must not miss: a late input, a figure that two sources state differently."""

    text: str
    kind: str = "warn"
    block: str = "note"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its label, what it is compared with, and where it comes from."""

    label: str
    text: str
    compared: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    items: tuple[Figure, ...]
    block: str = "facts"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what stands in it, and the figure it comes from where it has one."""

    text: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first column names the row. `numeric` are the positions of columns of figures."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    total: bool = False
    empty: str = ""
    block: str = "table"


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[str, ...]
    block: str = "listing"


Block = Heading | Paragraph | Note | Facts | Table | Listing


def to_data(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Blocks as plain data for the row of an edition."""
    return [asdict(block) for block in blocks]


def from_data(data: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    """Blocks from the row of an edition."""
    return tuple(_block(one) for one in data)


def _block(data: Mapping[str, Any]) -> Block:
    kind = data["block"]
    if kind == "heading":
        return Heading(data["text"], data["level"])
    if kind == "paragraph":
        return Paragraph(data["text"], tuple(data["refs"]))
    if kind == "note":
        return Note(data["text"], data["kind"])
    if kind == "facts":
        return Facts(tuple(Figure(**one) for one in data["items"]))
    if kind == "listing":
        return Listing(tuple(data["items"]))
    rows = tuple(tuple(Cell(**cell) for cell in row) for row in data["rows"])
    return Table(
        data["title"], tuple(data["head"]), rows, tuple(data["numeric"]), bool(data["total"]), data.get("empty", "")
    )


# --- editions --------------------------------------------------------------------------------------------


class Format(StrEnum):
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"


class EditionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


MIME: Mapping[Format, str] = {
    Format.HTML: "text/html; charset=utf-8",
    Format.PDF: "application/pdf",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class EditionView:
    """One edition of a report: its blocks never change; a correction is the next edition."""

    ref: Ref
    template: str
    title: str
    period: str
    scope: str
    place: str
    number: int
    language: str
    state: EditionState
    made_at: datetime
    made_by: str
    as_of: date
    published_on: date | None
    published_by: str
    check_code: str
    figure_set_ref: Ref | None
    missing_inputs: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    sources: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished document: a name for the file (without its ending), its title and its bytes."""

    name: str
    title: str
    format: Format
    content: bytes
    edition_ref: Ref

    @property
    def mime(self) -> str:
        return MIME[self.format]


@dataclass(frozen=True, slots=True)
class DistributionView:
    """Who got which edition, how, and when it was read."""

    ref: Ref
    edition_ref: Ref
    to_ref: Ref | None
    to_name: str
    how: str
    on: date
    read_on: date | None


# --- lessons ---------------------------------------------------------------------------------------------


class LessonState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class LessonView:
    """What was learned, in which setting, from which record, and where it was used. Without proof it stays a draft."""

    ref: Ref
    title: str
    text: str
    context: str
    scope: str
    place: str
    about: str
    proof_ref: Ref | None
    state: LessonState
    on: date
    by: str
    used_in: str


# --- refusals --------------------------------------------------------------------------------------------


class PdfUnavailable(Refusal):
    """The system libraries that make PDFs are not on this machine. Web page and Word still work."""

    code = "reports.pdf_unavailable"
    http_status = 501
    message = _("This server cannot make PDF files: %(missing)s is missing.")
    what_to_do = _("Install the Debian packages %(packages)s, or take the web page or the Word file.")


class PeriodUnknown(Refusal):
    """Not a half-year of the programme."""

    code = "reports.period_unknown"
    http_status = 422
    message = _("%(period)s is not a half-year of this programme.")
    what_to_do = _("Write the year and 1 or 2, such as %(example)s.")


class PeriodNotOver(Refusal):
    """A report tells what was; the period must have begun."""

    code = "reports.period_not_begun"
    http_status = 422
    message = _("The period %(period)s has not begun.")
    what_to_do = _("Choose a period that began before %(today)s.")


class ProofMissing(Refusal):
    """A lesson without evidence stays a draft (EVAL-10)."""

    code = "reports.proof_missing"
    http_status = 422
    message = _("This lesson names no record that proves it, so it stays a draft.")
    what_to_do = _("Add the number of the visit, session or figure that it rests on.")


class NotPublished(Refusal):
    """Only a published edition is sent out."""

    code = "reports.not_published"
    message = _("The edition %(ref)s is a draft. Only published editions are sent out.")
    what_to_do = _("Publish it first.")

"""What crosses the door of evidence.

**How answers look.** `answers` is a mapping from question name to value. A *group* is a page, not a thing: its
questions stand in `answers` beside the others (where one name occurs in two groups, the key of the second is
`group/name`). A *repeat* is a list of such mappings under the repeat's name. A path with a place in it counts from 0:
`members.0.given_name`. A calculated number is an int where it is whole, else a Decimal.

| question type | in `answers` |
| --- | --- |
| text, barcode, select_one, calculate (of text), geopoint and shapes, acknowledge | text |
| integer, range of whole numbers | int |
| decimal | Decimal in views, text in stored rows and in the facts of effects |
| select_multiple, rank | list of codes |
| date, time, dateTime | ISO text |
| image, audio, video, file | the name of the attachment |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from jump.core.units import Ref


class SubmissionState(StrEnum):
    DRAFT = "draft"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"


class CorrectionState(StrEnum):
    """What became of other answers to an accepted form; replaced: a later correction came before anybody looked."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"
    REPLACED = "replaced"


class ReviewPolicy(StrEnum):
    """Who has to look before a submission counts: nobody, everybody's, a drawn part, or two people."""

    NONE = "none"
    ALL = "all"
    SAMPLE = "sample"
    TWO = "two"


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True, slots=True)
class ChoiceView:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One question, group or repeat of a form, in one language.

    `type` is text, integer, decimal, date, time, datetime, select_one, select_multiple, rank, note, acknowledge,
    geopoint, geotrace, geoshape, range, barcode, image, audio, video, file, calculate, hidden, group or repeat.
    `relevant`, `constraint` and `calculation` are XPath, as in the stored XForm; the server evaluates them.
    """

    path: str
    name: str
    type: str
    label: str
    hint: str = ""
    required: bool = False
    choices: tuple[ChoiceView, ...] = ()
    relevant: str = ""
    constraint: str = ""
    constraint_message: str = ""
    appearance: str = ""
    children: tuple[FieldView, ...] = ()
    data_class: str = "P1"
    default: str = ""
    calculation: str = ""
    required_message: str = ""
    read_only: bool = False
    choice_filter: str = ""
    parameters: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class FormView:
    """A form version. `id` is full (`jump_cer.letter_of_interest`); `settings` is its entry in forms.yaml."""

    id: str
    version: str
    title: str
    languages: tuple[str, ...]
    fields: tuple[FieldView, ...]
    ref: Ref | None = None
    digest: str = ""
    language: str = ""
    public: bool = False
    subject: str = ""
    data_class: str = "P1"
    review: ReviewPolicy = ReviewPolicy.ALL
    about: str = ""
    provenance: str = ""
    source_title: str = ""
    home: str = ""  # the node from which on the form is offered; everywhere where it is empty


@dataclass(frozen=True, slots=True)
class MediaView:
    """A file that a form needs on the device: a picture, a table of choices. `md5` is for OpenRosa's manifest."""

    name: str
    mime: str
    size: int
    sha256: str
    md5: str
    file_ref: Ref


@dataclass(frozen=True, slots=True)
class FieldForm:
    """A form as the field app lists it: its title in every language, the lists that it reads, and the pictures and
    recordings of its questions."""

    id: str
    version: str
    title: Mapping[str, str]
    about: str
    subject: str
    lists: tuple[str, ...] = ()
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentState:
    """What became of one form that a phone sent: `comments` by question where a reviewer asks for something."""

    instance_id: str
    ref: Ref
    state: SubmissionState
    at: datetime | None = None
    by: str = ""
    why: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    conflicts: tuple[ConflictView, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldError:
    """One answer that cannot be taken: where, why, and what to do. `code` is stable."""

    path: str
    message: str
    what_to_do: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Answers after the form has been applied to them: put in order, calculated, with what is wrong and what is odd."""

    answers: Mapping[str, object]
    errors: tuple[FieldError, ...]
    flags: tuple[FieldError, ...]
    relevant: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AttachmentView:
    ref: Ref
    path: str
    name: str
    mime: str
    size: int
    sha256: str
    file_ref: Ref


@dataclass(frozen=True, slots=True)
class ReviewView:
    by: str
    verdict: str
    why: str
    comments: Mapping[str, str]
    at: datetime
    by_key: str = ""


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """A filled form. Answers this reader may not see are "•••"; `masked` names their paths."""

    ref: Ref
    form: str
    version: str
    about: Ref | None
    scope: str
    on: date
    received_at: datetime
    by: str
    state: SubmissionState
    answers: Mapping[str, object]
    attachments: tuple[AttachmentView, ...] = ()
    flags: tuple[FieldError, ...] = ()
    title: str = ""
    by_name: str = ""
    source: str = ""
    reviews: tuple[ReviewView, ...] = ()
    masked: frozenset[str] = frozenset()
    is_due_for_review: bool = False
    by_key: str = ""


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """What became of one of many that were reviewed at once: its state now, or the refusal's code and sentence."""

    ref: Ref
    state: SubmissionState | None
    code: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A form, or a correction of one, that waits for a look; `flags` counts its odd answers."""

    ref: Ref
    form: str
    title: str
    about: Ref | None
    scope: str
    place: str
    on: date
    since: datetime
    by: str
    source: str
    flags: int
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class DeskFilters:
    """What a desk can be narrowed to: (code, words, how many wait) of each; `total` as it is narrowed."""

    forms: tuple[tuple[str, str, int], ...]
    places: tuple[tuple[str, str, int], ...]
    senders: tuple[tuple[str, str, int], ...]
    total: int


@dataclass(frozen=True, slots=True)
class BecomesLine:
    """One thing that a form would cause, or has caused: `what` is made, changed, kept, taken_back, left or standing.

    `ref` and `title` say what it is, as far as the reader may know; `refused` why it cannot be.
    """

    effect: str
    what: str
    ref: str = ""
    title: str = ""
    kind: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Becomes:
    """What a form would become if it were accepted now; nothing of it was kept."""

    lines: tuple[BecomesLine, ...]
    facts: tuple[tuple[str, Decimal, date], ...]
    register_line: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class RevisionView:
    """What a submission said at one time: revision 1 came first. `state` of a correction says what became of it."""

    number: int
    on: date
    at: datetime
    by: str
    answers: Mapping[str, object]
    state: str = ""
    masked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FieldComment:
    """What a reviewer asks the sender of one form: by question ("" for the form as a whole), and who asked when."""

    ref: Ref
    key: str
    form: str
    comments: Mapping[str, str]
    by: str
    at: datetime
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """A filled form in a list of what came in last, without its answers."""

    ref: Ref
    title: str
    on: date
    by: str
    state: SubmissionState
    scope: str


@dataclass(frozen=True, slots=True)
class EntityView:
    """One line of a register: its current values, and the submission that gave them."""

    ref: Ref
    register: str
    label: str
    values: Mapping[str, object]
    about: Ref | None
    on: date
    submission_ref: Ref
    key: str = ""
    scope: str = ""
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class EntityVersionView:
    submission_ref: Ref
    on: date
    values: Mapping[str, object]


class SectionState(StrEnum):
    EMPTY = "empty"
    STARTED = "started"
    COMPLETE = "complete"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class SectionView:
    """A part of a dossier: which form fills it, how many are there, what is missing."""

    key: str
    title: str
    form: str
    mandatory: bool
    min: int
    state: SectionState
    submissions: tuple[Ref, ...]
    filled: int
    needed: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DossierCheckView:
    id: str
    text: str
    met: bool | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class DossierVersionView:
    ref: Ref
    dossier_ref: Ref
    number: int
    frozen_on: date
    digest: str
    numerator: int
    denominator: int
    sections: Mapping[str, object]
    by: str = ""


@dataclass(frozen=True, slots=True)
class SignatureView:
    """A party that signs a dossier; who and when, once they signed the version that holds what is there now."""

    signer: str
    title: str
    role: str
    by: str = ""
    by_key: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class DossierView:
    """Several forms about one subject. Complete = filled mandatory items over mandatory items."""

    ref: Ref
    definition: str
    definition_version: str
    title: str
    about: Ref
    scope: str
    opened_on: date
    sections: tuple[SectionView, ...]
    numerator: int
    denominator: int
    versions: tuple[DossierVersionView, ...]
    signed_by: str
    signed_on: date | None
    checks: tuple[DossierCheckView, ...] = ()
    signatures: tuple[SignatureView, ...] = ()

    @property
    def is_complete(self) -> bool:
        return self.numerator == self.denominator

    @property
    def is_signed(self) -> bool:
        """Signed by everybody who must; where several parties sign, all under what is there now."""
        return self.signed_on is not None


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that differs between two versions of a dossier."""

    path: str
    label: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class CheckView:
    ref: Ref
    target: Ref
    verdict: Verdict
    submission_ref: Ref | None
    on: date
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SampleView:
    ref: Ref
    title: str
    units: tuple[Ref, ...]
    drawn: tuple[Ref, ...]
    probability: str
    weight: str
    seed: int
    on: date


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file sent with a form: the question it answers, its name, and something to read the bytes from."""

    path: str
    name: str
    content: object  # anything with read(); Django's UploadedFile, an open file, or bytes


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """One filled form of many that come in together (`submit_many`): shapes as in `submit`, without files."""

    answers: Mapping[str, object]
    scope: str
    on: date
    key: str
    about: Ref | None = None


class SheetState(StrEnum):
    """How far a spreadsheet has come. What has the form -ing is at work and shows how far it is."""

    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """What is wrong in a spreadsheet, where a person finds it. `column` is the letter, or empty for the whole row."""

    sheet: str
    row: int
    column: str
    heading: str
    message: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class SheetView:
    """A spreadsheet that came in. Counts are rows of the main sheet; `rows_made` are now forms, `rows_waiting` of them
    can still be taken back; `problems` are the first of `problems_count`.
    """

    ref: Ref
    form: str
    version: str
    title: str
    scope: str
    name: str
    on: date
    state: SheetState
    by: str
    by_key: str
    made_at: datetime
    rows_read: int
    rows_good: int
    rows_bad: int
    rows_known: int
    rows_made: int
    rows_undone: int
    rows_waiting: int
    problems: tuple[SheetProblem, ...]
    problems_count: int
    has_marked: bool
    has_file: bool = True
    refused_code: str = ""
    refused_words: str = ""
    why_undone: str = ""

    @property
    def is_at_work(self) -> bool:
        return self.state in (SheetState.CHECKING, SheetState.IMPORTING, SheetState.UNDOING)


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What is wrong or odd in a form: sheet, row and column as the spreadsheet shows them (0 and "" where it is no one
    cell), the cause, and how to mend it.
    """

    sheet: str
    row: int
    column: str
    message: str
    what_to_do: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A question that differs between two versions of a form; `before` and `after` say how."""

    path: str
    label: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class FormChanges:
    """What a version of a form changes against an earlier one.

    `lost` are the questions whose earlier answers the new version no longer asks for or reads otherwise; the answers
    themselves stay under their own version.
    """

    before: str
    after: str
    added: tuple[FieldChange, ...] = ()
    removed: tuple[FieldChange, ...] = ()
    retyped: tuple[FieldChange, ...] = ()
    choices_added: tuple[FieldChange, ...] = ()
    choices_removed: tuple[FieldChange, ...] = ()
    relabelled: tuple[FieldChange, ...] = ()
    rules: tuple[FieldChange, ...] = ()

    @property
    def lost(self) -> tuple[FieldChange, ...]:
        return (*self.removed, *self.retyped, *self.choices_removed)

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.lost or self.choices_added or self.relabelled or self.rules)


@dataclass(frozen=True, slots=True)
class FormVersionView:
    """A version of a form in a list of its versions, newest first."""

    form: str
    version: str
    title: str
    at: datetime
    by: str
    digest: str
    questions: int
    submissions: int
    is_latest: bool
    file_ref: Ref | None = None
    warnings: tuple[FormProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form in a list: its latest version, where it comes from and how often it was filled."""

    id: str
    version: str
    title: str
    home: str
    is_uploaded: bool
    languages: tuple[str, ...]
    questions: int
    versions: int
    submissions: int
    at: datetime


@dataclass(frozen=True, slots=True)
class FormDraftView:
    """An uploaded form before it is published. `missing_tables` stop it; `missing_media` do not."""

    ref: Ref
    form: FormView
    scope: str
    file_name: str
    file_ref: Ref
    by: str
    at: datetime
    questions: int
    warnings: tuple[FormProblem, ...]
    media: tuple[MediaView, ...]
    missing_tables: tuple[str, ...]
    missing_media: tuple[str, ...]
    changes: FormChanges | None
    submissions: int


class HeldReason(StrEnum):
    """Why something that was sent could not be placed."""

    CONFLICT = "conflict"  # the same number with other answers
    FILE_CONFLICT = "file_conflict"  # the same photo's name with another photo
    REVISION = "revision"  # a device takes back what was already accepted, or what is not its own
    FILE = "file"  # a file that is not what it says
    UNKNOWN_FORM = "unknown_form"
    NOT_OFFERED = "not_offered"  # a form of another project
    REVOKED = "revoked"  # a device that was taken out of use
    UNREADABLE = "unreadable"


class HeldState(StrEnum):
    WAITING = "waiting"
    TAKEN = "taken"
    DISMISSED = "dismissed"


class ConflictState(StrEnum):
    """Of edits that crossed: merged where they changed different questions, else a person decides."""

    MERGED = "merged"
    WAITING = "waiting"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """One question that crossing edits changed: what it was, what stood, what came later, and which was chosen.

    `is_hard`: both changed it. `chosen` is "first" or "later" once somebody decided. A path of a repeat whose rows
    are not as many in both stands for all of its rows.
    """

    path: str
    label: str
    base: object
    first: object
    later: object
    is_hard: bool
    chosen: str = ""
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class ConflictView:
    """Two edits of one form, neither knowing of the other: who, when, and the questions. Masked as the form is."""

    ref: Ref
    submission: Ref
    form: str
    version: str
    title: str
    scope: str
    state: ConflictState
    first_by: str
    first_at: datetime
    later_by: str
    later_at: datetime
    lines: tuple[ConflictLine, ...] = ()
    decided_at: datetime | None = None
    decided_by: str = ""
    why: str = ""
    may_decide: bool = False


class Arrival(StrEnum):
    """What became of something sent: new, more of something that was there, the same again, or held for a person."""

    NEW = "new"
    MORE = "more"
    SAME = "same"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a device. `submission` is None while files are still to come, `missing` names them."""

    arrival: Arrival
    instance_id: str
    submission: Ref | None = None
    missing: tuple[str, ...] = ()
    held: Ref | None = None


@dataclass(frozen=True, slots=True)
class SentAttachment:
    """A file that came beside an instance: its name, and something to read the bytes from."""

    name: str
    content: object


@dataclass(frozen=True, slots=True)
class OfferedForm:
    """A version of a form as a device's list of forms tells it; `md5` is of its XForm."""

    id: str
    version: str
    title: str
    description: str
    md5: str


@dataclass(frozen=True, slots=True)
class AppUserView:
    """A device that may send forms of a place. No forms named means all that are offered there."""

    ref: Ref
    name: str
    scope: str
    forms: tuple[str, ...]
    made_at: datetime
    made_by: str
    seen_at: datetime | None
    revoked_at: datetime | None
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class HeldView:
    """Something held for a person's decision. Answers this reader may not see are masked as in a submission."""

    ref: Ref
    reason: HeldReason
    state: HeldState
    why: str
    form: str
    version: str
    title: str
    instance_id: str
    scope: str
    by: str
    at: datetime
    size: int
    files: tuple[str, ...]
    submission: Ref | None = None
    answers: Mapping[str, object] | None = None
    masked: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    decided_at: datetime | None = None
    decided_by: str = ""
    note: str = ""


class ExportFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"
    JSON_LINES = "jsonl"
    GEOJSON = "geojson"


@dataclass(frozen=True, slots=True)
class ExportAsked:
    """Which submissions of a form: at or below a place, with a day from `since` to `until`, in a state. Drafts never.

    With `in_words` headings and choices are labels in the language of the reader, else names and codes.
    """

    form: str
    scope: str = ""
    since: date | None = None
    until: date | None = None
    state: str = ""
    in_words: bool = False


@dataclass(frozen=True, slots=True)
class ExportFile:
    """An export on its way: its bytes come one after the other and are never all in memory."""

    name: str
    mime: str
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One question of an export: under which groups it stands, its name there, its key in `answers`, its type."""

    groups: tuple[str, ...]
    name: str
    key: str
    type: str


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A form outside of its repeats (`path` ""), or one repeat (`member.job`), with the keys of those below it."""

    path: str
    columns: tuple[ExportColumn, ...]
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some submissions in the order in which they came, and whether none comes after them."""

    views: tuple[SubmissionView, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class IncompleteView:
    """A form that came and whose files have not all come; `days` since it came."""

    ref: Ref
    title: str
    scope: str
    by: str
    received_at: datetime
    days: int

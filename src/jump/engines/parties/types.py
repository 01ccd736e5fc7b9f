"""What crosses the door of parties: frozen views and the words that they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from jump.core.duplicates import Agreement, Band, Field, Kind
from jump.core.units import Ref


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    NOT_STATED = "not_stated"


class Basis(StrEnum):
    """Whether somebody said so, or somebody else looked."""

    DECLARED = "declared"
    VERIFIED = "verified"


class Claim(StrEnum):
    """Whether a skill was claimed by its owner or proved (a certificate, a test, work seen)."""

    CLAIMED = "claimed"
    PROVED = "proved"


class StatusCode(StrEnum):
    ACTIVE = "active"
    DORMANT = "dormant"
    CLOSED = "closed"


class PlaceKind(StrEnum):
    REGION = "region"
    COUNTRY = "country"
    COMMUNITY = "community"
    SITE = "site"


class SettlementType(StrEnum):
    URBAN = "urban"
    SEMI_URBAN = "semi_urban"
    RURAL = "rural"
    NOT_STATED = ""

    @property
    def label(self) -> str:
        """In the reader's language; nothing where nobody said."""
        return {"urban": _("Urban"), "semi_urban": _("Semi-urban"), "rural": _("Rural")}.get(self.value, "")


class PartnerClass(StrEnum):
    """The four classes of partner organisation (programme document 2.7); the sub-type is the organisation's kind."""

    LOCAL_FACILITATOR = "local_facilitator"
    GOVERNMENT_AGENCY = "government_agency"
    NATIONAL_APEX = "national_apex"
    INTERNATIONAL_BODY = "international_body"
    NONE = ""


# Kinds of flag that identify a vulnerable person (data class P3). Everybody else's flags are P2.
SENSITIVE_FLAGS = frozenset({"tribal_identity", "refugee", "disability", "child_at_work", "health"})

# Consent purposes: "records" is to be kept in the books at all, "sensitive" is for P3 flags, "sharing" is that partners
# of other programmes may learn that they know the same person.
CONSENT_RECORDS = "records"
CONSENT_SENSITIVE = "sensitive"
CONSENT_SHARING = "sharing"

# What records of people are compared by. How often members of a household share it: see jump.core.duplicates.
PERSON_FIELDS = (
    Field("given", Kind.GIVEN),
    Field("family", Kind.FAMILY),
    Field("sex", Kind.CODE, household_share=0.5),
    Field("born", Kind.DATE),
    Field("place", Kind.CODE),
    Field("phone", Kind.NUMBER),
)


class DoubleState(StrEnum):
    """What became of two records that may be one person."""

    WAITING = "waiting"
    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class FlagView:
    """One dated thing said about a person, and whether somebody checked it."""

    ref: Ref
    code: str
    basis: Basis
    data_class: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A person (or, in a union, an organisation) in a group, between two dates."""

    ref: Ref
    group_ref: Ref
    group_name: str
    member_ref: Ref
    role: str
    starts_on: date
    ends_on: date | None
    proof_ref: Ref | None


@dataclass(frozen=True, slots=True)
class Member:
    person_ref: Ref
    role: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be registered, as somebody wrote them down. Each needs at least one consent."""

    given_name: str
    family_name: str
    sex: Sex
    born_on: date | None = None
    birth_year: int | None = None
    phone: str = ""
    place_ref: Ref | None = None
    flags: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    as_role: str = ""
    key: str = ""
    proof_ref: Ref | None = None  # the form in which they agreed


@dataclass(frozen=True, slots=True)
class PersonView:
    """What this reader may know of a person. `is_masked`: name and birth are not for them."""

    ref: Ref
    name: str
    sex: Sex
    born_on: date | None
    birth_year: int | None
    place_ref: Ref | None
    place_name: str
    scope: str
    flags: tuple[FlagView, ...]
    groups: tuple[MembershipView, ...]
    same_as: Ref | None
    phone: str = ""
    languages: tuple[str, ...] = ()
    registered_on: date | None = None
    is_masked: bool = False
    is_forgotten: bool = False


@dataclass(frozen=True, slots=True)
class GroupView:
    ref: Ref
    name: str
    kind: str
    legal_form: str
    scope: str
    place_ref: Ref | None
    place_name: str
    status: StatusCode
    members_count: int
    women_count: int
    degree: int = 1
    founded_on: date | None = None
    same_as: Ref | None = None


@dataclass(frozen=True, slots=True)
class OrganisationView:
    ref: Ref
    name: str
    kind: str
    partner_class: PartnerClass
    scope: str
    status: StatusCode
    since: date
    same_as: Ref | None = None


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place of the programme. `attributes` are the latest known on or before the date asked."""

    ref: Ref
    name: str
    kind: PlaceKind
    code: str
    country: str
    scope: str
    parent_ref: Ref | None
    attributes: Mapping[str, object]
    settlement_type: SettlementType = SettlementType.NOT_STATED
    population: int | None = None
    unemployment_rate: Decimal | None = None
    ours: bool = False
    since: date | None = None
    programme_ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class PhaseView:
    id: str
    title: str
    starts_on: date
    ends_on: date
    months: int


@dataclass(frozen=True, slots=True)
class Pledge:
    """Who promised how much: donor or national counterpart."""

    name: str
    kind: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    ref: Ref
    title: str
    number: str
    scope: str
    starts_on: date
    phases: tuple[PhaseView, ...]
    countries: tuple[PlaceView, ...]
    communities: tuple[PlaceView, ...]
    jobs_target: int
    definition: str
    executing: str = ""
    cooperating: tuple[str, ...] = ()
    pledges: tuple[Pledge, ...] = ()
    coverage: str = ""
    tools: tuple[str, ...] = ()
    definition_version: str = ""


@dataclass(frozen=True, slots=True)
class ProgrammeBrief:
    """A programme in a few words: its countries by node with their names, its communities counted by country."""

    ref: Ref
    title: str
    scope: str
    definition: str
    starts_on: date
    countries: Mapping[str, str]
    communities: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ProjectView:
    ref: Ref
    title: str
    scope: str
    place_ref: Ref
    tools: tuple[str, ...]
    implementer_ref: Ref
    implementer_is_local: bool
    why_not_local: str
    starts_on: date
    activity_group: str = ""
    focus_area: str = ""


@dataclass(frozen=True, slots=True)
class RelationView:
    ref: Ref
    kind: str
    from_ref: Ref
    to_ref: Ref
    starts_on: date
    ends_on: date | None
    proof_ref: Ref | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EngagementView:
    ref: Ref
    party_ref: Ref
    scope: str
    role: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class StatusView:
    ref: Ref
    party_ref: Ref
    code: StatusCode
    on: date
    proof_ref: Ref | None


@dataclass(frozen=True, slots=True)
class QualificationView:
    ref: Ref
    party_ref: Ref
    kind: str
    code: str
    level: str
    claim: Claim
    on: date
    expires_on: date | None
    proof_ref: Ref | None


@dataclass(frozen=True, slots=True)
class CertificateCheck:
    """What anybody may learn of a certificate by its number: no name, but whether a typed name is the holder's.

    `matches` is None where no name was asked about.
    """

    ref: Ref
    code: str
    on: date
    expires_on: date | None
    is_valid: bool
    proof_ref: Ref | None
    matches: bool | None


@dataclass(frozen=True, slots=True)
class ConsentView:
    ref: Ref
    person_ref: Ref
    purpose: str
    given_on: date
    withdrawn_on: date | None
    how: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    ref: Ref
    to_ref: Ref
    template: str
    on: date
    facts: Mapping[str, object]
    about_ref: Ref | None


@dataclass(frozen=True, slots=True)
class CaseloadView:
    """How many communities and groups a worker looks after on a day, against the limit in force."""

    worker_ref: Ref
    name: str
    assigned: int
    limit: int | None
    assignments: tuple[RelationView, ...] = ()


@dataclass(frozen=True, slots=True)
class HeadCount:
    """People reached at and under a place, each once."""

    total: int
    women: int
    men: int
    other: int
    not_stated: int


@dataclass(frozen=True, slots=True)
class ScopeCount:
    """One line of the roll-up: rows recorded at the node itself, and distinct people at and under it."""

    scope: str
    title: str
    own: int
    distinct: int
    children: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A record that may be the person asked for, with what speaks for and against it."""

    person: PersonView
    probability: float
    band: Band
    why: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Records that may be the person asked for, the most probable first; and how many the reader may not see."""

    seen: tuple[LookAlike, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class DoubleView:
    """Two records that may be one person, and what was decided."""

    ref: Ref
    one: PersonView
    other: PersonView
    probability: float
    band: Band
    why: tuple[Agreement, ...]
    found_at: datetime
    state: DoubleState
    decided_at: datetime | None
    decided_by: str
    why_decided: str


@dataclass(frozen=True, slots=True)
class DoublesSearchView:
    """A search for doubles: asked, and when it is done what it looked at and found."""

    scope: str
    asked_at: datetime
    finished_at: datetime | None
    people: int
    compared: int
    sure: int
    to_ask: int

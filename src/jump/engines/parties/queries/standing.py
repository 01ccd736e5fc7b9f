"""What is said about a party from a day on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from jump.base.actors import Actor, system_actor
from jump.base.refusals import NotFound
from jump.core.units import Ref
from jump.engines.parties.models import (
    Consent,
    Engagement,
    Notice,
    Person,
    Qualification,
    Relation,
    Status,
    on_day,
)
from jump.engines.parties.queries.groups import statuses_on
from jump.engines.parties.queries.people import names
from jump.engines.parties.types import (
    CaseloadView,
    CertificateCheck,
    Claim,
    ConsentView,
    EngagementView,
    NoticeView,
    QualificationView,
    RelationView,
    StatusCode,
    StatusView,
)


def relations(
    actor: Actor, *, of: Ref | None = None, kind: str = "", scope: str = "", as_of: date | None = None
) -> list[RelationView]:
    """Links from or to a party, or under a node; on a day, or all there ever were."""
    rows = Relation.objects.visible_to(actor).under(scope)
    if of is not None:
        rows = rows.filter(Q(from_ref=of) | Q(to_ref=of))
    if kind:
        rows = rows.filter(kind=kind)
    if as_of is not None:
        rows = rows.filter(on_day(as_of))
    return [_relation_view(row) for row in rows.order_by("starts_on", "ref")]


def _relation_view(row: Relation) -> RelationView:
    return RelationView(
        ref=Ref(row.ref),
        kind=row.kind,
        from_ref=Ref(row.from_ref),
        to_ref=Ref(row.to_ref),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        proof_ref=Ref(row.proof_ref) if row.proof_ref else None,
        note=row.note,
    )


def engagements(actor: Actor, party_ref: Ref) -> list[EngagementView]:
    rows = Engagement.objects.visible_to(actor).select_related("scope").filter(party_ref=party_ref)
    return [
        EngagementView(Ref(row.ref), Ref(row.party_ref), row.scope.path, row.role, row.starts_on, row.ends_on)
        for row in rows.order_by("starts_on", "pk")
    ]


def statuses(actor: Actor, party_ref: Ref) -> list[StatusView]:
    """Every status a party ever had, oldest first."""
    if party_ref not in names(actor, [party_ref]):
        raise NotFound(ref=party_ref)
    rows = Status.objects.filter(party_ref=party_ref).order_by("on", "pk")
    return [
        StatusView(
            Ref(row.ref),
            Ref(row.party_ref),
            StatusCode(row.code),
            row.on,
            Ref(row.proof_ref) if row.proof_ref else None,
        )
        for row in rows
    ]


def status_of(ref: Ref | str, as_of: date) -> StatusCode:
    """The status in force on a day; active where nothing was said."""
    return statuses_on([str(ref)], as_of).get(str(ref), StatusCode.ACTIVE)


def qualifications(
    actor: Actor,
    *,
    party_ref: Ref | None = None,
    code: str = "",
    kind: str = "",
    scope: str = "",
    as_of: date | None = None,
    limit: int = 500,
    offset: int = 0,
) -> list[QualificationView]:
    """Skills and certificates: of a party, or of everybody under a node; with `as_of` those in force then."""
    rows = Qualification.objects.visible_to(actor).under(scope)
    if party_ref is not None:
        rows = rows.filter(party_ref=party_ref)
    if code:
        rows = rows.filter(code=code)
    if kind:
        rows = rows.filter(kind=kind)
    if as_of is not None:
        rows = rows.filter(on__lte=as_of).filter(Q(expires_on__isnull=True) | Q(expires_on__gte=as_of))
    return [_qualification_view(row) for row in rows.order_by("code", "on", "ref")[offset : offset + limit]]


def qualification(actor: Actor, ref: Ref) -> QualificationView:
    """One skill or certificate. Raises NotFound."""
    row = Qualification.objects.visible_to(actor).filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return _qualification_view(row)


def _qualification_view(row: Qualification) -> QualificationView:
    return QualificationView(
        ref=Ref(row.ref),
        party_ref=Ref(row.party_ref),
        kind=row.kind,
        code=row.code,
        level=row.level,
        claim=Claim(row.claim),
        on=row.on,
        expires_on=row.expires_on,
        proof_ref=Ref(row.proof_ref) if row.proof_ref else None,
    )


def check_certificate(ref: Ref, *, as_of: date, name: str = "") -> CertificateCheck:
    """What the number of a certificate says to anybody who holds the paper: what, since when, whether it still holds.

    The holder's name is never told; whether a name that was typed is theirs is. Raises NotFound for what is no
    proved certificate, as for what does not exist.
    """
    row = Qualification.objects.filter(ref=ref, kind="certificate", claim=Claim.PROVED).first()
    if row is None:
        raise NotFound(ref=ref)
    asked = " ".join(name.casefold().split())
    held = names(system_actor("check of a certificate"), [row.party_ref]).get(row.party_ref, "")
    return CertificateCheck(
        ref=Ref(row.ref),
        code=row.code,
        on=row.on,
        expires_on=row.expires_on,
        is_valid=row.expires_on is None or row.expires_on >= as_of,
        proof_ref=Ref(row.proof_ref) if row.proof_ref else None,
        matches=(asked == " ".join(held.casefold().split())) if asked else None,
    )


def may_work_alone(person_ref: Ref, *, needs: Sequence[str], as_of: date) -> bool:
    """Whether a worker has proof of every competence needed before lone work, in force on the day."""
    held = (
        Qualification.objects.filter(party_ref=person_ref, code__in=needs, claim=Claim.PROVED, on__lte=as_of)
        .filter(Q(expires_on__isnull=True) | Q(expires_on__gte=as_of))
        .values_list("code", flat=True)
    )
    return set(needs) <= set(held)


def consents(actor: Actor, person_ref: Ref) -> list[ConsentView]:
    if not Person.objects.visible_to(actor).filter(ref=person_ref).exists():
        raise NotFound(ref=person_ref)
    rows = Consent.objects.filter(person__ref=person_ref).order_by("given_on", "pk")
    return [
        ConsentView(Ref(row.ref), Ref(person_ref), row.purpose, row.given_on, row.withdrawn_on, row.how) for row in rows
    ]


def notices(actor: Actor, *, to_ref: Ref | None = None, about_ref: Ref | None = None) -> list[NoticeView]:
    """What a party was told, or what was told about something; newest first."""
    rows = Notice.objects.visible_to(actor)
    if to_ref is not None:
        rows = rows.filter(to_ref=to_ref)
    if about_ref is not None:
        rows = rows.filter(about_ref=about_ref)
    return [
        NoticeView(
            Ref(row.ref),
            Ref(row.to_ref),
            row.template,
            row.on,
            row.facts,
            Ref(row.about_ref) if row.about_ref else None,
        )
        for row in rows.order_by("-on", "-pk")[:200]
    ]


def caseload(actor: Actor, *, scope: str = "", as_of: date, limit: int | None = None) -> list[CaseloadView]:
    """How many communities and groups each worker looks after on a day, the busiest first."""
    held: dict[str, list[RelationView]] = defaultdict(list)
    for view in relations(actor, kind="assignment", scope=scope, as_of=as_of):
        held[view.from_ref].append(view)
    called = names(actor, held)
    loads = [
        CaseloadView(Ref(ref), called[ref], len(assigned), limit, tuple(assigned)) for ref, assigned in held.items()
    ]
    return sorted(loads, key=lambda one: (-one.assigned, one.worker_ref))

"""Finance's answers about community insurance: what it is, what waits for whom, what is counted, what is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base import keys
from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting
from jump.core.insurance import ClaimState
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    CoverCash,
    CoverClaim,
    CoverContribution,
    CoverDiagnosis,
    CoverFamily,
    CoverPerson,
    CoverProvider,
    CoverScheme,
    CoverVersion,
    CoverYear,
)
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.cover_figures import scheme_file
from jump.engines.finance.types.cover import Relation, TargetGroup, VersionState

_CHUNK = 500


def _refs(*texts: str | None) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(Ref(text) for text in texts if text))


def _seen(actor: Actor) -> Any:
    return CoverScheme.objects.visible_to(actor).values("pk")


def _schemes(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = CoverScheme.objects.visible_to(actor).filter(ref__in=refs).select_related("scope")
    for row in rows.prefetch_related("versions"):
        yield Description(
            Ref(row.ref),
            _("insurance scheme"),
            row.title,
            detail=row.currency,
            on=row.opened_on,
            place=row.scope.title,
            url_name="cover:scheme",
            url_args=(row.ref,),
            sources=_refs(row.owner, *(one.ref for one in row.versions.all() if one.state == VersionState.ADOPTED)),
        )


def _of_scheme(url: str, row: Any) -> dict[str, Any]:
    return {"place": row.scheme.scope.title, "url_name": url, "url_args": (row.scheme.ref,)}


def _versions(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = CoverVersion.objects.filter(ref__in=refs, scheme__in=_seen(actor)).select_related("scheme__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("package of benefits"),
            title_of(row.product_title),
            on=row.valid_from,
            sources=_refs(row.decision, row.scheme.ref),
            **_of_scheme("cover:package", row),
        )


def _providers(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = CoverProvider.objects.filter(ref__in=refs, scheme__in=_seen(actor)).select_related("scheme__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("agreement with a provider of care"),
            row.provider,
            on=row.starts_on,
            sources=_refs(row.proof, row.provider, row.scheme.ref),
            **_of_scheme("cover:package", row),
        )


def _families(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = CoverFamily.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "scheme")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("insured family"),
            row.scheme.title,
            on=row.joined_on,
            place=row.scope.title,
            url_name="cover:family",
            url_args=(row.ref,),
            sources=_refs(row.head, row.scheme.ref),
        )


def _persons(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = CoverFamily.objects.visible_to(actor).values("pk")
    for row in CoverPerson.objects.filter(ref__in=refs, family__in=seen).select_related("family__scope"):
        yield Description(
            Ref(row.ref),
            _("insured person"),
            row.card,
            on=row.joined_on,
            place=row.family.scope.title,
            url_name="cover:family",
            url_args=(row.family.ref,),
            sources=_refs(row.person, row.family.ref),
        )


def _contributions(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = CoverFamily.objects.visible_to(actor).values("pk")
    rows = CoverContribution.objects.filter(ref__in=refs, family__in=seen).select_related("family__scope", "scheme")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("contribution"),
            str(Money(row.amount_minor, row.scheme.currency)),
            detail=_("Receipt %(receipt)s") % {"receipt": row.receipt},
            on=row.on,
            place=row.family.scope.title,
            url_name="cover:family",
            url_args=(row.family.ref,),
            sources=_refs(row.family.ref),
        )


def _claims(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = CoverClaim.objects.visible_to(actor).filter(ref__in=refs)
    for row in rows.select_related("scope", "scheme", "family", "insured", "version"):
        yield Description(
            Ref(row.ref),
            _("claim"),
            _("Claim %(number)s") % {"number": row.number},
            detail=str(Money(row.asked_minor, row.currency)),
            on=row.event_on,
            place=row.scope.title,
            url_name="cover:claim",
            url_args=(row.ref,),
            sources=_refs(row.family.ref, row.insured.person, row.provider, row.version.ref if row.version else None),
        )


def _cash(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = CoverCash.objects.filter(ref__in=refs, scheme__in=_seen(actor)).select_related("scheme__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("running cost") if row.kind == "expense" else _("subsidy"),
            row.what,
            detail=str(Money(row.amount_minor, row.scheme.currency)),
            on=row.on,
            sources=_refs(row.scheme.ref),
            **_of_scheme("cover:cash", row),
        )


def _years(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = CoverYear.objects.filter(ref__in=refs, scheme__in=_seen(actor)).select_related("scheme__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("closed year"),
            row.scheme.title,
            on=row.until,
            sources=_refs(row.decision, row.scheme.ref),
            **_of_scheme("cover:years", row),
        )


DESCRIBERS: dict[str, Callable[[Actor, Sequence[Ref]], Iterator[Description]]] = {
    "sch": _schemes,
    "cvv": _versions,
    "prv": _providers,
    "cvf": _families,
    "cvp": _persons,
    "cvc": _contributions,
    "clm": _claims,
    "cvm": _cash,
    "cvy": _years,
}


# --- what waits -------------------------------------------------------------------------------------------------------


def waiting(actor: Actor, limit: int) -> Iterator[Waiting]:
    """Claims for those who approve and those who pay them, where they did not do the part before."""
    if can(actor, "finance.approve"):
        entered = [ClaimState.ENTERED.value, ClaimState.CHECKED.value, ClaimState.REVIEWED.value]
        rows = CoverClaim.objects.visible_to(actor).filter(state__in=entered).exclude(by=actor.key)
        yield _to_do(rows, _("A claim waits to be decided"), limit)
    if can(actor, "finance.release"):
        rows = CoverClaim.objects.visible_to(actor).filter(state=ClaimState.VALUED)
        rows = rows.exclude(by=actor.key).exclude(approved_by=actor.key)
        yield _to_do(rows, _("A claim waits to be paid"), limit)


def _to_do(rows: Any, title: str, limit: int) -> Waiting:
    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            yield Due(
                Ref(row["ref"]),
                title,
                _("Claim %(number)s, %(scheme)s") % {"number": row["number"], "scheme": row["scheme__title"]},
                row["reported_on"],
                "warn",
                "cover:claim",
                (row["ref"],),
            )

    latest = rows.order_by("reported_on", "id")[:limit]
    return Waiting((Question(latest, ("ref", "number", "reported_on", "scheme__title")),), tell)


# --- facts ------------------------------------------------------------------------------------------------------------


def facts(as_of: date) -> Iterator[Fact]:
    """Insured people and claims as they stand on a day, with whom the scheme is made for."""
    for scheme in CoverScheme.objects.filter(opened_on__lte=as_of).select_related("scope").order_by("id"):
        aims = {f"for_{one.value}": one.value in scheme.targets for one in TargetGroup}
        for home in scheme_file(scheme).families:
            for one in home.persons:
                if one.joined_on > as_of:
                    continue
                ended = one.left_on if one.left_on and one.left_on <= as_of else None
                yield Fact(
                    kind="finance.insured",
                    ref=Ref(one.ref),
                    party=Ref(one.person),
                    scope=scheme.scope.path,
                    on=one.joined_on,
                    until=ended,
                    codes={
                        "scheme": scheme.ref,
                        "relation": one.relation,
                        "is_child": one.relation == Relation.CHILD,
                        "is_covered": home.standing_of(one, as_of).is_in_force,
                        **aims,
                    },
                    sources=_refs(one.ref, home.family.ref, scheme.ref),
                )
        yield from _claim_facts(scheme, as_of)


def _claim_facts(scheme: CoverScheme, as_of: date) -> Iterator[Fact]:
    rows = scheme.claims.filter(reported_on__lte=as_of).select_related("scope", "insured").order_by("id")
    for row in rows.iterator(_CHUNK):
        is_paid = row.paid_on is not None and row.paid_on <= as_of
        yield Fact(
            kind="finance.cover_claim",
            ref=Ref(row.ref),
            party=Ref(row.insured.person),
            scope=row.scope.path,
            on=row.reported_on,
            value=Money(row.paid_minor or 0 if is_paid else 0, scheme.currency).major,
            codes={
                "currency": scheme.currency,
                "scheme": scheme.ref,
                "is_paid": is_paid,
                "is_rejected": row.state == ClaimState.REJECTED,
                "asked_minor": row.asked_minor,
            },
            sources=_refs(row.ref, scheme.ref),
        )


# --- hand-over and forgetting -----------------------------------------------------------------------------------------


def export(actor: Actor, scope: str, as_of: date) -> Iterator[dict[str, Any]]:
    """Schemes, families and claims at and under a node, for hand-over. What was wrong with anybody is no part of it."""
    for row in CoverScheme.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id"):
        yield {
            "kind": "insurance_scheme",
            "ref": row.ref,
            "title": row.title,
            "owner": row.owner,
            "currency": row.currency,
            "legal_form": row.legal_form,
            "targets": row.targets,
        }
    homes = CoverFamily.objects.visible_to(actor).under(scope).filter(joined_on__lte=as_of).order_by("id")
    for home in homes.select_related("scheme").prefetch_related("persons"):
        yield {
            "kind": "insured_family",
            "ref": home.ref,
            "scheme": home.scheme.ref,
            "head": home.head,
            "joined_on": home.joined_on.isoformat(),
            "persons": [one.person for one in home.persons.all()],
        }
    claims = CoverClaim.objects.visible_to(actor).under(scope).filter(reported_on__lte=as_of).order_by("id")
    for claim in claims.select_related("scheme").iterator(_CHUNK):
        yield {
            "kind": "insurance_claim",
            "ref": claim.ref,
            "scheme": claim.scheme.ref,
            "event_on": claim.event_on.isoformat(),
            "asked_minor": claim.asked_minor,
            "paid_minor": claim.paid_minor,
            "currency": claim.currency,
            "state": claim.state,
        }


def forget(person: Ref) -> int:
    """What was wrong with a person is erased; what was asked and paid stays in the books."""
    rows = CoverDiagnosis.objects.filter(person=person).exclude(sealed="")
    for ref in rows.values_list("ref", flat=True):
        keys.destroy(Ref(ref))
    return int(rows.update(sealed=""))

"""Claims: what is asked, what was looked at, what is paid and why not the rest. Health is kept apart and logged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from jump.base import keys
from jump.base.actors import Actor
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.refusals import NotAllowed, NotFound
from jump.core.insurance import (
    Claim,
    ClaimLine,
    ClaimState,
    ClaimValue,
    PaidBenefit,
    Reason,
    Standing,
    benefit_from,
    value_claim,
)
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import CoverClaim, CoverClaimLine, CoverClaimStep, CoverDiagnosis, CoverVersion
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.cover import OPEN_CLAIMS, adopted, agreement_on, in_force, rules_of, scheme_row
from jump.engines.finance.queries.cover_families import PROMISED, FamilyFile, file_of, paid_in_year
from jump.engines.finance.types.cover import (
    AppealState,
    AppealView,
    CheckCode,
    CheckResult,
    ClaimCheck,
    ClaimLineView,
    ClaimRow,
    ClaimStepView,
    ClaimView,
    PayTo,
)

CHECK_WORDS: Mapping[CheckCode, Any] = {
    CheckCode.IN_FORCE: _("Cover in force on the day"),
    CheckCode.WAITING: _("Waiting period over"),
    CheckCode.PACKAGE: _("In the package"),
    CheckCode.REPORTED: _("Reported in time"),
    CheckCode.PAPERS: _("Papers complete"),
    CheckCode.EXCLUSION: _("Not excluded"),
    CheckCode.PROVIDER: _("Agreement with the provider"),
    CheckCode.TARIFF: _("Within the agreed prices"),
    CheckCode.SAME_EVENT: _("Claimed once"),
    CheckCode.LIMITS: _("Limits left"),
    CheckCode.COPAY: _("The member's own part"),
    CheckCode.REVIEW: _("Looked at by the medical reviewer"),
}


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A claim with everything that decides it."""

    row: CoverClaim
    lines: tuple[CoverClaimLine, ...]
    family: FamilyFile
    version: CoverVersion | None
    standing: Standing
    before: tuple[PaidBenefit, ...]
    value: ClaimValue | None


def claim_row(actor: Actor, ref: Ref) -> CoverClaim:
    rows = CoverClaim.objects.visible_to(actor).select_related(
        "scheme", "family__scheme", "insured", "scope", "version"
    )
    row: CoverClaim | None = rows.filter(ref=ref).first()
    if row is None:
        raise NotFound(ref=ref)
    return row


def claims(
    actor: Actor,
    *,
    scheme_ref: Ref | None = None,
    family_ref: Ref | None = None,
    state: str = "",
    scope: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[ClaimRow]:
    """Claims, those that wait first, then the newest. `state` is a state or `open`. One statement."""
    rows = _chosen(actor, scheme_ref, family_ref, state, scope).select_related("family", "insured", "scheme")
    return [
        ClaimRow(
            ref=Ref(row.ref),
            number=row.number,
            family_ref=Ref(row.family.ref),
            person_ref=Ref(row.insured.person),
            event_on=row.event_on,
            state=row.state,
            asked=Money(row.asked_minor, row.currency),
            paid=None if row.paid_minor is None else Money(row.paid_minor, row.currency),
            needs_review=row.needs_review,
        )
        for row in rows.order_by("decided_on", "-reported_on", "-id")[offset : offset + limit]
    ]


def count_claims(
    actor: Actor, *, scheme_ref: Ref | None = None, family_ref: Ref | None = None, state: str = "", scope: str = ""
) -> int:
    return int(_chosen(actor, scheme_ref, family_ref, state, scope).count())


def _chosen(actor: Actor, scheme_ref: Ref | None, family_ref: Ref | None, state: str, scope: str) -> Any:
    rows = CoverClaim.objects.visible_to(actor).under(scope)
    if scheme_ref is not None:
        rows = rows.filter(scheme=scheme_row(actor, scheme_ref))
    if family_ref is not None:
        rows = rows.filter(family__ref=family_ref)
    if state == "open":
        return rows.filter(state__in=OPEN_CLAIMS)
    return rows.filter(state=state) if state else rows


def claim(actor: Actor, ref: Ref) -> ClaimView:
    """One claim, without any word about health."""
    row = claim_row(actor, ref)
    return claim_view(row)


def claim_view(row: CoverClaim) -> ClaimView:
    titles = _titles(row.version or in_force(adopted(row.scheme), row.event_on))

    def money(amount: int | None) -> Money | None:
        return None if amount is None else Money(amount, row.currency)

    return ClaimView(
        ref=Ref(row.ref),
        number=row.number,
        scheme_ref=Ref(row.scheme.ref),
        family_ref=Ref(row.family.ref),
        person_ref=Ref(row.insured.person),
        provider_ref=Ref(row.provider) if row.provider else None,
        scope=row.scope.path,
        currency=row.currency,
        event_on=row.event_on,
        reported_on=row.reported_on,
        pay_to=PayTo(row.pay_to),
        papers=row.papers,
        state=row.state,
        asked=Money(row.asked_minor, row.currency),
        paid=money(row.paid_minor),
        needs_review=row.needs_review,
        exclusion=row.exclusion,
        decided_on=row.decided_on,
        paid_on=row.paid_on,
        lines=tuple(
            ClaimLineView(
                benefit=one.benefit,
                title=titles.get(one.benefit, one.benefit),
                asked=Money(one.asked_minor, row.currency),
                tariff=money(one.tariff_minor),
                paid=money(one.paid_minor),
                copay=money(one.copay_minor),
                refused=money(one.refused_minor),
                reasons=tuple(one.reasons),
            )
            for one in row.lines.order_by("number")
        ),
        steps=tuple(ClaimStepView(one.state, one.by, one.on, one.why) for one in row.steps.order_by("id")),
        appeals=tuple(
            AppealView(
                ref=Ref(one.ref),
                on=one.on,
                why=one.why,
                state=AppealState(one.state),
                decided_on=one.decided_on,
                decided_by=one.decided_by,
                answer=one.answer,
            )
            for one in row.appeals.order_by("id")
        ),
        has_diagnosis=CoverDiagnosis.objects.filter(claim=row).exclude(sealed="").exists(),
        entry_refs=tuple(Ref(one) for one in (row.entry, row.paid_entry) if one),
    )


def _titles(version: CoverVersion | None) -> dict[str, str]:
    return {one["id"]: title_of(one["title"]) for one in version.terms["benefits"]} if version else {}


# --- what was looked at -----------------------------------------------------------------------------------------------


def claim_file(row: CoverClaim) -> ClaimFile:
    """A claim with its family, its package and what it is worth by the rules, as everything stands now."""
    versions = adopted(row.scheme)
    version = in_force(versions, row.event_on)
    lines = tuple(row.lines.order_by("number"))
    family = file_of(row.family, versions)
    then = family.standing_of(row.insured, row.event_on)
    before = tuple(paid_in_year(family, version, row.event_on)) if version else ()
    value = None
    if version is not None:
        value = value_claim(
            Claim(
                ref=row.ref,
                person=row.insured.person,
                provider=row.provider,
                on=row.event_on,
                lines=tuple(ClaimLine(one.benefit, one.asked_minor, one.tariff_minor) for one in lines),
                has_documents=bool(row.papers),
                is_excluded=bool(row.exclusion),
            ),
            cover=family.cover_of(row.insured, row.event_on, then),
            package=rules_of(version),
            paid_before=before,
        )
    return ClaimFile(row, lines, family, version, then, before, value)


def claim_checks(actor: Actor, ref: Ref) -> tuple[ClaimCheck, ...]:
    """What is looked at before a claim is approved, each by name, as it stands now."""
    return tuple(checks_of(claim_file(claim_row(actor, ref))))


def checks_of(file: ClaimFile) -> Iterator[ClaimCheck]:
    row, then, version = file.row, file.standing, file.version
    yield ClaimCheck(
        CheckCode.IN_FORCE,
        CheckResult.FINE if then.is_in_force else CheckResult.STOPS,
        {"reason": then.reason.value, "since": then.counts_from, "unpaid_since": then.unpaid_since},
    )
    if version is None or file.value is None:
        yield ClaimCheck(CheckCode.PACKAGE, CheckResult.STOPS, {"benefits": [one.benefit for one in file.lines]})
        return
    yield _waiting(file, version)
    yield _by_line(file, CheckCode.PACKAGE, lambda one: rules_of(version).benefit(one.benefit) is None)
    last = row.event_on + timedelta(days=int(version.terms["claims"]["report_within_days"]))
    yield ClaimCheck(
        CheckCode.REPORTED, CheckResult.FINE if row.reported_on <= last else CheckResult.NOTE, {"until": last}
    )
    yield ClaimCheck(CheckCode.PAPERS, CheckResult.FINE if row.papers else CheckResult.STOPS, {"papers": row.papers})
    yield ClaimCheck(
        CheckCode.EXCLUSION,
        CheckResult.STOPS if row.exclusion else CheckResult.FINE,
        {"exclusion": row.exclusion},
    )
    yield _agreement(row)
    yield _reason(file, CheckCode.TARIFF, Reason.TARIFF_EXCEEDED)
    yield _same_event(file)
    yield _reason(file, CheckCode.LIMITS, Reason.CEILING_USED)
    copay = sum(one.copay_minor for one in file.value.lines)
    yield ClaimCheck(CheckCode.COPAY, CheckResult.FINE, {"copay": Money(copay, row.currency)})
    looked = row.state == ClaimState.REVIEWED or _was(row, ClaimState.REVIEWED)
    missing = row.needs_review and not looked
    yield ClaimCheck(CheckCode.REVIEW, CheckResult.STOPS if missing else CheckResult.FINE, {"needed": row.needs_review})


def _was(row: CoverClaim, state: ClaimState) -> bool:
    return any(one.state == state for one in this_round(row))


def this_round(row: CoverClaim) -> list[CoverClaimStep]:
    """The steps since the claim was entered, or since an appeal brought it back."""
    steps = list(row.steps.order_by("id"))
    latest = max((one.round for one in steps), default=1)
    return [one for one in steps if one.round == latest]


def _waiting(file: ClaimFile, version: CoverVersion) -> ClaimCheck:
    rules, cover = rules_of(version), file.family.cover_of(file.row.insured, file.row.event_on, file.standing)
    days = {one.benefit: benefit_from(cover, rule) for one in file.lines if (rule := rules.benefit(one.benefit))}
    waits = [code for code, begins in days.items() if file.standing.is_in_force and begins > file.row.event_on]
    if not waits:
        return ClaimCheck(CheckCode.WAITING, CheckResult.FINE, {"from": days if file.standing.is_in_force else {}})
    result = CheckResult.STOPS if len(waits) == len(file.lines) else CheckResult.NOTE
    return ClaimCheck(CheckCode.WAITING, result, {"benefits": waits, "from": {code: days[code] for code in waits}})


def _by_line(file: ClaimFile, code: CheckCode, is_hit: Any) -> ClaimCheck:
    hits = [one.benefit for one in file.lines if is_hit(one)]
    result = CheckResult.FINE
    if hits:
        result = CheckResult.STOPS if len(hits) == len(file.lines) else CheckResult.NOTE
    return ClaimCheck(code, result, {"benefits": hits})


def _reason(file: ClaimFile, code: CheckCode, reason: Reason) -> ClaimCheck:
    """Part is cut for this reason; nothing at all is left where it is the limits."""
    assert file.value is not None
    cut = [one for one in file.value.lines if reason in one.reasons]
    amount = sum(one.refused_minor for one in cut)
    result = CheckResult.NOTE if cut else CheckResult.FINE
    if cut and len(cut) == len(file.lines) and not file.value.paid_minor:
        result = CheckResult.STOPS
    return ClaimCheck(code, result, {"benefits": [one.benefit for one in cut], "cut": Money(amount, file.row.currency)})


def _agreement(row: CoverClaim) -> ClaimCheck:
    held = agreement_on(row.scheme, row.provider, row.event_on) if row.provider else None
    if held is not None:
        return ClaimCheck(CheckCode.PROVIDER, CheckResult.FINE, {"agreement": held.ref, "proof": held.proof})
    to_provider = row.pay_to == PayTo.PROVIDER
    return ClaimCheck(
        CheckCode.PROVIDER, CheckResult.STOPS if to_provider else CheckResult.NOTE, {"provider": row.provider}
    )


def _same_event(file: ClaimFile) -> ClaimCheck:
    """Other claims of the same person, day and benefit: promised at the same provider stops, the rest is to be seen."""
    row = file.row
    others = CoverClaimLine.objects.filter(
        claim__insured__person=row.insured.person,
        claim__scheme=row.scheme,
        claim__event_on=row.event_on,
        benefit__in=[one.benefit for one in file.lines],
    ).exclude(claim=row)
    others = others.exclude(claim__state=ClaimState.REJECTED)
    found = list(others.select_related("claim").order_by("claim__number"))
    stops = [one for one in found if one.claim.provider == row.provider and one.claim.state in PROMISED]
    if not found:
        return ClaimCheck(CheckCode.SAME_EVENT, CheckResult.FINE, {})
    first = (stops or found)[0].claim
    return ClaimCheck(
        CheckCode.SAME_EVENT,
        CheckResult.STOPS if stops else CheckResult.NOTE,
        {"claim": first.ref, "number": first.number},
    )


# --- health, kept apart -----------------------------------------------------------------------------------------------


def reads_diagnoses(actor: Actor, medical_ref: str) -> bool:
    """Whether this reader holds the medical file of the scheme. No role does by itself."""
    return actor.is_system or medical_ref in actor.row_refs


def diagnosis(actor: Actor, *, claim_ref: Ref) -> str:
    """What was wrong, for the medical reviewer alone. Every reading is written to the trail. "" where none is kept."""
    row = claim_row(actor, claim_ref)
    if not reads_diagnoses(actor, row.scheme.medical):
        raise NotAllowed(right="finance.read_diagnosis", scope=row.scope.path, who=actor.name)
    found = CoverDiagnosis.objects.filter(claim=row).first()
    with write_transaction():
        record(actor, "finance.read_diagnosis", row.ref)
    key = keys.keys_of([Ref(found.ref)]).get(found.ref) if found is not None else None
    return keys.decrypt(key, found.sealed) if found is not None and key is not None and found.sealed else ""

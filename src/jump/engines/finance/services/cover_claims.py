"""A claim's way: entered by one person, approved or rejected by another, paid by a third; a rejection may be appealed.

The limits of a person and a family are looked at while the family is kept locked, so two approvals at once never
promise more than is left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from jump.base import keys
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import lock
from jump.base.refusals import NotAllowed, NotFound
from jump.core.insurance import ClaimState, ClaimStep, Reason, StepNotAllowed, advance
from jump.core.insurance import SamePerson as CoreSamePerson
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    CoverAppeal,
    CoverClaim,
    CoverClaimLine,
    CoverClaimStep,
    CoverDiagnosis,
    CoverFamily,
    CoverScheme,
)
from jump.engines.finance.models.cover_refusals import (
    AppealTooLate,
    BenefitUnknown,
    ClaimStopped,
    ClaimWrongState,
    PersonNotInFamily,
    ReasonsMissing,
    ReviewMissing,
    SameEvent,
)
from jump.engines.finance.models.refusals import (
    DayImpossible,
    DecisionMissing,
    KeyReused,
    SamePerson,
)
from jump.engines.finance.queries.checks import check_amount, check_day
from jump.engines.finance.queries.cover import agreement_on, as_exact, version_on
from jump.engines.finance.queries.cover_claims import (
    CHECK_WORDS,
    ClaimFile,
    checks_of,
    claim_file,
    claim_row,
    claim_view,
    reads_diagnoses,
    this_round,
)
from jump.engines.finance.queries.cover_families import family_row
from jump.engines.finance.services.cover import coded, post
from jump.engines.finance.types.cover import AppealState, CheckCode, CheckResult, ClaimView, PayTo
from jump.engines.ledger import api as ledger


def enter_claim(
    actor: Actor,
    *,
    family_ref: Ref,
    person_ref: Ref,
    amounts: Mapping[str, Money],
    event_on: date,
    reported_on: date,
    pay_to: str,
    key: str,
    provider_ref: Ref | None = None,
    papers: str = "",
    diagnosis: str = "",
) -> ClaimView:
    """Write down a claim as it came in, by benefit. Nothing is promised; what looks wrong is shown, not refused.

    What was wrong with the person is kept apart, for the medical reviewer alone.
    """
    with ledger.posting_transaction():
        family = lock(family_row(actor, family_ref))
        scheme = lock(family.scheme)
        require(actor, "finance.prepare", family.scope.path)
        known = CoverClaim.objects.filter(key=key).first()
        if known is not None:
            if (known.family_id, known.event_on) != (family.pk, event_on):
                raise KeyReused(key=key)
            return claim_view(claim_row(actor, Ref(known.ref)))
        _check_entry(family, scheme, amounts, event_on, reported_on)
        insured = family.persons.filter(person=person_ref).order_by("-joined_on").first()
        if insured is None:
            raise PersonNotInFamily(person=person_ref, family=family.ref)
        agreement = agreement_on(scheme, provider_ref, event_on) if provider_ref else None
        scheme.last_claim += 1
        scheme.save(update_fields=["last_claim"])
        row = CoverClaim(
            scheme=scheme,
            family=family,
            insured=insured,
            number=scheme.last_claim,
            provider=provider_ref or "",
            event_on=event_on,
            reported_on=reported_on,
            pay_to=coded(PayTo, pay_to, "pay_to").value,
            papers=papers[:60],
            asked_minor=sum(one.amount_minor for one in amounts.values()),
            by=actor.key,
            scope_id=family.scope_id,
            key=key,
        )
        row.needs_review = _needs_review(scheme, row)
        row.save()
        tariff = agreement.tariff if agreement else {}
        CoverClaimLine.objects.bulk_create(
            CoverClaimLine(
                claim=row,
                number=number,
                benefit=code,
                asked_minor=amount.amount_minor,
                tariff_minor=tariff.get(code),
            )
            for number, (code, amount) in enumerate(amounts.items(), start=1)
        )
        _step(row, actor, ClaimState.ENTERED, reported_on)
        if diagnosis:
            kept = CoverDiagnosis(claim=row, person=person_ref, by=actor.key)
            kept.sealed = keys.encrypt(keys.make(Ref(kept.ref)), diagnosis[:600])
            kept.save()
        record(actor, "finance.enter_claim", row.ref, facts={"family": family.ref, "amount_minor": row.asked_minor})
        return claim_view(row)


def add_papers(actor: Actor, *, claim_ref: Ref, papers: str) -> None:
    """The papers of a claim have come: their number. Before anybody has decided."""
    with ledger.posting_transaction():
        row = lock(claim_row(actor, claim_ref))
        require(actor, "finance.prepare", row.scope.path)
        _in_state(row, ClaimState.ENTERED, ClaimState.CHECKED, ClaimState.REVIEWED)
        row.papers = papers[:60]
        row.save(update_fields=["papers"])
        record(actor, "finance.add_papers", row.ref)


def review_claim(actor: Actor, *, claim_ref: Ref, on: date, why: str, exclusion: str = "") -> ClaimView:
    """The medical reviewer has looked at a claim and says whether something of the list of exclusions applies."""
    with ledger.posting_transaction():
        row = lock(claim_row(actor, claim_ref))
        if not reads_diagnoses(actor, row.scheme.medical):
            raise NotAllowed(right="finance.review_claim", scope=row.scope.path, who=actor.name)
        if row.state == ClaimState.REVIEWED:
            return claim_view(row)
        _in_state(row, ClaimState.ENTERED, ClaimState.CHECKED)
        if not why:
            raise DecisionMissing()
        version = version_on(row.scheme, row.event_on)
        known = {one["id"] for one in (version.terms.get("exclusions", []) if version else [])}
        if exclusion and exclusion not in known:
            raise NotFound(ref=exclusion)
        if row.state == ClaimState.ENTERED:
            _advance(row, actor, ClaimState.CHECKED, on)
        _advance(row, actor, ClaimState.REVIEWED, on, why=why)
        row.exclusion = exclusion
        row.save(update_fields=["exclusion", "state"])
        record(actor, "finance.review_claim", row.ref, facts={"exclusion": exclusion})
        return claim_view(row)


def approve_claim(actor: Actor, *, claim_ref: Ref, on: date) -> ClaimView:
    """Promise what the rules give. Refused while anything stops it, by name; who entered it does not approve it."""
    with ledger.posting_transaction():
        row = _locked(actor, claim_ref)
        require(actor, "finance.approve", row.scope.path)
        if row.state in (ClaimState.VALUED, ClaimState.PAID):
            return claim_view(row)
        _in_state(row, ClaimState.ENTERED, ClaimState.CHECKED, ClaimState.REVIEWED)
        check_day(on, earliest=row.reported_on)
        _not_the_one_who_rejected(row, actor)
        file = claim_file(row)
        if row.state == ClaimState.ENTERED:
            _advance(row, actor, ClaimState.CHECKED, on)
        _refuse_stopped(file)
        _advance(row, actor, ClaimState.VALUED, on, needs_review=row.needs_review)
        assert file.value is not None
        assert file.version is not None
        for one, value in zip(file.lines, file.value.lines, strict=True):
            one.paid_minor, one.copay_minor, one.refused_minor = (
                value.paid_minor,
                value.copay_minor,
                value.refused_minor,
            )
            one.reasons = sorted(reason.value for reason in value.reasons)
            if value.paid_minor:
                one.event = f"{row.scheme.ref}:{row.insured.person}:{row.provider}:{row.event_on}:{one.benefit}"
        CoverClaimLine.objects.bulk_update(
            file.lines, ["paid_minor", "copay_minor", "refused_minor", "reasons", "event"]
        )
        row.paid_minor, row.decided_on, row.approved_by = file.value.paid_minor, on, actor.key
        row.version = file.version
        promised = [("claims", row.paid_minor), ("claims_payable", -row.paid_minor)]
        row.entry = post(actor, row.scheme, promised, row.ref, on, f"approved:{_round(row)}")
        row.save()
        record(actor, "finance.approve_claim", row.ref, facts={"amount_minor": row.paid_minor})
        return claim_view(row)


def reject_claim(actor: Actor, *, claim_ref: Ref, reasons: Iterable[str], why: str, on: date) -> ClaimView:
    """Say no, with reasons of the list and a sentence for the member. An approval not yet paid is taken back."""
    with ledger.posting_transaction():
        row = _locked(actor, claim_ref)
        require(actor, "finance.approve", row.scope.path)
        if row.state == ClaimState.REJECTED:
            return claim_view(row)
        named = sorted({coded(Reason, one, "reasons").value for one in reasons})
        if not named or not why.strip():
            raise ReasonsMissing(reasons=", ".join(named))
        check_day(on, earliest=row.reported_on)
        _not_the_one_who_rejected(row, actor)
        _advance(row, actor, ClaimState.REJECTED, on, why=why)
        if row.entry:
            ledger.reverse(actor, entry_ref=Ref(row.entry), why=why, on=on, key=f"cover:{row.ref}:no:{_round(row)}")
        for one in row.lines.all():
            one.paid_minor, one.copay_minor, one.refused_minor = 0, 0, one.asked_minor
            one.reasons, one.event = named, None
            one.save()
        row.paid_minor, row.decided_on, row.approved_by, row.entry = 0, on, "", ""
        row.save()
        record(actor, "finance.reject_claim", row.ref, why=why, facts={"reasons": named})
        return claim_view(row)


def appeal_claim(actor: Actor, *, claim_ref: Ref, why: str, on: date, key: str) -> Ref:
    """A member does not accept a rejection. Whoever may write down a claim writes down the appeal."""
    with ledger.posting_transaction():
        row = lock(claim_row(actor, claim_ref))
        require(actor, "finance.prepare", row.scope.path)
        known = CoverAppeal.objects.filter(key=key).first()
        if known is not None:
            return Ref(known.ref)
        _in_state(row, ClaimState.REJECTED)
        if not why.strip():
            raise DecisionMissing()
        assert row.decided_on is not None
        check_day(on, earliest=row.decided_on)
        version = version_on(row.scheme, row.event_on, needed=False)
        days = int(version.terms["claims"]["appeal_within_days"]) if version else 0
        until = row.decided_on + timedelta(days=days)
        if on > until:
            raise AppealTooLate(until=until.isoformat(), on=on.isoformat())
        if row.appeals.filter(state=AppealState.OPEN).exists():
            raise ClaimWrongState(state="waiting for an appeal to be decided")
        made = CoverAppeal.objects.create(claim=row, on=on, why=why[:600], by=actor.key, key=key)
        record(actor, "finance.appeal_claim", row.ref, facts={"appeal": made.ref})
    return Ref(made.ref)


def decide_appeal(actor: Actor, *, appeal_ref: Ref, grants: bool, answer: str, on: date) -> ClaimView:
    """Decide an appeal: granted, the claim is looked at anew by somebody who did not reject it."""
    with ledger.posting_transaction():
        made = CoverAppeal.objects.select_related("claim").filter(ref=appeal_ref).first()
        if made is None:
            raise NotFound(ref=appeal_ref)
        row = _locked(actor, Ref(made.claim.ref))
        made = lock(made)
        require(actor, "finance.approve", row.scope.path)
        if made.state != AppealState.OPEN:
            return claim_view(row)
        if not answer.strip():
            raise DecisionMissing()
        if actor.key in {made.by, row.by, *_rejecters(row)}:
            raise SamePerson(doing="decide the appeal", did="reject", claim=row.ref)
        check_day(on, earliest=made.on)
        made.state = (AppealState.GRANTED if grants else AppealState.REFUSED).value
        made.decided_by, made.decided_on, made.answer = actor.key, on, answer[:600]
        made.save()
        if grants:
            CoverClaimStep.objects.create(
                claim=row, round=_round(row) + 1, state=ClaimState.ENTERED.value, by=row.by, on=on, why=answer[:300]
            )
            row.lines.update(paid_minor=None, copay_minor=None, refused_minor=None, reasons=[])
            row.state, row.paid_minor, row.decided_on, row.exclusion = ClaimState.ENTERED.value, None, None, ""
            row.save()
        record(actor, "finance.decide_appeal", row.ref, why=answer, facts={"granted": grants})
        return claim_view(row)


def pay_claim(actor: Actor, *, claim_ref: Ref, on: date) -> ClaimView:
    """Pay what was promised, to the provider or the member. A third person pays; asking twice pays once."""
    with ledger.posting_transaction():
        row = _locked(actor, claim_ref)
        require(actor, "finance.release", row.scope.path)
        if row.state == ClaimState.PAID:
            return claim_view(row)
        _in_state(row, ClaimState.VALUED)
        assert row.decided_on is not None
        assert row.paid_minor is not None
        check_day(on, earliest=row.decided_on)
        _advance(row, actor, ClaimState.PAID, on)
        row.paid_on, row.paid_by = on, actor.key
        row.paid_entry = post(
            actor,
            row.scheme,
            [("claims_payable", row.paid_minor), ("cash", -row.paid_minor)],
            row.ref,
            on,
            f"paid:{_round(row)}",
        )
        row.save()
        record(actor, "finance.pay_claim", row.ref, facts={"amount_minor": row.paid_minor})
        return claim_view(row)


# --- inside -----------------------------------------------------------------------------------------------------------


def _check_entry(
    family: CoverFamily, scheme: CoverScheme, amounts: Mapping[str, Money], event_on: date, reported_on: date
) -> None:
    if not amounts:
        raise BenefitUnknown()
    for amount in amounts.values():
        check_amount(amount, scheme.currency)
    if event_on > reported_on:
        raise DayImpossible(on=event_on.isoformat(), earliest="", latest=reported_on.isoformat())
    check_day(reported_on, earliest=family.joined_on)


def _needs_review(scheme: CoverScheme, row: CoverClaim) -> bool:
    """Large claims, and a share drawn by the number of the claim: nobody knows beforehand which."""
    version = version_on(scheme, row.event_on, needed=False)
    rules = version.terms["claims"] if version else {}
    above = rules.get("review_above_minor")
    if above is not None and row.asked_minor > above:
        return True
    drawn = int.from_bytes(hashlib.sha256(row.ref.encode()).digest()[:4], "big")
    return Fraction(drawn, 2**32) < as_exact(rules.get("review_share", 0))


def _locked(actor: Actor, ref: Ref) -> CoverClaim:
    """The claim, with its family kept as it is: whatever else is promised to it waits."""
    row = claim_row(actor, ref)
    lock(row.family)
    return lock(row)


def _in_state(row: CoverClaim, *states: ClaimState) -> None:
    if row.state not in {one.value for one in states}:
        raise ClaimWrongState(state=row.state, claim=row.ref)


def _round(row: CoverClaim) -> int:
    steps = this_round(row)
    return steps[-1].round if steps else 1


def _rejecters(row: CoverClaim) -> set[str]:
    return set(row.steps.filter(state=ClaimState.REJECTED).values_list("by", flat=True))


def _not_the_one_who_rejected(row: CoverClaim, actor: Actor) -> None:
    """After an appeal somebody else looks at the claim."""
    if _round(row) > 1 and actor.key in _rejecters(row):
        raise SamePerson(doing="decide", did="reject", claim=row.ref)


def _step(row: CoverClaim, actor: Actor, state: ClaimState, on: date, why: str = "", number: int = 1) -> None:
    CoverClaimStep.objects.create(claim=row, round=number, state=state.value, by=actor.key, on=on, why=why[:300])


def _advance(
    row: CoverClaim, actor: Actor, to: ClaimState, on: date, *, why: str = "", needs_review: bool = False
) -> None:
    """One step on, by the rules of a claim's way and of who may take it."""
    taken = [ClaimStep(ClaimState(one.state), one.by) for one in this_round(row)]
    try:
        advance(taken, to=to, by=actor.key, needs_review=needs_review)
    except CoreSamePerson as refused:
        raise SamePerson(doing=to.value, did="prepare", claim=row.ref) from refused
    except StepNotAllowed as refused:
        raise ClaimWrongState(state=row.state, claim=row.ref) from refused
    _step(row, actor, to, on, why, _round(row))
    row.state = to.value


def _refuse_stopped(file: ClaimFile) -> None:
    checks = list(checks_of(file))
    stops = [one for one in checks if one.result is CheckResult.STOPS]
    if not stops and not (file.value and file.value.paid_minor):  # every line is cut away, each for its own reason
        stops = [one for one in checks if one.result is CheckResult.NOTE]
    codes = {one.code: one for one in stops}
    if CheckCode.SAME_EVENT in codes:
        facts = codes[CheckCode.SAME_EVENT].facts
        raise SameEvent(claim=facts["claim"], number=facts["number"])
    if set(codes) == {CheckCode.REVIEW}:
        raise ReviewMissing(claim=file.row.ref)
    if stops:
        words = ", ".join(str(CHECK_WORDS[one.code]) for one in stops)
        raise ClaimStopped(reasons=words, codes=[one.code.value for one in stops])

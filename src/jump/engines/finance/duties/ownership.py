"""Finance's answers about ownership: registers, purchases, capital accounts, trusts, pledges, and their steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.models import (
    CapitalAccount,
    CapitalLine,
    CapitalSet,
    EsopTrust,
    FinancingPlan,
    MemberPledge,
    OwnershipStep,
    SharePurchase,
    ShareRegister,
    TrustLoan,
    TrustPerson,
)
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.types.ownership import FinancingState, StepState

_CHUNK = 500


def _refs(*texts: str | None) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(Ref(text) for text in texts if text))


def _steps(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in OwnershipStep.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("step of ownership"),
            str(Money(row.amount_minor, row.currency)) if row.amount_minor else row.kind.replace("_", " "),
            on=row.on,
            place=row.scope.title,
            url_name="stakes:step",
            url_args=(row.ref,),
            sources=_refs(row.subject, row.party, row.entry),
        )


def _registers(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in ShareRegister.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("register of shares"),
            title_of(row.product_title),
            detail=row.jurisdiction,
            on=row.opened_on,
            place=row.scope.title,
            url_name="stakes:register",
            url_args=(row.ref,),
            sources=_refs(row.enterprise),
        )


def _purchases(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = ShareRegister.objects.visible_to(actor).values("pk")
    rows = SharePurchase.objects.filter(ref__in=refs, register__in=seen).select_related("register__scope", "step")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("purchase of shares by instalments"),
            str(Money(row.paid_minor, row.register.currency)),
            on=row.agreed_on,
            place=row.register.scope.title,
            url_name="stakes:register",
            url_args=(row.register.ref,),
            sources=_refs(row.register.ref, row.buyer, row.seller, row.step.ref),
        )


def _sets(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in CapitalSet.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("capital accounts"),
            title_of(row.product_title),
            detail=row.currency,
            on=row.opened_on,
            place=row.scope.title,
            url_name="stakes:capital",
            url_args=(row.ref,),
            sources=_refs(row.enterprise),
        )


def _accounts(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = CapitalSet.objects.visible_to(actor).values("pk")
    rows = CapitalAccount.objects.filter(ref__in=refs, capital__in=seen).select_related("capital__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("member’s capital account"),
            title_of(row.capital.product_title),
            on=row.joined_on,
            place=row.capital.scope.title,
            url_name="stakes:member",
            url_args=(row.ref,),
            sources=_refs(row.capital.ref, row.member),
        )


def _trusts(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in EsopTrust.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("trust for employees"),
            row.title,
            on=row.opened_on,
            place=row.scope.title,
            url_name="stakes:trust",
            url_args=(row.ref,),
            sources=_refs(row.enterprise),
        )


def _trust_loans(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = EsopTrust.objects.visible_to(actor).values("pk")
    for row in TrustLoan.objects.filter(ref__in=refs, trust__in=seen).select_related("trust__scope", "step"):
        yield Description(
            Ref(row.ref),
            _("loan of a trust"),
            str(Money(row.principal_minor, row.trust.currency)),
            on=row.opened_on,
            place=row.trust.scope.title,
            url_name="stakes:trust",
            url_args=(row.trust.ref,),
            sources=_refs(row.trust.ref, row.lender, row.step.ref),
        )


def _trust_people(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = EsopTrust.objects.visible_to(actor).values("pk")
    for row in TrustPerson.objects.filter(ref__in=refs, trust__in=seen).select_related("trust__scope"):
        yield Description(
            Ref(row.ref),
            _("employee in a trust"),
            row.trust.title,
            on=row.joined_on,
            place=row.trust.scope.title,
            url_name="stakes:trust",
            url_args=(row.trust.ref,),
            sources=_refs(row.trust.ref, row.person),
        )


def _financing(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in FinancingPlan.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("financing plan"),
            str(Money(row.uses_minor, row.currency)),
            on=row.on,
            place=row.scope.title,
            url_name="stakes:financing",
            url_args=(row.ref,),
            sources=_refs(row.enterprise, *(one["record"] for one in row.sources)),
        )


def _pledges(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in MemberPledge.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("pledge to an enterprise"),
            str(Money(row.amount_minor, row.currency)),
            on=row.on,
            place=row.scope.title,
            url_name="stakes:list",
            sources=_refs(row.person, row.enterprise),
        )


DESCRIBERS: dict[str, Callable[[Actor, Sequence[Ref]], Iterator[Description]]] = {
    "own": _steps,
    "shr": _registers,
    "pur": _purchases,
    "cap": _sets,
    "mca": _accounts,
    "trs": _trusts,
    "tln": _trust_loans,
    "tpe": _trust_people,
    "plg": _pledges,
    "fpl": _financing,
}


def waiting(actor: Actor, limit: int) -> Iterator[Waiting]:
    """Steps and financing plans that somebody else prepared and that wait for this actor's approval."""
    if not (can(actor, "finance.approve") or can(actor, "finance.release")):
        return
    steps = OwnershipStep.objects.visible_to(actor).filter(state=StepState.PREPARED).exclude(prepared_by=actor.key)
    yield _for_a_second(steps, limit, _("A step of ownership waits for the second person"), "stakes:step")
    plans = FinancingPlan.objects.visible_to(actor).filter(state=FinancingState.PROPOSED)
    plans = plans.exclude(proposed_by=actor.key)
    yield _for_a_second(plans, limit, _("A financing plan waits for the second person"), "stakes:financing")


def _for_a_second(rows: Any, limit: int, title: str, url_name: str) -> Waiting:
    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            detail = f"{row['ref']}, {row['scope__title']}"
            yield Due(Ref(row["ref"]), title, detail, row["on"], "warn", url_name, (row["ref"],))

    return Waiting((Question(rows.order_by("on", "id")[:limit], ("ref", "on", "scope__title")),), tell)


def facts(as_of: date) -> Iterator[Fact]:
    """Members' capital as it stands on a day, one fact for each account, in major units."""
    rows = CapitalAccount.objects.filter(joined_on__lte=as_of).select_related("capital__scope").order_by("id")
    sums: dict[int, int] = {}
    for pk, amount in CapitalLine.objects.filter(on__lte=as_of).values_list("account_id", "amount_minor"):
        sums[pk] = sums.get(pk, 0) + amount
    for row in rows.iterator(_CHUNK):
        held = sums.get(row.pk, 0)
        yield Fact(
            kind="finance.capital",
            ref=Ref(row.ref),
            party=Ref(row.member),
            scope=row.capital.scope.path,
            on=row.joined_on,
            until=row.left_on if row.left_on and row.left_on <= as_of else None,
            value=Money(held, row.capital.currency).major,
            codes={
                "currency": row.capital.currency,
                "product": row.capital.product,
                "enterprise": row.capital.enterprise,
                "held_minor": held,
            },
            sources=_refs(row.ref, row.capital.ref),
        )


def export(actor: Actor, scope: str, as_of: date) -> Iterator[dict[str, Any]]:
    """Registers, capital accounts and trusts at and under a node, for hand-over. Their books come from the ledger."""
    for row in ShareRegister.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id"):
        yield {"kind": "share_register", "ref": row.ref, "enterprise": row.enterprise, "currency": row.currency}
    for kept in CapitalSet.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id"):
        yield {"kind": "capital_accounts", "ref": kept.ref, "enterprise": kept.enterprise, "currency": kept.currency}
        for one in kept.accounts.order_by("id"):
            yield {
                "kind": "capital_account",
                "ref": one.ref,
                "member": one.member,
                "joined_on": one.joined_on.isoformat(),
                "state": one.state,
            }
    for trust in EsopTrust.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id"):
        yield {"kind": "trust", "ref": trust.ref, "enterprise": trust.enterprise, "currency": trust.currency}

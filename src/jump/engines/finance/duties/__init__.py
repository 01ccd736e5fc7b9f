"""Finance's answers to the six questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from jump.base.actors import Actor, can
from jump.base.asking import Question, Row
from jump.base.duties import Description, Due, Fact, Waiting, told
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance.duties import cover, donors, in_kind, kept, ownership
from jump.engines.finance.models import (
    Asset,
    Budget,
    BudgetCell,
    Condition,
    Contract,
    Contribution,
    Fund,
    FundHandOver,
    Repayment,
    Spend,
    SpendProof,
    Tranche,
)
from jump.engines.finance.queries.contracts import title_of
from jump.engines.finance.queries.loans import loan_files
from jump.engines.finance.types import ContractKind, ContractState, TrancheState

_OWN_KINDS = frozenset({"fnd", "ctr", "trn", "cnd", "bud", "cel", "rep", "ast", "spd", "prf", "cnt", "fho"})
REF_KINDS = _OWN_KINDS.union(
    kept.DESCRIBERS, donors.DESCRIBERS, in_kind.DESCRIBERS, cover.DESCRIBERS, ownership.DESCRIBERS
)

_CHUNK = 500
_LATE_IS_BAD_AFTER_DAYS = 30


# --- describe -----------------------------------------------------------------------------------------------


def describe(actor: Actor, ref: Ref) -> Description | None:
    """Whatever finance holds, in words for people, with what it rests on."""
    return describe_many(actor, [ref]).get(ref)


def describe_many(actor: Actor, refs: Sequence[Ref]) -> dict[Ref, Description]:
    """Descriptions of many, a few statements per kind."""
    found: dict[Ref, Description] = {}
    for kind in {ref.kind for ref in refs}:
        mine = [ref for ref in refs if ref.kind == kind]
        if kind in _DESCRIBERS:
            found.update((one.ref, one) for one in _DESCRIBERS[kind](actor, mine))
    return found


def _refs(*texts: str | None) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(Ref(text) for text in texts if text))


def _of_contracts(actor: Actor) -> Any:
    return Contract.objects.visible_to(actor).values("pk")


def _funds(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Fund.objects.visible_to(actor).filter(ref__in=refs).select_related("scope")
    for row in rows.prefetch_related("rule_sets", "hand_overs"):
        signed = [one.signed for one in row.rule_sets.all()]
        passed = [one.ref for one in row.hand_overs.all() if one.state == FundHandOver.DONE]
        yield Description(
            Ref(row.ref),
            _("loan fund"),
            row.title,
            detail=row.currency,
            on=row.opened_on,
            place=row.scope.title,
            url_name="money:fund",
            url_args=(row.ref,),
            sources=_refs(row.owner, *signed, row.bookkeeper_proof, *passed),
        )


def _hand_overs(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    seen = Fund.objects.visible_to(actor).values("pk")
    for row in FundHandOver.objects.filter(ref__in=refs, fund__in=seen).select_related("fund__scope"):
        yield Description(
            Ref(row.ref),
            _("hand-over of a fund"),
            row.fund.title,
            on=row.on or row.counted_on,
            place=row.fund.scope.title,
            url_name="money:fund",
            url_args=(row.fund.ref,),
            sources=_refs(row.deed, row.count, row.fund.ref, row.from_owner, row.to_owner),
        )


def _contracts(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Contract.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "fund", "cell")
    for row in rows.prefetch_related("conditions"):
        proofs = [one.proof for one in row.conditions.all() if one.met_on]
        yield Description(
            Ref(row.ref),
            _kind_words(row.kind),
            title_of(row.product_title),
            detail=f"{Money(row.amount_minor, row.currency)}, {row.purpose}",
            on=row.opened_on,
            place=row.scope.title,
            url_name="money:contract",
            url_args=(row.ref,),
            sources=_refs(
                row.cause, *proofs, row.party, row.fund.ref if row.fund else None, row.cell.ref if row.cell else None
            ),
        )


def _kind_words(kind: str) -> str:
    return {"loan": _("loan"), "grant": _("grant"), "service": _("service contract")}[kind]


def _tranches(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Tranche.objects.filter(ref__in=refs, contract__in=_of_contracts(actor)).select_related("contract__scope")
    for row in rows:
        met = row.contract.conditions.exclude(met_on=None)
        proofs = [one.ref for one in met if one.tranche is None or one.tranche <= row.number]
        yield Description(
            Ref(row.ref),
            _("payment"),
            _("Tranche %(number)s of %(contract)s") % {"number": row.number, "contract": row.contract.ref},
            detail=str(Money(row.amount_minor, row.contract.currency)),
            on=row.released_on or row.prepared_on,
            place=row.contract.scope.title,
            url_name="money:contract",
            url_args=(row.contract.ref,),
            sources=_refs(row.contract.ref, *proofs),
        )


def _conditions(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Condition.objects.filter(ref__in=refs, contract__in=_of_contracts(actor)).select_related("contract__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("condition"),
            title_of(row.text),
            detail=_("met") if row.met_on else _("still open"),
            on=row.met_on,
            place=row.contract.scope.title,
            url_name="money:contract",
            url_args=(row.contract.ref,),
            sources=_refs(row.proof, row.contract.ref),
        )


def _repayments(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Repayment.objects.filter(ref__in=refs, contract__in=_of_contracts(actor)).select_related("contract__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("repayment"),
            str(Money(row.amount_minor, row.contract.currency)),
            detail=_("Receipt %(receipt)s") % {"receipt": row.receipt} if row.receipt else "",
            on=row.on,
            place=row.contract.scope.title,
            url_name="money:contract",
            url_args=(row.contract.ref,),
            sources=_refs(row.contract.ref),
        )


def _proofs(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = SpendProof.objects.filter(ref__in=refs, contract__in=_of_contracts(actor)).select_related("contract__scope")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("money accounted for"),
            str(Money(row.amount_minor, row.contract.currency)),
            on=row.on,
            place=row.contract.scope.title,
            url_name="money:contract",
            url_args=(row.contract.ref,),
            sources=_refs(row.proof, row.contract.ref),
        )


def _contributions(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Contribution.objects.filter(ref__in=refs, fund__in=Fund.objects.visible_to(actor).values("pk"))
    for row in rows.select_related("fund__scope"):
        yield Description(
            Ref(row.ref),
            _("contribution"),
            f"{row.source}: {Money(row.amount_minor, row.fund.currency)}",
            on=row.on,
            place=row.fund.scope.title,
            url_name="money:fund",
            url_args=(row.fund.ref,),
            sources=_refs(row.fund.ref),
        )


def _budgets(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in Budget.objects.visible_to(actor).filter(ref__in=refs).select_related("scope"):
        yield Description(
            Ref(row.ref),
            _("budget"),
            row.title,
            detail=row.definition,
            on=row.declared_on,
            place=row.scope.title,
            url_name="money:budget",
        )


def _cells(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = BudgetCell.objects.filter(ref__in=refs, budget__in=Budget.objects.visible_to(actor).values("pk"))
    for row in rows.select_related("budget"):
        yield Description(
            Ref(row.ref),
            _("budget cell"),
            f"{row.country}, {row.stage}, {row.type}",
            detail=str(Money(row.amount_minor, row.budget.currency)),
            place=row.country,
            url_name="money:budget",
            sources=_refs(row.budget.ref),
        )


def _spends(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    rows = Spend.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "cell", "contract")
    for row in rows:
        yield Description(
            Ref(row.ref),
            _("money spent"),
            row.memo,
            detail=f"{Money(row.paid_minor, row.paid_currency)}, {row.line}",
            on=row.on,
            place=row.scope.title,
            url_name="money:budget",
            sources=_refs(row.proof, row.contract.ref if row.contract else None, row.cell.ref),
        )


def _assets(actor: Actor, refs: Sequence[Ref]) -> Iterator[Description]:
    for row in Asset.objects.visible_to(actor).filter(ref__in=refs).select_related("scope", "spend"):
        yield Description(
            Ref(row.ref),
            _("equipment"),
            row.title,
            detail=str(Money(row.cost_minor, row.currency)),
            on=row.bought_on,
            place=row.scope.title,
            url_name="money:asset",
            url_args=(row.ref,),
            sources=_refs(row.deed, row.spend.ref, row.holder),
        )


_DESCRIBERS: dict[str, Callable[[Actor, Sequence[Ref]], Iterator[Description]]] = {
    "fnd": _funds,
    "fho": _hand_overs,
    "ctr": _contracts,
    "trn": _tranches,
    "cnd": _conditions,
    "rep": _repayments,
    "prf": _proofs,
    "cnt": _contributions,
    "bud": _budgets,
    "cel": _cells,
    "spd": _spends,
    "ast": _assets,
    **kept.DESCRIBERS,
    **cover.DESCRIBERS,
    **in_kind.DESCRIBERS,
    **donors.DESCRIBERS,
    **ownership.DESCRIBERS,
}


# --- due ----------------------------------------------------------------------------------------------------


def due(actor: Actor, as_of: date) -> list[Due]:
    return told(actor, waiting(actor, as_of))


def waiting(actor: Actor, as_of: date, limit: int = 50) -> Iterator[Waiting]:
    """Loans with a late instalment for those who collect; tranches for those who prepare and release them."""
    if can(actor, "finance.collect") or can(actor, "finance.prepare"):
        yield _late_loans(actor, as_of, limit)
    if can(actor, "finance.release") or can(actor, "finance.approve"):
        yield _to_release(actor, limit)
    if can(actor, "finance.prepare"):
        yield _to_prepare(actor, limit)
    yield from kept.waiting(actor, limit)
    yield from cover.waiting(actor, limit)
    yield from in_kind.waiting(actor, limit)
    yield from donors.waiting(actor, as_of, limit)
    yield from ownership.waiting(actor, limit)


def _late_loans(actor: Actor, as_of: date, limit: int) -> Waiting:
    rows = Contract.objects.visible_to(actor).filter(
        kind=ContractKind.LOAN, state=ContractState.RUNNING, first_unpaid_on__lt=as_of
    )

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            days = (as_of - row["first_unpaid_on"]).days
            yield Due(
                Ref(row["ref"]),
                _("Loan %(ref)s is late") % {"ref": row["ref"]},
                _("%(days)s days late, %(place)s") % {"days": days, "place": row["scope__title"]},
                row["first_unpaid_on"],
                "bad" if days > _LATE_IS_BAD_AFTER_DAYS else "warn",
                "money:contract",
                (row["ref"],),
            )

    latest = rows.order_by("first_unpaid_on", "id")[:limit]
    return Waiting((Question(latest, ("ref", "scope__title", "first_unpaid_on")),), tell)


def _to_release(actor: Actor, limit: int) -> Waiting:
    """Prepared tranches that this actor did not prepare and did not decide."""
    rows = Tranche.objects.filter(state=TrancheState.PREPARED, contract__in=_of_contracts(actor))
    rows = rows.exclude(prepared_by=actor.key).order_by("prepared_on", "id")
    columns = ("ref", "number", "amount_minor", "prepared_on", "contract_id", "contract__ref", "contract__currency")
    decided = Condition.objects.filter(contract__in=rows.order_by().values("contract")).exclude(decided_by=[])

    def tell(_called: Mapping[str, str], found: Sequence[Row], conditions: Sequence[Row]) -> Iterator[Due]:
        own = {one["contract_id"] for one in conditions if actor.key in one["decided_by"]}
        title = _("A payment waits for the second person")
        for row in found:
            if row["contract_id"] not in own:
                contract = (row["contract__ref"], row["contract__currency"])
                yield _payment(title, row, contract, row["amount_minor"], row["prepared_on"], "warn")

    return Waiting((Question(rows[:limit], columns), Question(decided, ("contract_id", "decided_by"))), tell)


def _to_prepare(actor: Actor, limit: int) -> Waiting:
    """The next tranche of a contract whose conditions for it are all met."""
    tranches = Tranche.objects.filter(contract=OuterRef("pk"))
    planned = tranches.filter(state=TrancheState.PLANNED).order_by("number")
    unmet = Condition.objects.filter(contract=OuterRef("pk"), met_on__isnull=True)
    rows = (
        Contract.objects.visible_to(actor)
        .filter(state__in=[ContractState.WAITING, ContractState.RUNNING])
        .annotate(
            number=Subquery(planned.values("number")[:1]), next_minor=Subquery(planned.values("amount_minor")[:1])
        )
        .filter(number__isnull=False)
        .exclude(Exists(tranches.filter(state=TrancheState.PREPARED)))
        .exclude(Exists(unmet.filter(Q(tranche__isnull=True) | Q(tranche__lte=OuterRef("number")))))
        .order_by("opened_on", "id")
    )

    def tell(_called: Mapping[str, str], found: Sequence[Row]) -> Iterator[Due]:
        for row in found:
            contract = (row["ref"], row["currency"])
            yield _payment(_("A payment can be prepared"), row, contract, row["next_minor"], row["opened_on"], "blue")

    return Waiting((Question(rows[:limit], ("ref", "currency", "opened_on", "number", "next_minor")),), tell)


def _payment(title: str, row: Row, contract: tuple[str, str], amount_minor: int, on: date | None, severity: str) -> Due:
    """A tranche that waits; ``contract`` is its reference and currency."""
    ref, currency = contract
    detail = _("Tranche %(number)s of %(contract)s, %(amount)s") % {
        "number": row["number"],
        "contract": ref,
        "amount": Money(amount_minor, currency),
    }
    return Due(Ref(row["ref"]), title, detail, on, severity, "money:contract", (ref,))


# --- facts --------------------------------------------------------------------------------------------------


def facts(*, as_of: date) -> Iterator[Fact]:
    """Spends, loans as they stand on the day, repayments and grant payments. Values in major units; constant memory."""
    yield from _spend_facts(as_of)
    yield from _loan_facts(as_of)
    yield from _repayment_facts(as_of)
    yield from _grant_facts(as_of)
    yield from kept.savings_facts(as_of)
    yield from cover.facts(as_of)
    yield from ownership.facts(as_of)
    yield from in_kind.facts(as_of)


def _spend_facts(as_of: date) -> Iterator[Fact]:
    rows = Spend.objects.filter(on__lte=as_of).select_related("scope", "cell__budget", "contract").order_by("id")
    for row in rows.iterator(_CHUNK):
        currency = row.cell.budget.currency
        yield Fact(
            kind="finance.spend",
            ref=Ref(row.ref),
            scope=row.scope.path,
            on=row.on,
            value=_major(row.amount_minor, currency),
            codes={
                "currency": currency,
                "line": row.line,
                "stage": row.stage,
                "type": row.type,
                "source": row.source,
                "activity": row.activity,
                "amount_minor": row.amount_minor,
            },
            sources=_refs(row.entry, row.proof, row.contract.ref if row.contract else None, row.cell.ref),
        )


def _loan_facts(as_of: date) -> Iterator[Fact]:
    ids = (
        Contract.objects.filter(kind=ContractKind.LOAN, opened_on__lte=as_of)
        .order_by("id")
        .values_list("id", flat=True)
    )
    for chunk in _chunks(ids):
        rows = {row.pk: row for row in Contract.objects.filter(pk__in=chunk).select_related("scope", "fund")}
        for pk, file in loan_files(rows.values()).items():
            row, paid_out = rows[pk], file.first_on
            if paid_out > as_of:
                continue
            state = file.state(as_of)
            yield Fact(
                kind="finance.loan",
                ref=Ref(row.ref),
                party=Ref(row.party),
                scope=row.scope.path,
                on=paid_out,
                until=row.settled_on if row.settled_on and row.settled_on <= as_of else None,
                value=_major(state.lent_minor, row.currency),
                codes={
                    "currency": row.currency,
                    "product": row.product,
                    "lent_minor": state.lent_minor,
                    "outstanding_minor": state.principal_minor,
                    "days_late": state.days_late,
                    "late": state.days_late > 0,
                    "par30": state.days_late > 30,
                    "par60": state.days_late > 60,
                    "par90": state.days_late > 90,
                    "written_off": state.written_off_minor > 0,
                    "settled": state.is_closed and not state.written_off_minor,
                    "due_minor": sum(line.due_minor for line in state.instalments if line.due_on <= as_of),
                    "due_paid_minor": sum(line.paid_minor for line in state.instalments if line.due_on <= as_of),
                },
                sources=_refs(row.ref, row.cause, row.fund.ref if row.fund else None),
            )


def _repayment_facts(as_of: date) -> Iterator[Fact]:
    rows = Repayment.objects.filter(on__lte=as_of, undone_entry="").select_related("contract__scope").order_by("id")
    for row in rows.iterator(_CHUNK):
        yield Fact(
            kind="finance.repayment",
            ref=Ref(row.ref),
            party=Ref(row.contract.party),
            scope=row.contract.scope.path,
            on=row.on,
            value=_major(row.amount_minor, row.contract.currency),
            codes={
                "currency": row.contract.currency,
                "product": row.contract.product,
                "amount_minor": row.amount_minor,
                "principal_minor": row.principal_minor,
                "interest_minor": row.interest_minor + row.fee_minor + row.penalty_minor,
                "recovered_minor": row.recovered_minor,
            },
            sources=_refs(row.entry, row.contract.ref),
        )


def _grant_facts(as_of: date) -> Iterator[Fact]:
    rows = Tranche.objects.filter(
        state=TrancheState.RELEASED, released_on__lte=as_of, contract__kind=ContractKind.GRANT
    )
    for row in rows.select_related("contract__scope").order_by("id").iterator(_CHUNK):
        assert row.released_on is not None
        yield Fact(
            kind="finance.grant",
            ref=Ref(row.ref),
            party=Ref(row.contract.party),
            scope=row.contract.scope.path,
            on=row.released_on,
            value=_major(row.amount_minor, row.contract.currency),
            codes={
                "currency": row.contract.currency,
                "product": row.contract.product,
                "tranche": row.number,
                "amount_minor": row.amount_minor,
            },
            sources=_refs(row.entry, row.contract.ref, row.contract.cause),
        )


def _major(amount_minor: int, currency: str) -> Decimal:
    return Money(amount_minor, currency).major


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    known = list(ids)
    for start in range(0, len(known), _CHUNK):
        yield known[start : start + _CHUNK]


# --- export, forget -----------------------------------------------------------------------------------------


def export(actor: Actor, scope: str, as_of: date) -> Iterator[dict[str, Any]]:
    """Funds, contracts and spends at and under a node, for hand-over. Their books come from the ledger."""
    for fund in Fund.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id"):
        yield {"kind": "fund", "ref": fund.ref, "title": fund.title, "currency": fund.currency, "owner": fund.owner}
    contracts = Contract.objects.visible_to(actor).under(scope).filter(opened_on__lte=as_of).order_by("id")
    for row in contracts.iterator(_CHUNK):
        yield {
            "kind": row.kind,
            "ref": row.ref,
            "product": row.product,
            "party": row.party,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "state": row.state,
            "opened_on": row.opened_on.isoformat(),
        }
    for spend in Spend.objects.visible_to(actor).under(scope).filter(on__lte=as_of).order_by("id").iterator(_CHUNK):
        yield {
            "kind": "spend",
            "ref": spend.ref,
            "on": spend.on.isoformat(),
            "line": spend.line,
            "amount_minor": spend.amount_minor,
        }
    yield from kept.export(actor, scope, as_of)
    yield from cover.export(actor, scope, as_of)
    yield from in_kind.export(actor, scope, as_of)
    yield from donors.export(actor, scope, as_of)
    yield from ownership.export(actor, scope, as_of)


def forget(person: Ref, as_of: date) -> int:
    """Finance keeps references and no names: what was owed and paid stays. What was wrong with somebody goes."""
    return cover.forget(person)

"""What finance tells the others: the walk back, what waits, facts, effects, and its package data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jump.base import duties, packages
from jump.base.outbox import Cause
from jump.base.refusals import NotFound
from jump.core.money import Money
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.finance import duties as ours
from jump.engines.finance import effects
from jump.engines.ledger import duties as ledger_duties
from tests.engines.finance.makers import (
    COORDINATOR,
    DAY,
    DONOR,
    MANAGER,
    MILLERS,
    NATIONAL,
    NEIGHBOUR,
    RIVERSIDE,
    SECOND_MANAGER,
    SYSTEM,
    FundMaker,
    php,
    usd,
)


def walk(ref: Ref, actor: object = SYSTEM) -> set[str]:
    """Every reference that can be reached from one by what it rests on, in these two engines."""
    seen: set[str] = set()
    waiting = [ref]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        told = ours.describe(actor, one) or ledger_duties.describe(actor, one)  # type: ignore[arg-type]
        if told is not None:
            waiting.extend(told.sources)
    return seen


@pytest.mark.covers("REPORT-03")
def test_the_walk_from_an_entry_leads_to_the_contract_the_decision_and_the_proof(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    paid = maker.repay(loan, 21_323_71, date(2003, 12, 27))
    view = finance.contract(MANAGER, loan)

    entry = view.tranches[0].entry_ref
    assert entry is not None
    reached = walk(entry)
    assert {view.tranches[0].ref, loan, fund, "cas-00000001", "rnd-00000001", MILLERS} <= reached
    assert {one.ref for one in view.conditions} <= reached
    assert {paid.ref, loan, "cas-00000001"} <= walk(paid.entry_ref)


def test_nothing_is_described_to_those_who_may_not_see_it(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    paid = maker.repay(loan, 21_323_71, date(2003, 12, 27))
    tranche = finance.contract(MANAGER, loan).tranches[0]
    for ref in (fund, loan, paid.ref, tranche.ref):
        assert ours.describe(MANAGER, ref) is not None
        assert ours.describe(NEIGHBOUR, ref) is None
    assert ledger_duties.describe(NEIGHBOUR, paid.entry_ref) is None
    assert ledger_duties.describe(DONOR, paid.entry_ref) is not None


def test_many_references_are_described_in_few_statements(
    maker: FundMaker, fund: Ref, django_assert_max_num_queries: object
) -> None:
    loans = [maker.running_loan(fund, 1_000_000, party=Ref(f"grp-{number:08}")) for number in range(6)]
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        assert set(ours.describe_many(MANAGER, loans)) == set(loans)


def test_what_waits_is_shown_to_those_who_can_do_it(maker: FundMaker, fund: Ref) -> None:
    on = date(2004, 2, 1)
    late = maker.running_loan(fund)
    ready = maker.loan(fund, 1_000_000, party=Ref("grp-00000002"))
    open_one = maker.loan(fund, 1_000_000, party=Ref("grp-00000003"), met=False)
    prepared = maker.loan(fund, 1_000_000, party=Ref("grp-00000004"))
    tranche = finance.prepare_release(MANAGER, contract_ref=prepared, number=1, on=DAY)

    waiting = {(one.ref, one.severity) for one in ours.due(SECOND_MANAGER, on)}
    assert waiting == {(late, "bad"), (tranche, "warn"), (ready, "blue")}
    assert tranche not in {one.ref for one in ours.due(MANAGER, on)}
    assert {one.ref for one in ours.due(COORDINATOR, on)} == {tranche}
    assert open_one not in {one.ref for one in ours.due(NATIONAL, on)}
    assert list(ours.due(NEIGHBOUR, on)) == []
    assert list(ours.due(DONOR, on)) == []


@pytest.mark.covers("RLF-08")
def test_facts_say_how_each_loan_stands_on_a_day_with_what_it_rests_on(maker: FundMaker, fund: Ref) -> None:
    loan = maker.running_loan(fund)
    paid = maker.repay(loan, 21_323_71, date(2003, 12, 27))

    told = {fact.kind: fact for fact in ours.facts(as_of=date(2004, 3, 1))}
    seen = told["finance.loan"]
    assert (seen.ref, seen.party, seen.scope, seen.on, seen.value) == (
        loan,
        MILLERS,
        RIVERSIDE,
        DAY,
        Decimal("240000.00"),
    )
    assert seen.codes["outstanding_minor"] == 221_076_29
    assert (seen.codes["days_late"], seen.codes["par30"], seen.codes["par60"]) == (34, True, False)
    assert seen.sources == (loan, "cas-00000001", fund)
    assert told["finance.repayment"].value == Decimal("21323.71")
    assert told["finance.repayment"].sources == (paid.entry_ref, loan)
    before = {fact.kind: fact for fact in ours.facts(as_of=date(2003, 12, 26))}
    assert set(before) == {"finance.loan"}
    assert before["finance.loan"].codes["days_late"] == 0


def test_spends_and_grant_payments_are_facts(maker: FundMaker, budget: Ref) -> None:
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(1_000_000), on=date(2002, 1, 1), key="d"
    )
    spent = finance.spend(
        NATIONAL,
        line="training",
        scope=RIVERSIDE,
        stage="pilot",
        type="cb",
        amount=usd(12_345),
        on=DAY,
        memo="Workshop A",
        activity="o7_a1",
        proof_ref=Ref("ses-00000001"),
        key="s",
    )
    (told,) = list(ours.facts(as_of=DAY))
    assert (told.kind, told.value, told.scope) == ("finance.spend", Decimal("123.45"), RIVERSIDE)
    assert told.codes["activity"] == "o7_a1"
    assert told.sources[:2] == (spent.entry_ref, "ses-00000001")


# --- effects ------------------------------------------------------------------------------------------------


def cause(key: str = "step-1#0#0") -> Cause:
    return Cause(key=key, ref=Ref("stp-00000001"), actor=SYSTEM, on=DAY)


def test_a_decided_case_opens_its_contract_once_and_tells_it_what_was_decided(maker: FundMaker, fund: Ref) -> None:
    asked = {
        "product": "revolving_fund.group_loan",
        "party_ref": MILLERS,
        "amount": "120000.50",
        "currency": "PHP",
        "scope": RIVERSIDE,
        "purpose": "rice mill",
        "cause_ref": "cas-00000001",
    }
    made = effects.open_contract(cause(), **asked)
    assert effects.open_contract(cause(), **asked) == made

    for _ in range(2):
        effects.meet_condition(
            cause("step-1#1#0"),
            contract_ref=made["ref"],
            condition="approval",
            proof_ref="rnd-00000001",
            decided_by=["user:21"],
        )
    view = finance.contract(MANAGER, made["ref"])
    assert (view.amount, view.fund_ref, view.cause_ref) == (php(12_000_050), fund, "cas-00000001")
    assert (view.conditions[0].proof_ref, view.conditions[0].decided_by) == ("rnd-00000001", ("user:21",))
    assert finance.count_contracts(SYSTEM) == 1


def test_a_condition_a_contract_does_not_ask_for_is_passed_over_only_where_the_package_says_so(
    maker: FundMaker, fund: Ref
) -> None:
    ref = maker.loan(fund)
    told = {"contract_ref": ref, "condition": "launch", "proof_ref": "stp-00000001"}
    assert effects.meet_condition(cause(), **told, if_asked=True) == {"ref": None}
    with pytest.raises(NotFound):
        effects.meet_condition(cause(), **told)


def test_a_grant_whose_product_names_a_type_is_promised_from_the_budget(
    maker: FundMaker, budget: Ref, fund: Ref
) -> None:
    made = effects.open_contract(
        cause(),
        product="jump_cer.project_grant",
        party_ref=MILLERS,
        amount="5000",
        currency="USD",
        scope=RIVERSIDE,
        purpose="mill",
    )
    view = finance.contract(MANAGER, made["ref"])
    assert (view.fund_ref, view.budget_ref) == (None, budget)
    committed = {cell.country: cell.committed for cell in finance.cells(SYSTEM) if cell.committed}
    assert committed == {"PH": usd(500_000)}


def test_an_amount_nobody_wrote_opens_nothing(maker: FundMaker, fund: Ref) -> None:
    with pytest.raises(finance.AmountNotPositive):
        effects.open_contract(
            cause(),
            product="revolving_fund.group_loan",
            party_ref=MILLERS,
            amount="",
            currency="PHP",
            scope=RIVERSIDE,
        )
    assert finance.count_contracts(SYSTEM) == 0


# --- package data -------------------------------------------------------------------------------------------

SERVICE = """
baseline_study:
  kind: service
  title: {en: Baseline study, fr: Enquête de référence}
  tranches:
    - {percent: 100, conditions: [delivered]}
  conditions:
    - {id: delivered, text: {en: The report was accepted., fr: Le rapport a été accepté.}, met_by: evidence}
  budget_line: sub_contractors
  type: cb
  provenance: D
"""


def package(folder: Path, products: str) -> Path:
    made = folder / "pilot"
    made.mkdir(parents=True)
    (made / "programme.yaml").write_text(
        'name: pilot\nversion: "1"\ntitle: {en: Pilot, fr: Pilote}\nlanguages: [en, fr]\nengines: [finance]\n'
    )
    (made / "products.yaml").write_text(products)
    return made


@pytest.mark.covers("BUDGET-09")
def test_a_consultant_is_paid_when_the_deliverable_was_accepted(maker: FundMaker, budget: Ref, tmp_path: Path) -> None:
    packages.install(SYSTEM, package(tmp_path, SERVICE))
    finance.receive(
        COORDINATOR, budget_ref=budget, source="primary_donor", amount=usd(1_000_000), on=date(2002, 1, 1), key="d"
    )
    contract = finance.open_contract(
        NATIONAL,
        product="pilot.baseline_study",
        party_ref=Ref("org-00000009"),
        amount=usd(300_000),
        scope=RIVERSIDE,
        purpose="baseline",
        budget={"stage": "pilot"},
        on=DAY,
        key="c",
    )
    tranche = finance.prepare_release(NATIONAL, contract_ref=contract, number=1, on=DAY)
    with pytest.raises(finance.ConditionOpen):
        finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY)
    finance.meet_condition(
        NATIONAL, contract_ref=contract, condition="delivered", proof_ref=Ref("dsv-00000001"), on=DAY
    )
    assert finance.approve_release(MANAGER, tranche_ref=tranche, on=DAY).state == "released"
    (paid,) = finance.spends(SYSTEM)
    assert (paid.line, paid.amount) == ("sub_contractors", Money(300_000, "USD"))


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        (SERVICE.replace("percent: 100", "percent: 90"), 5, "add up to 90 percent"),
        (SERVICE.replace("conditions: [delivered]", "conditions: [signed]"), 6, "signed is not declared"),
        (SERVICE.replace("kind: service", "kind: gift"), 3, "loan, grant, service"),
        (SERVICE.replace("  type: cb", "  typ: cb"), 2, "a key that nobody reads"),
    ],
)
def test_a_broken_product_is_found_by_file_and_line_and_nothing_is_loaded(
    maker: FundMaker, tmp_path: Path, wrong: str, line: int, words: str
) -> None:
    folder = package(tmp_path, wrong)
    findings = packages.check([folder])
    assert any(words in str(one) for one in findings), findings
    assert [(one.file, one.line) for one in findings] == [("pilot/products.yaml", line)]
    with pytest.raises(packages.PackageBroken):
        packages.install(SYSTEM, folder)
    with pytest.raises(packages.UnknownDefinition):
        packages.definition("product", "pilot.baseline_study")


def test_every_reference_kind_of_finance_has_words(maker: FundMaker) -> None:
    assert set(ours._DESCRIBERS) == set(ours.REF_KINDS)
    assert not set(ours.REF_KINDS) & set(ledger_duties.REF_KINDS)
    assert duties.describe(SYSTEM, Ref("ctr-00000000")) is None


IN_KIND = """shop:
  kind: store
  title: {en: Store, fr: Store}
  store:
    unit: kilogram
    unit_words: {en: kg, fr: kg}
    goods: {en: Millet, fr: Millet}
    credit_margin: "0.30"
    sale_margin: "0.10"
    market_share: "0.85"
    result_split: {stock: "0.5", social: "0.5"}
gin:
  kind: market
  title: {en: Market, fr: Market}
  currency: XOF
  market:
    unit: kilogram
    unit_words: {en: kg, fr: kg}
    goods: {en: Cotton, fr: Cotton}
    units_per_tonne: 1000
    fee_per_tonne_minor: 3000
    grades:
      - {id: first, title: {en: First, fr: First}, price_minor: 200}
gang:
  kind: client_contract
  title: {en: Work, fr: Work}
  client_contract:
    hours_per_day: 8
    cooperative_share: "0.07"
    checklist:
      - {id: pay, text: {en: Pay, fr: Pay}}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('social: "0.5"', 'social: "0.4"', 11, "add up to 0.9, not to 1"),
        ("currency: XOF", "currency: any", 15, "have no currency"),
        ("price_minor: 200", "price_minor: 0", 23, "0"),
        ('cooperative_share: "0.07"', 'cooperative_share: "1.5"', 29, "1.5"),
        ("    hours_per_day: 8\n", "", 27, "hours_per_day"),
        ("kind: store", "kind: market", 1, "market"),
    ],
    ids=["split", "currency", "price", "share", "day", "kind"],
)
def test_a_broken_store_market_or_contract_is_found_by_file_and_line(
    maker: FundMaker, tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert packages.check([package(tmp_path / "right", IN_KIND)]) == []
    findings = packages.check([package(tmp_path / "wrong", IN_KIND.replace(old, new, 1))])
    assert any(words in str(one) for one in findings), findings
    assert ("pilot/products.yaml", line) in [(one.file, one.line) for one in findings], findings

"""Schemes and their packages: declared as data, adopted with a decision, changed only by a new dated one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from jump.base import clock, packages
from jump.base.refusals import BadInput, NotAllowed, NotFound
from jump.core.units import Ref
from jump.engines.finance import api as finance
from jump.engines.finance.models import CoverVersion
from tests.engines.finance.covered import (
    ASSEMBLY,
    CLERK,
    NATIONAL,
    OPENED,
    POST,
    Scheme,
    xof,
)
from tests.engines.finance.makers import NEIGHBOUR, PROGRAMMES, SYSTEM


@pytest.fixture
def bare(cover_products: None) -> Scheme:
    return Scheme()


@pytest.mark.covers("MICROINS-01")
def test_a_scheme_has_its_legal_form_and_a_package_with_benefits_contribution_copayment_and_waiting(
    bare: Scheme,
) -> None:
    bare.package()
    view = finance.scheme(SYSTEM, bare.ref)
    assert (view.legal_form, view.currency, view.insured) == ("mutual", "XOF", 0)
    package = view.package
    assert package is not None
    ward = next(one for one in package.benefits if one.code == "ward")
    assert (ward.waiting_months, str(ward.copay), ward.ceiling_event, ward.ceiling_year) == (
        3,
        "1/5",
        xof(30_000),
        xof(60_000),
    )
    assert (package.contribution, package.per, package.rhythm) == (xof(500), "person", "monthly")
    assert (package.ceiling_person, package.ceiling_family) == (xof(80_000), xof(200_000))
    assert set(package.exclusions) == {"cosmetic", "abroad", "other_payer"}


@pytest.mark.covers("MICROINS-01")
def test_a_package_is_in_force_only_with_the_assemblys_decision_and_another_person(bare: Scheme) -> None:
    proposed = bare.propose()
    assert finance.scheme(SYSTEM, bare.ref).package is None
    with pytest.raises(finance.NoPackage):
        bare.family()
    with pytest.raises(finance.DecisionMissing):
        finance.adopt_package(NATIONAL, version_ref=proposed.ref, decision_ref=Ref(""), on=OPENED)
    with pytest.raises(NotAllowed):
        finance.adopt_package(CLERK, version_ref=proposed.ref, decision_ref=ASSEMBLY, on=OPENED)
    assert finance.package(SYSTEM, proposed.ref).state is finance.VersionState.PROPOSED

    adopted = finance.adopt_package(NATIONAL, version_ref=proposed.ref, decision_ref=ASSEMBLY, on=OPENED)
    assert (adopted.state, adopted.decision_ref) == (finance.VersionState.ADOPTED, ASSEMBLY)
    assert finance.adopt_package(NATIONAL, version_ref=proposed.ref, decision_ref=ASSEMBLY, on=OPENED) == adopted


def test_who_proposes_does_not_adopt(cover_products: None) -> None:
    bare = Scheme()
    proposed = finance.propose_package(
        NATIONAL, scheme_ref=bare.ref, product=bare.product, valid_from=OPENED, key="own"
    )
    with pytest.raises(finance.SamePerson):
        finance.adopt_package(NATIONAL, version_ref=proposed.ref, decision_ref=ASSEMBLY, on=OPENED)
    with pytest.raises(IntegrityError), transaction.atomic():
        CoverVersion.objects.filter(ref=proposed.ref).update(
            state="adopted", adopted_by="user:32", adopted_on=OPENED, decision="res-ASSEMB1Y"
        )


@pytest.mark.covers("MICROINS-01")
def test_rules_change_only_by_a_later_package_and_days_that_are_gone_keep_theirs(scheme: Scheme) -> None:
    with pytest.raises(finance.PackageNotLater) as refusal:
        scheme.propose(date(2005, 6, 29))
    assert refusal.value.facts["earliest"] == "2005-06-30"
    first = finance.scheme(SYSTEM, scheme.ref).package
    second = scheme.package(date(2005, 8, 1))
    assert first is not None
    assert finance.package(SYSTEM, first.ref).valid_until == date(2005, 7, 31)
    assert finance.scheme(SYSTEM, scheme.ref).package == finance.package(SYSTEM, first.ref)
    clock.pin(date(2005, 8, 1))
    now = finance.scheme(SYSTEM, scheme.ref).package
    assert now is not None
    assert now.ref == second.ref


def test_a_new_package_keeps_the_rhythm_and_the_currency(scheme: Scheme) -> None:
    with pytest.raises(finance.RhythmChanged):
        scheme.propose(date(2005, 8, 1), "step.mother_child")
    with pytest.raises(finance.WrongCurrency):
        scheme.propose(date(2005, 8, 1), "step.community_health")
    assert len(finance.packages_of(SYSTEM, scheme_ref=scheme.ref)) == 1


def test_the_terms_of_a_scheme_stay_when_the_programmes_data_change(scheme: Scheme, tmp_path: Path) -> None:
    folder = tmp_path / "again" / "step"
    folder.mkdir(parents=True)
    text = (PROGRAMMES / "step" / "products.yaml").read_text().replace("amount_minor: 500,", "amount_minor: 900,")
    (folder / "products.yaml").write_text(text)
    (folder / "programme.yaml").write_text(
        'name: step\nversion: "2"\ntitle: {en: step, fr: step}\nlanguages: [en, fr]\nengines: [finance]\nuses: []\n'
    )
    packages.install(SYSTEM, folder)
    package = finance.scheme(SYSTEM, scheme.ref).package
    assert package is not None
    assert package.contribution == xof(500)
    assert scheme.propose(date(2005, 9, 1)).contribution == xof(900)


def test_a_proposal_that_is_given_up_is_never_adopted(bare: Scheme) -> None:
    proposed = bare.propose()
    finance.drop_package(CLERK, version_ref=proposed.ref, why="The assembly wants a lower contribution.")
    with pytest.raises(finance.WrongState):
        finance.adopt_package(NATIONAL, version_ref=proposed.ref, decision_ref=ASSEMBLY, on=OPENED)


@pytest.mark.covers("MICROINS-08")
def test_a_scheme_says_for_whom_it_is_made_and_is_found_by_it(cover_products: None) -> None:
    plain = Scheme()
    women = Scheme("step.mother_child", targets=("women", "children"))
    women.package()
    assert finance.scheme(SYSTEM, women.ref).targets == ("children", "women")
    assert [one.ref for one in finance.schemes(SYSTEM, target="women")] == [women.ref]
    assert [one.ref for one in finance.schemes(SYSTEM, target="informal_women")] == []
    assert {one.ref for one in finance.schemes(SYSTEM)} == {plain.ref, women.ref}
    with pytest.raises(BadInput) as refusal:
        Scheme("step.community_health", targets=("men",))
    assert "targets" in refusal.value.facts["errors"]
    assert len(finance.schemes(SYSTEM)) == 2


@pytest.mark.covers("MICROINS-08")
def test_insured_people_are_facts_that_tell_whom_the_scheme_is_made_for(cover_products: None) -> None:
    from jump.base import duties

    women = Scheme("step.mother_child", targets=("women", "children"))
    women.package()
    women.pay(women.family(), 6_000)
    found = [one for one in duties.facts(date(2004, 2, 1)) if one.kind == "finance.insured"]
    assert [(one.codes["for_women"], one.codes["for_informal_women"], one.codes["is_child"]) for one in found] == [
        (True, False, False),
        (True, False, False),
        (True, False, True),
    ]
    assert all(one.codes["is_covered"] for one in found)


def test_a_scheme_is_seen_and_changed_at_its_place_alone(scheme: Scheme) -> None:
    with pytest.raises(NotFound):
        finance.scheme(NEIGHBOUR, scheme.ref)
    assert finance.schemes(NEIGHBOUR) == []
    with pytest.raises(NotAllowed):
        finance.open_scheme(
            NEIGHBOUR,
            title="Elsewhere",
            legal_form="mutual",
            owner_ref=POST,
            scope="jump/africa/SN/",
            currency="XOF",
            on=OPENED,
            key="stranger",
        )
    assert len(finance.schemes(SYSTEM)) == 1


BROKEN = {
    "currency: XOF": ("currency: any", "of no currency"),
    'copay: "0.20"': ('copay: "1.20"', "a share of the cost"),
    "- id: medicine": ("- id: visit", "stands twice"),
    "ceiling_event_minor: 30000": ("ceiling_event_minor: 70000", "above its limit of a year"),
    "ceiling_family_minor: 200000": ("ceiling_family_minor: 70000", "above the limit of the family"),
    "rhythm: monthly": ("rhythm: sometimes", "sometimes"),
    "grace_days: 30": ("grace: 30", "grace"),
}


@pytest.mark.covers("MICROINS-01")
@pytest.mark.parametrize("kept", BROKEN)
def test_a_package_that_cannot_be_is_found_by_the_check_with_file_and_line(
    cover_products: None, tmp_path: Path, kept: str
) -> None:
    folder = tmp_path / "broken" / "step"
    folder.parent.mkdir()
    install = (PROGRAMMES / "step" / "products.yaml").read_text()
    wrong, words = BROKEN[kept]
    folder.mkdir()
    (folder / "products.yaml").write_text(install.replace(kept, wrong, 1))
    (folder / "programme.yaml").write_text(
        'name: step\nversion: "9"\ntitle: {en: step, fr: step}\nlanguages: [en, fr]\nengines: [finance]\nuses: []\n'
    )
    found = [str(one) for one in packages.check([folder])]
    hits = [one for one in found if words in one]
    assert hits, found
    assert "products.yaml:" in hits[0]


def test_the_shipped_products_are_sound(cover_products: None) -> None:
    assert packages.check([PROGRAMMES / "common", PROGRAMMES / "step"]) == []

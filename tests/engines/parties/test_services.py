"""What parties writes: people with consent, groups, places, dated links, and doubles that can be taken back."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jump.base import clock, keys, search
from jump.base.actors import actor_for
from jump.base.audit import trail
from jump.base.models import AuditEvent, RoleAssignment, RowGrant
from jump.base.refusals import NotAllowed, NotFound
from jump.core.calendars import add_months
from jump.core.units import Ref
from jump.engines.parties import api as parties
from jump.engines.parties import duties, services
from jump.engines.parties.models import Flag, Group, Membership, Merge, Person, Relation
from jump.engines.parties.services.refusals import (
    AlreadyMember,
    AlreadyRelated,
    BirthImpossible,
    CaseloadFull,
    ConsentMissing,
    DegreeNeedsOrganisations,
    FlagMissing,
    NotThisKind,
    PartiesKeyReused,
    ReasonMissing,
    SameCircle,
    ToolMissing,
)
from tests import makers
from tests.makers import DAY, MAKER, Ground

pytestmark = pytest.mark.django_db


# People -----------------------------------------------------------------------------------------------


def test_a_person_is_registered_with_consent_and_found_by_the_beginning_of_a_name(ground: Ground) -> None:
    ref = makers.person(given_name="Aurélie", family_name="Dela Cruz", flags=("unemployed", "youth"))
    worker = makers.someone("extension_worker", ground.scope)

    [seen] = parties.people(worker, q="aureli cruz")

    assert (seen.ref, seen.name, seen.sex, seen.birth_year) == (ref, "Aurélie Dela Cruz", "female", 1980)
    assert [(one.code, one.basis) for one in seen.flags] == [("unemployed", "declared"), ("youth", "declared")]
    assert [(one.purpose, one.withdrawn_on) for one in parties.consents(worker, ref)] == [("records", None)]


def test_a_name_never_lies_in_the_table_in_clear(ground: Ground) -> None:
    ref = makers.person(given_name="Marisol", phone="+63 900 1111")
    row = Person.objects.get(ref=ref)

    assert "Marisol" not in row.name_sealed
    assert not AuditEvent.objects.filter(facts__icontains="Marisol").exists()


def test_without_consent_nobody_is_registered(ground: Ground) -> None:
    with pytest.raises(ConsentMissing) as refusal:
        makers.person(consents=())

    assert refusal.value.facts == {"purpose": "records"}
    assert (Person.objects.count(), search.find(MAKER, "Reyes")) == (0, [])


@pytest.mark.covers("CROSS-04")
def test_a_sensitive_flag_needs_its_own_consent_and_reaches_only_those_who_hold_the_row(ground: Ground) -> None:
    with pytest.raises(ConsentMissing) as refusal:
        makers.person(flags=("refugee",))
    assert refusal.value.facts == {"purpose": "sensitive"}
    assert Person.objects.count() == 0

    ref = makers.person(flags=("refugee", "unemployed"), consents=("records", "sensitive"))
    worker = makers.someone("extension_worker", ground.scope)
    case_worker = makers.someone("extension_worker", ground.scope, rows=(ref,))

    assert [one.code for one in parties.person(worker, ref).flags] == ["unemployed"]
    assert not [event for event in trail(ref) if event.action == "parties.read_sensitive"]
    assert sorted(one.code for one in parties.person(case_worker, ref).flags) == ["refugee", "unemployed"]
    [read] = [event for event in trail(ref) if event.action == "parties.read_sensitive"]
    assert read.who == case_worker.key
    assert "refugee" not in parties.codes_of([ref], DAY)[ref]
    assert parties.codes_of([ref], DAY, with_sensitive=True)[ref]["refugee"] is True


def test_withdrawing_the_consent_to_sensitive_records_removes_them(ground: Ground) -> None:
    ref = makers.person(flags=("refugee",), consents=("records", "sensitive"))

    parties.withdraw_consent(MAKER, person_ref=ref, purpose="sensitive", on=date(2004, 5, 1))

    assert Flag.objects.filter(person__ref=ref).count() == 0
    assert [(one.purpose, one.withdrawn_on) for one in parties.consents(MAKER, ref)] == [
        ("records", None),
        ("sensitive", date(2004, 5, 1)),
    ]
    with pytest.raises(ConsentMissing):
        parties.flag(MAKER, person_ref=ref, code="refugee", on=date(2004, 5, 2))


@pytest.mark.covers("PROG-09")
def test_a_beneficiary_has_at_least_one_dated_flag_declared_or_verified(ground: Ground) -> None:
    with pytest.raises(FlagMissing):
        makers.person(as_role="beneficiary")
    assert Person.objects.count() == 0

    ref = makers.person(as_role="beneficiary", flags=("underemployed",))
    parties.flag(MAKER, person_ref=ref, code="underemployed", basis="verified", on=date(2004, 4, 1))
    parties.end_flag(MAKER, ref=parties.person(MAKER, ref).flags[0].ref, on=date(2004, 6, 1))

    flags = [(one.code, one.basis, one.starts_on, one.ends_on) for one in parties.person(MAKER, ref).flags]
    assert flags == [
        ("underemployed", "declared", DAY, date(2004, 6, 1)),
        ("underemployed", "verified", date(2004, 4, 1), None),
    ]
    assert "underemployed" not in parties.codes_of([ref], date(2004, 2, 1))[ref]
    assert parties.codes_of([ref], date(2004, 3, 15))[ref]["underemployed"] is True
    assert [one.role for one in parties.engagements(MAKER, ref)] == ["beneficiary"]


@pytest.mark.parametrize("birth", [{"born_on": date(2004, 3, 2)}, {"birth_year": 2005}, {"birth_year": 1880}], ids=str)
def test_an_impossible_birth_is_refused_and_nothing_is_written(ground: Ground, birth: dict[str, Any]) -> None:
    with pytest.raises(BirthImpossible):
        makers.person(**{"birth_year": None, **birth})
    assert Person.objects.count() == 0


def test_the_same_key_registers_once_and_other_content_under_it_is_refused(ground: Ground) -> None:
    known: dict[str, Any] = {"given_name": "Ana", "family_name": "Reyes", "key": "letter-1"}
    first = makers.person(**known)

    assert makers.person(**known) == first
    with pytest.raises(PartiesKeyReused):
        makers.person(**{**known, "given_name": "Eva"})
    assert [row.ref for row in Person.objects.all()] == [first]


def test_a_list_of_people_is_registered_in_as_many_statements_as_one_person(
    ground: Ground, django_assert_max_num_queries: Any
) -> None:
    people = [parties.NewPerson("Ana", f"Cruz {n}", parties.Sex.FEMALE, consents=("records",)) for n in range(200)]
    with django_assert_max_num_queries(20):
        refs = parties.register_people(MAKER, scope=ground.scope, people=people, on=DAY)

    assert parties.names(MAKER, refs) == {ref: f"Ana Cruz {n}" for n, ref in enumerate(refs)}
    assert AuditEvent.objects.filter(action="parties.register_person", about__in=refs).count() == 200


def test_a_list_sent_again_makes_only_who_is_new(ground: Ground) -> None:
    def listed(*names: str) -> list[parties.NewPerson]:
        return [
            parties.NewPerson(name, "Cruz", parties.Sex.MALE, consents=("records",), key=f"list:{name}")
            for name in names
        ]

    first = parties.register_people(MAKER, scope=ground.scope, people=listed("Ben", "Carlo", "Ben"), on=DAY)
    again = parties.register_people(MAKER, scope=ground.scope, people=listed("Carlo", "Dan", "Ben"), on=DAY)

    assert first == [first[0], first[1], first[0]]
    assert again == [first[1], again[1], first[0]]
    assert Person.objects.count() == 3
    with pytest.raises(PartiesKeyReused):
        parties.register_people(
            MAKER, scope=ground.scope, people=[*listed("Eva"), dataclasses.replace(listed("Eva")[0], phone="1")], on=DAY
        )
    assert Person.objects.count() == 3


def test_one_person_without_consent_keeps_the_whole_list_out(ground: Ground) -> None:
    people = [
        parties.NewPerson("Ana", "Cruz", parties.Sex.FEMALE, consents=("records",)),
        parties.NewPerson("Ben", "Cruz", parties.Sex.MALE),
    ]
    with pytest.raises(ConsentMissing):
        parties.register_people(MAKER, scope=ground.scope, people=people, on=DAY)

    assert (Person.objects.count(), search.find(MAKER, "Cruz")) == (0, [])


def test_who_may_not_write_at_a_place_registers_nobody_there(ground: Ground) -> None:
    worker = makers.someone("extension_worker", ground.other_scope)
    with pytest.raises(NotAllowed):
        parties.register_person(
            worker,
            scope=ground.scope,
            given_name="A",
            family_name="B",
            sex="male",
            consents=("records",),
            on=DAY,
        )
    assert Person.objects.count() == 0


def test_forgetting_a_person_destroys_name_and_key_and_leaves_the_counts(ground: Ground) -> None:
    ref = makers.person(given_name="Lourdes", born_on=date(1980, 5, 5), flags=("unemployed",))
    before = (parties.head_count(MAKER), parties.codes_of([ref], DAY)[ref]["sex"])

    changed = duties.forget(ref, date(2004, 6, 30))

    row = Person.objects.get(ref=ref)
    assert changed > 0
    assert (row.name_sealed, row.born_on, row.birth_year) == ("", None, 1980)
    assert keys.keys_of([ref]) == {}
    assert search.find(MAKER, "Lourdes") == []
    assert parties.names(MAKER, [ref]) == {ref: f"Person {ref}"}
    assert parties.person(MAKER, ref).is_forgotten
    assert (parties.head_count(MAKER), parties.codes_of([ref], DAY)[ref]["sex"]) == before
    assert duties.forget(ref, date(2004, 6, 30)) == 0


# Groups -----------------------------------------------------------------------------------------------


def test_a_group_counts_its_members_and_women_of_the_day(ground: Ground) -> None:
    women = [makers.person() for _ in range(3)]
    man = makers.person(sex="male")
    ref = makers.group(name="Weavers", members=[*women, man])
    parties.leave(MAKER, group_ref=ref, person_ref=women[0], on=date(2004, 3, 20), why="moved away")

    seen = parties.group(MAKER, ref)

    assert (seen.name, seen.members_count, seen.women_count, seen.status) == ("Weavers", 3, 2, "active")
    assert {one.person_ref for one in parties.members(MAKER, ref, date(2004, 3, 20))} == {*women, man}
    assert {one.person_ref for one in parties.members(MAKER, ref, date(2004, 3, 21))} == {*women[1:], man}


def test_joining_twice_is_refused_and_coming_back_later_is_a_second_membership(ground: Ground) -> None:
    member = makers.person()
    ref = makers.group(members=[member])
    with pytest.raises(AlreadyMember):
        parties.join(MAKER, group_ref=ref, person_ref=member, role="leader", on=date(2004, 4, 1))
    assert Membership.objects.count() == 1

    parties.leave(MAKER, group_ref=ref, person_ref=member, on=date(2004, 4, 30))
    parties.join(MAKER, group_ref=ref, person_ref=member, role="leader", on=date(2004, 6, 1))

    assert [(one.role, one.starts_on, one.ends_on) for one in parties.memberships(MAKER, member)] == [
        ("member", DAY, date(2004, 4, 30)),
        ("leader", date(2004, 6, 1), None),
    ]


@pytest.mark.covers("NETWORK-01")
def test_a_union_of_degree_two_admits_groups_and_no_single_person(ground: Ground) -> None:
    first, second = makers.group(), makers.group(scope=ground.other_scope)
    union = makers.group(scope=ground.country_scope, name="Union", kind="federation", degree=2, members=[first, second])
    person = makers.person()

    with pytest.raises(DegreeNeedsOrganisations):
        parties.join(MAKER, group_ref=union, person_ref=person, role="member", on=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database says no as well
        Membership.objects.create(
            group=Group.objects.get(ref=union),
            group_degree=2,
            member_ref=person,
            member_kind="per",
            person=Person.objects.get(ref=person),
            role="member",
            starts_on=DAY,
        )

    assert [one.person_ref for one in parties.members(MAKER, union, DAY)] == [first, second]
    assert parties.group(MAKER, union).degree == 2


def test_a_status_is_dated_and_the_day_asked_decides(ground: Ground) -> None:
    ref = makers.group()
    parties.set_status(MAKER, party_ref=ref, status="dormant", on=date(2004, 4, 1))
    parties.set_status(MAKER, party_ref=ref, status="closed", on=date(2004, 6, 1), proof_ref=Ref("sub-00000001"))

    days = [date(2004, 3, 31), date(2004, 4, 1), date(2004, 6, 1)]
    assert [parties.status_of(ref, day) for day in days] == ["active", "dormant", "closed"]
    assert [one.proof_ref for one in parties.statuses(MAKER, ref)] == [None, None, "sub-00000001"]


@pytest.mark.covers("SELECT-03")
def test_partner_organisations_are_kept_by_the_four_classes_and_their_sub_types(ground: Ground) -> None:
    classes = {
        "local_facilitator": "local_development_agency",
        "government_agency": "employment_service",
        "national_apex": "cooperative_federation",
        "international_body": "donor_agency",
    }
    made = {
        partner_class: makers.organisation(partner_class=partner_class, kind=kind)
        for partner_class, kind in classes.items()
    }

    for partner_class, kind in classes.items():
        [seen] = parties.organisations(MAKER, partner_class=partner_class)
        assert (seen.ref, seen.kind) == (made[partner_class], kind)
    with pytest.raises(ValueError, match="friends"):
        makers.organisation(partner_class="friends")
    assert len(parties.organisations(MAKER)) == 4


# Places and programmes --------------------------------------------------------------------------------


@pytest.mark.covers("PROG-01")
def test_a_programme_is_held_with_number_bodies_pledges_start_and_contiguous_phases(ground: Ground) -> None:
    seen = parties.programme(MAKER)

    assert (seen.title, seen.number, seen.coverage, seen.executing) == (
        "Trial programme",
        "TRIAL/1",
        "Inter-regional",
        "ILO",
    )
    assert seen.cooperating == ("Cooperatives", "Trade unions")
    assert [(one.kind, one.amount_minor, one.currency) for one in seen.pledges] == [
        ("donor", 250_000_000, "USD"),
        ("national", 0, ""),
    ]
    assert seen.starts_on == date(2002, 1, 1)
    assert [(one.starts_on, one.ends_on, one.months) for one in seen.phases] == [
        (date(2002, 1, 1), date(2004, 12, 31), 36),
        (date(2005, 1, 1), date(2006, 12, 31), 24),
    ]
    assert sum(one.months for one in seen.phases) == 5 * 12


def test_a_phase_that_leaves_a_gap_is_refused_and_nothing_is_declared(db: None) -> None:
    gap = [{"id": "one", "months": 36}, {"id": "two", "months": 24, "starts_on": "2005-02-01"}]
    with pytest.raises(parties_definitions().PhasesNotContiguous) as refusal:
        makers.ground(phases=gap)

    assert refusal.value.facts == {"phase": "two", "expected": date(2005, 1, 1)}
    assert parties.places(MAKER) == []


def test_country_targets_that_do_not_sum_to_the_programmes_are_refused(db: None) -> None:
    with pytest.raises(parties_definitions().TargetsDoNotAddUp) as refusal:
        makers.ground(jobs_target=301)

    assert refusal.value.facts == {"what": "jobs_target", "sum": 300, "total": 301}
    assert parties.places(MAKER) == []


def parties_definitions() -> Any:
    from jump.engines.parties import definitions

    return definitions


@pytest.mark.covers("PROG-02")
def test_counts_of_people_roll_up_the_tree_as_unions_and_never_as_sums(ground: Ground) -> None:
    for scope, number in ((ground.scope, 3), (ground.other_scope, 2), (ground.foreign_scope, 1)):
        for _ in range(number):
            makers.person(scope=scope)
    twice = makers.person(scope=ground.scope)
    her_double = makers.person(scope=ground.other_scope)
    parties.mark_same(MAKER, keep=twice, duplicate=her_double, why="same birth and name")
    guest = makers.person(scope=ground.scope)
    parties.enrol(MAKER, party_ref=guest, scope=ground.foreign_scope, role="trainee", on=DAY)

    counted = {one.scope: one.distinct for one in parties.roll_up(MAKER)}

    assert counted[ground.scope] == 5
    assert counted[ground.other_scope] == 3
    assert counted[ground.foreign_scope] == 2
    assert counted["trial/asia/PH/"] == 7  # 5 + 3, and one woman is in both
    assert counted["trial/"] == 8  # 7 + 2, and the guest is in both
    assert parties.head_count(MAKER).total == 8
    parents = {child: one.scope for one in parties.roll_up(MAKER) for child in one.children}
    assert parents[ground.scope] == "trial/asia/PH/"
    assert parents["trial/asia/PH/"] == "trial/asia/"
    assert parents["trial/asia/"] == "trial/"
    enterprise = parties.declare_enterprise_node(MAKER, group_ref=makers.group())
    assert enterprise.startswith(ground.scope)


@pytest.mark.covers("PROG-08")
def test_a_community_added_later_is_not_there_in_an_earlier_view(ground: Ground) -> None:
    before = [one.name for one in parties.communities(MAKER, as_of=date(2004, 6, 30))]
    parties.record_place(MAKER, place_ref=ground.riverside, attributes={"population": 900}, on=date(2003, 1, 1))

    parties.declare_place(MAKER, parent_ref=ground.philippines, kind="community", name="Newport", on=date(2004, 9, 1))
    parties.record_place(MAKER, place_ref=ground.riverside, attributes={"population": 950}, on=date(2004, 9, 1))

    assert [one.name for one in parties.communities(MAKER, as_of=date(2004, 6, 30))] == before
    assert [one.name for one in parties.communities(MAKER)] == ["Hilltop", "Newport", "Riverside", "Lamai"]
    assert parties.place(MAKER, ground.riverside, as_of=date(2004, 6, 30)).population == 900
    assert parties.place(MAKER, ground.riverside).population == 950


@pytest.mark.covers("PROG-08")
def test_a_newer_package_version_adds_its_countries_and_leaves_the_others_alone(ground: Ground) -> None:
    block = {**makers.TRIAL, "communities": 4, "jobs_target": 400}
    block["regions"] = [
        *makers.TRIAL["regions"],
        {
            "code": "africa",
            "name": {"en": "Africa"},
            "countries": [{"iso": "TZ", "name": {"en": "Tanzania"}, "communities": 1, "jobs_target": 100}],
        },
    ]
    makers.declared("trial", {"programme": {"trial": {"title": {"en": "T"}, "programme": block}}}, version="2")

    again = parties.declare_programme(MAKER, definition_id="trial", on=date(2004, 9, 1))

    assert again == ground.programme
    assert [one.code for one in parties.places(MAKER, kind="country")] == ["TZ", "PH", "TH"]
    assert [one.code for one in parties.places(MAKER, kind="country", as_of=date(2004, 6, 30))] == ["PH", "TH"]


@pytest.mark.covers("PROG-11")
def test_semi_urban_and_urban_places_with_high_unemployment_come_first(ground: Ground) -> None:
    for place, settlement, rate in (
        (ground.riverside, "semi_urban", "17.5"),
        (ground.hilltop, "rural", "30"),
        (ground.lamai, "urban", "9.9"),
    ):
        parties.record_place(
            MAKER, place_ref=place, attributes={"settlement_type": settlement, "unemployment_rate": rate}, on=DAY
        )
    partner = makers.organisation()
    for place in (ground.riverside, ground.hilltop):
        parties.declare_project(
            MAKER, place_ref=place, title="Renewal", tools=["indisco"], implementer_ref=partner, on=DAY
        )

    places = parties.priority_places(MAKER, unemployment_rate_min=Decimal(15))

    assert [one.ref for one in places] == [ground.riverside]
    facts = [one for one in duties.facts(as_of=DAY) if one.kind == "parties.project"]
    meets = [
        one
        for one in facts
        if one.codes["settlement_type"] in ("urban", "semi_urban") and int(one.codes["unemployment_permille"]) >= 150
    ]
    assert (len(meets), len(facts)) == (1, 2)  # the rural one is allowed, and not counted as meeting the priority


@pytest.mark.covers("PROG-04")
def test_a_project_uses_one_or_several_of_the_declared_tools_and_never_none(ground: Ground) -> None:
    partner = makers.organisation()
    asked: dict[str, Any] = {"place_ref": ground.riverside, "title": "Mill", "implementer_ref": partner, "on": DAY}
    for tools in ([], ["magic"]):
        with pytest.raises(ToolMissing):
            parties.declare_project(MAKER, tools=tools, **asked)
    assert parties.projects(MAKER) == []

    ref = parties.declare_project(MAKER, tools=["indisco", "incubation"], **asked)

    assert parties.programme(MAKER).tools == ("participatory_assessment", "indisco", "incubation")
    assert parties.project(MAKER, ref).tools == ("indisco", "incubation")
    assert [one.ref for one in parties.projects(MAKER, tool="incubation")] == [ref]
    assert parties.projects(MAKER, tool="participatory_assessment") == []


@pytest.mark.covers("STEER-03")
def test_a_project_without_a_local_implementer_needs_a_reason(ground: Ground) -> None:
    asked: dict[str, Any] = {
        "place_ref": ground.riverside,
        "title": "Mill",
        "tools": ["indisco"],
        "implementer_ref": makers.organisation(),
        "implementer_is_local": False,
        "on": DAY,
    }
    for why in ("", "   "):
        with pytest.raises(ReasonMissing):
            parties.declare_project(MAKER, why_not_local=why, **asked)
    assert parties.projects(MAKER) == []

    ref = parties.declare_project(MAKER, why_not_local="No local body has a bank account yet.", **asked)

    assert parties.project(MAKER, ref).why_not_local == "No local body has a bank account yet."


def test_the_same_community_written_in_another_way_is_found_and_not_made_again(ground: Ground) -> None:
    first = services.find_or_make_community(
        MAKER, name="San José del Río", country="PH", population=1200, settlement_type="semi_urban", on=DAY
    )
    again = services.find_or_make_community(MAKER, name=" SAN JOSE DEL RIO", country="PH", on=DAY)
    elsewhere = services.find_or_make_community(MAKER, name="San José del Río", country="TH", on=DAY)

    assert first == again != elsewhere
    seen = parties.place(MAKER, first)
    assert (seen.name, seen.population, seen.scope) == ("San José del Río", 1200, "trial/asia/PH/san-jose-del-rio/")
    with pytest.raises(NotFound):
        services.find_or_make_community(MAKER, name="X", country="ZZ", on=DAY)


# Links ------------------------------------------------------------------------------------------------


def test_a_relation_is_dated_proved_and_in_force_once(ground: Ground) -> None:
    group, firm = makers.group(), makers.organisation()
    asked: dict[str, Any] = {"kind": "business_link", "from_ref": group, "to_ref": firm}
    ref = parties.relate(MAKER, on=DAY, proof_ref=Ref("sub-00000001"), **asked)

    assert parties.relate(MAKER, on=DAY, **asked) == ref
    with pytest.raises(AlreadyRelated):
        parties.relate(MAKER, on=date(2004, 5, 1), **asked)
    parties.end_relation(MAKER, ref=ref, on=date(2004, 5, 1))

    [seen] = parties.relations(MAKER, of=firm)
    assert (seen.proof_ref, seen.ends_on) == ("sub-00000001", date(2004, 5, 1))
    assert parties.relations(MAKER, of=firm, as_of=date(2004, 5, 2)) == []
    assert Relation.objects.count() == 1


@pytest.mark.covers("EXTWORK-02")
def test_assigning_a_worker_gives_the_right_and_ending_it_takes_the_right_away(
    ground: Ground, django_user_model: Any
) -> None:
    clock.pin(date(2004, 3, 2))
    worker = makers.person(scope=ground.country_scope)
    user = django_user_model.objects.create_user("worker")
    RowGrant.objects.create(user=user, ref=worker, why="own record")
    assert not actor_for(user).grants

    ref = parties.assign_worker(MAKER, worker_ref=worker, to_ref=ground.riverside, on=DAY)

    assert [(one.role, one.path) for one in actor_for(user).grants] == [("extension_worker", ground.scope)]
    parties.end_assignment(MAKER, ref=ref, on=date(2004, 5, 31))
    clock.pin(date(2004, 6, 1))
    assert not actor_for(user).grants
    assert RoleAssignment.objects.get(user=user).ends_on == date(2004, 5, 31)


@pytest.mark.covers("EXTWORK-02")
def test_more_assignments_than_the_limit_need_a_reason_and_the_load_is_shown(ground: Ground) -> None:
    worker, colleague = makers.person(), makers.person()
    limit = parties_definitions().caseload_limit("trial")
    for place in (ground.riverside, ground.hilltop):
        parties.assign_worker(MAKER, worker_ref=worker, to_ref=place, on=DAY, limit=limit)
    parties.assign_worker(MAKER, worker_ref=colleague, to_ref=ground.lamai, on=DAY, limit=limit)
    with pytest.raises(CaseloadFull) as refusal:
        parties.assign_worker(MAKER, worker_ref=worker, to_ref=ground.lamai, on=DAY, limit=limit)
    assert refusal.value.facts == {"assigned": 2, "limit": 2}
    assert [one.assigned for one in parties.caseload(MAKER, as_of=DAY)] == [2, 1]

    over = parties.assign_worker(
        MAKER, worker_ref=worker, to_ref=ground.lamai, on=DAY, limit=limit, why="Colleague on leave"
    )

    assert [one.note for one in parties.relations(MAKER, of=worker) if one.ref == over] == ["Colleague on leave"]
    assert [(one.worker_ref, one.assigned) for one in parties.caseload(MAKER, as_of=DAY)] == [
        (worker, 3),
        (colleague, 1),
    ]


@pytest.mark.covers("EXTWORK-08")
def test_a_worker_works_alone_only_with_proof_of_every_competence_in_force(ground: Ground) -> None:
    worker = makers.person(scope=ground.country_scope)
    parties.enrol(MAKER, party_ref=worker, scope=ground.country_scope, role="extension_worker", on=date(2002, 4, 1))
    needs = ("feasibility", "gender")
    proof = Ref("sub-00000001")
    parties.qualify(
        MAKER, party_ref=worker, kind="certificate", code="feasibility", claim="proved", proof_ref=proof, on=DAY
    )
    parties.qualify(MAKER, party_ref=worker, kind="skill", code="gender", claim="claimed", on=DAY)
    assert not parties.may_work_alone(worker, needs=needs, as_of=DAY)

    parties.qualify(
        MAKER,
        party_ref=worker,
        kind="certificate",
        code="gender",
        claim="proved",
        proof_ref=proof,
        on=DAY,
        expires_on=date(2005, 3, 1),
    )

    assert parties.may_work_alone(worker, needs=needs, as_of=date(2005, 3, 1))
    assert not parties.may_work_alone(worker, needs=needs, as_of=date(2005, 3, 2))
    pool = parties.qualifications(MAKER, kind="certificate", scope=ground.country_scope, as_of=DAY)
    assert {one.party_ref for one in pool} == {worker}
    [ending] = [one for one in duties.due(MAKER, date(2005, 2, 1)) if one.detail == "gender"]
    assert (ending.severity, ending.on) == ("warn", date(2005, 3, 1))


@pytest.mark.covers("EXTWORK-01")
def test_the_pool_of_certified_workers_is_known_for_any_day(ground: Ground) -> None:
    workers = [makers.person(scope=ground.country_scope, on=date(2002, 2, 1)) for _ in range(3)]
    for number, worker in enumerate(workers):
        parties.enrol(MAKER, party_ref=worker, scope=ground.country_scope, role="extension_worker", on=date(2002, 2, 1))
        if number < 2:
            parties.qualify(
                MAKER,
                party_ref=worker,
                kind="certificate",
                code="extension_worker",
                claim="proved",
                on=date(2002, 5, 15),
                proof_ref=Ref("sub-00000001"),
            )

    def pool(day: date) -> int:
        held = parties.qualifications(MAKER, code="extension_worker", scope=ground.country_scope, as_of=day)
        return len({one.party_ref for one in held if one.claim == "proved"})

    start = parties.programme(MAKER).starts_on
    assert [pool(add_months(start, months)) for months in (3, 6)] == [0, 2]


def test_what_is_proved_names_its_proof(ground: Ground) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        parties.qualify(MAKER, party_ref=makers.person(), kind="certificate", code="x", claim="proved", on=DAY)


@pytest.mark.covers("CER-05")
def test_the_skills_of_a_community_are_listed_per_person_or_group_with_consent(ground: Ground) -> None:
    weaver, smith = makers.person(), makers.person(sex="male")
    group = makers.group()
    parties.qualify(MAKER, party_ref=weaver, kind="skill", code="weaving", level="master", on=DAY)
    parties.qualify(MAKER, party_ref=group, kind="skill", code="weaving", on=DAY)
    parties.qualify(MAKER, party_ref=smith, kind="skill", code="forging", on=DAY)
    parties.withdraw_consent(MAKER, person_ref=smith, purpose="records", on=date(2004, 4, 1))
    with pytest.raises(ConsentMissing):
        parties.qualify(MAKER, party_ref=smith, kind="skill", code="welding", on=date(2004, 4, 2))

    found = parties.qualifications(MAKER, kind="skill", scope=ground.scope)
    assert {(one.code, one.party_ref) for one in found} == {
        ("weaving", weaver),
        ("weaving", group),
        ("forging", smith),
    }
    assert parties.qualifications(MAKER, kind="skill", scope=ground.foreign_scope) == []


@pytest.mark.covers("CER-01")
def test_a_core_team_shows_its_leader_and_its_balance_by_sex(ground: Ground) -> None:
    women = [makers.person() for _ in range(3)]
    men = [makers.person(sex="male") for _ in range(4)]
    team = makers.group(name="Core team", kind="core_team")
    sectors = ["public", "private", "ngo", "worker", "unemployed", "public", "ngo"]
    for member, sector in zip([*women, *men], sectors, strict=True):
        role = "leader" if member == women[0] else sector
        parties.join(MAKER, group_ref=team, person_ref=member, role=role, on=DAY)

    seen = parties.group(MAKER, team)

    assert (seen.kind, seen.members_count, seen.women_count) == ("core_team", 7, 3)
    roles = [one.role for one in parties.members(MAKER, team, DAY)]
    assert roles.count("leader") == 1
    assert {"private", "ngo", "worker", "unemployed", "public"} <= set(roles)


# Doubles ----------------------------------------------------------------------------------------------


def table_rows() -> dict[str, list[dict[str, Any]]]:
    return {
        model.__name__: [
            {name: value for name, value in row.items() if not (model is Person and name == "same_as_id")}
            for row in model.objects.order_by("pk").values()
        ]
        for model in (Person, Group, Membership, Flag, Relation)
    }


def test_a_merge_touches_one_column_of_one_row_and_can_be_undone(ground: Ground) -> None:
    kept, double = makers.person(flags=("unemployed",)), makers.person(flags=("youth",))
    makers.group(members=[kept])
    makers.group(members=[double])
    before = table_rows()

    parties.mark_same(MAKER, keep=kept, duplicate=double, why="same telephone")

    assert table_rows() == before
    assert parties.cluster_of([kept, double]) == {kept: kept, double: kept}
    codes = parties.codes_of([double], DAY)[double]
    assert (codes["unemployed"], codes["youth"]) == (True, True)
    assert parties.head_count(MAKER).total == 1

    parties.unmark_same(MAKER, duplicate=double, why="sisters")

    assert table_rows() == before
    assert parties.cluster_of([kept, double]) == {kept: kept, double: double}
    assert parties.head_count(MAKER).total == 2
    merge = Merge.objects.get()
    assert (merge.why, merge.undone_why, merge.undone_at is not None) == ("same telephone", "sisters", True)


def test_a_chain_of_doubles_ends_at_one_record_and_never_in_a_circle(ground: Ground) -> None:
    first, second, third = (makers.person() for _ in range(3))
    parties.mark_same(MAKER, keep=first, duplicate=second, why="a")
    parties.mark_same(MAKER, keep=second, duplicate=third, why="b")

    assert parties.cluster_of([third]) == {third: first}
    assert sorted(parties.cluster_members([first])[first]) == sorted([first, second, third])
    with pytest.raises(SameCircle):
        parties.mark_same(MAKER, keep=third, duplicate=first, why="c")
    assert parties.cluster_of([first]) == {first: first}
    with pytest.raises(NotThisKind):
        parties.mark_same(MAKER, keep=first, duplicate=makers.group(), why="d")


def test_a_merge_asks_every_engine_to_look_again(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    from jump.base import duties as base_duties
    from jump.base import outbox
    from jump.engines.parties import effects

    asked: list[str] = []
    monkeypatch.setattr(base_duties, "recheck", asked.append)
    outbox.offer("parties.recheck", effects.recheck)
    kept, double = makers.person(), makers.person()

    parties.mark_same(MAKER, keep=kept, duplicate=double, why="same")
    outbox.drain()

    assert asked == [kept]


def test_only_those_with_the_right_merge_and_only_where_they_hold_it(ground: Ground) -> None:
    kept, double = makers.person(), makers.person(scope=ground.foreign_scope)
    with pytest.raises(NotAllowed):
        parties.mark_same(
            makers.someone("national_coordinator", ground.country_scope), keep=kept, duplicate=double, why="same"
        )
    with pytest.raises(NotAllowed):
        parties.mark_same(makers.someone("extension_worker", "trial/"), keep=kept, duplicate=double, why="same")
    assert Merge.objects.count() == 0


def test_a_notice_is_kept_and_delivered_once(ground: Ground) -> None:
    group = makers.group()
    asked: dict[str, Any] = {"to_ref": group, "template": "trial.outcome", "facts": {"outcome": "yes"}, "on": DAY}

    first = parties.notify(MAKER, **asked)

    assert parties.notify(MAKER, **asked) == first
    [seen] = parties.notices(MAKER, to_ref=group)
    assert (seen.template, seen.facts) == ("trial.outcome", {"outcome": "yes"})
    from jump.base import notices

    assert [row.template for row in notices.inbox(party=group)] == ["trial.outcome"]


def test_views_are_frozen(ground: Ground) -> None:
    view = parties.group(MAKER, makers.group())
    with pytest.raises(dataclasses.FrozenInstanceError):
        view.name = "x"  # type: ignore[misc]


def test_a_corrected_form_withdraws_the_consents_it_no_longer_gives_and_leaves_those_given_elsewhere(
    ground: Ground,
) -> None:
    someone = makers.person(ground.scope, consents=("records", "photo"), flags=("young",))
    later = date(2004, 5, 1)
    parties.give_consent(MAKER, person_ref=someone, purpose="research", on=later, how="on paper")
    person = Person.objects.get(ref=someone)
    Flag.objects.create(person=person, code="migrant", basis="declared", starts_on=later, recorded_by="user:1")
    services.correct_person(
        MAKER,
        person_ref=someone,
        scope=ground.scope,
        given_name="Ana",
        family_name="Reyes",
        sex="female",
        birth_year=1980,
        consents=("records",),
        on=DAY,
    )
    held = {row.purpose: row.withdrawn_on for row in person.consents.all()}
    assert held == {"records": None, "photo": clock.today(), "research": None}, "what was agreed to once is not erased"
    assert [row.code for row in person.flags.all()] == ["migrant"]
    assert [event.facts["purpose"] for event in trail(someone) if event.action == "parties.withdraw_consent"] == [
        "photo"
    ]

"""The door of parties: the names other code may use.

Services (first argument `actor`, the rest by keyword):

    register_person(actor, *, scope, given_name, family_name, sex, born_on=None, birth_year=None, phone="",
        place_ref=None, flags=(), consents=(), languages=(), as_role="", on, key="") -> Ref      # at least one consent
    register_people(actor, *, scope, people: Sequence[NewPerson], on) -> list[Ref]      # the same for many at once
    register_group(actor, *, scope, name, kind, legal_form="", place_ref=None, degree=1, on, key="") -> Ref
    register_organisation(actor, *, scope, name, kind, partner_class="", on, key="") -> Ref
    declare_programme(actor, *, definition_id, on) -> Ref            # node "jump/", its regions and countries
    declare_place(actor, *, parent_ref, kind, name, code, settlement_type="", population=None,
        unemployment_rate=None, attributes={}, ours=False, on) -> Ref                            # and its scope node
    record_place(actor, *, place_ref, attributes, on, source_ref=None) -> None                   # dated, history kept
    declare_project(actor, *, place_ref, title, tools, implementer_ref, implementer_is_local=True,
        why_not_local="", activity_group="", focus_area="", on, key="") -> Ref
    declare_enterprise_node(actor, *, group_ref) -> str              # scope path of a group's own node
    join(actor, *, group_ref, person_ref, role, on, until=None, proof_ref=None) -> Ref
    leave(actor, *, group_ref, person_ref, on, why="") -> None
    relate(actor, *, kind, from_ref, to_ref, on, until=None, proof_ref=None, note="") -> Ref
    end_relation(actor, *, ref, on) -> None
    assign_worker(actor, *, worker_ref, to_ref, on, limit=None, why="") -> Ref     # relation and right together
    end_assignment(actor, *, ref, on) -> None                                      # ends the right too
    enrol(actor, *, party_ref, scope, role, on, until=None) -> Ref
    set_status(actor, *, party_ref, status, on, proof_ref=None) -> Ref
    give_consent(actor, *, person_ref, purpose, on, how="") -> Ref ; withdraw_consent(actor, *, person_ref, purpose, on)
    flag(actor, *, person_ref, code, basis="declared", on, until=None) -> Ref ; end_flag(actor, *, ref, on)
    qualify(actor, *, party_ref, kind, code, level="", claim="claimed", on, expires_on=None, proof_ref=None) -> Ref
    mark_same(actor, *, keep, duplicate, why) -> None ; unmark_same(actor, *, duplicate, why) -> None
    ask_for_doubles(actor, *, scope) -> None          # everybody there is looked through, in the background
    decide_double(actor, *, ref, same, why, keep=None) -> None
    notify(actor, *, to_ref, template, facts, on, about_ref=None, key="") -> Ref
    rename_person(actor, *, person_ref, given_name, family_name, phone="", on, why) -> None

Queries:

    person(actor, ref) people(actor, *, q="", scope="", limit=50, offset=0) count_people(actor, *, q="", scope="")
    group(actor, ref) groups(actor, *, q="", scope="", kind="", limit, offset) count_groups(...)
    organisation(actor, ref) organisations(actor, *, q="", scope="", partner_class="", limit, offset)
    place(actor, ref) places(actor, *, kind="", scope="", as_of=None)
    communities(actor, *, scope="", as_of=None, limit, offset)
    priority_places(actor, *, unemployment_rate_min, scope="") project(actor, ref) projects(actor, *, scope="")
    programme(actor, as_of=None) -> ProgrammeView
    programme_brief(actor) -> ProgrammeBrief ; first_programme() -> (definition, starts_on)
    members(actor, group_ref, as_of) -> list[Member] ; memberships(actor, party_ref, as_of=None)
    relations(actor, *, of, kind="", as_of=None) engagements(actor, party_ref) statuses(actor, party_ref)
    qualifications(actor, *, party_ref=None, code="", scope="", as_of=None) consents(actor, person_ref)
    qualification(actor, ref) ; check_certificate(ref, *, as_of, name="") -> CertificateCheck   # for anybody: no name
    notices(actor, *, to_ref=None, about_ref=None)
    caseload(actor, *, scope="", as_of, limit=None) may_work_alone(person_ref, *, needs, as_of) -> bool
    head_count(actor, *, scope="", as_of=None) -> HeadCount ; roll_up(actor, *, as_of=None) -> list[ScopeCount]
    names(actor, refs) -> dict[str, str]            # "Person per-7K2M9QXA" where the name is not for this reader
    look_alikes(actor, *, given_name, family_name, sex, born_on, birth_year, phone, place_ref, scope) -> LookAlikes
    possible_doubles(actor, *, state=waiting, sure=None, limit, offset) count_possible_doubles(...)
    possible_double(actor, ref) doubles_searches(actor, *, limit) -> list[DoublesSearchView]
    cluster_of(refs) -> dict[str, str]              # ref -> the one it is the same as, at the end of the chain
    cluster_members(refs) -> dict[str, list[str]]   # canonical ref -> every ref of its cluster
    codes_of(person_refs, as_of, *, with_sensitive=False) -> dict[str, dict]   # {"sex", "age_group", <flag>: True ...}
    birth_of(ref) -> (born_on, birth_year) | None   # for rules about age
    scope_of(ref) -> str ; place_name(ref) -> str ; status_of(ref, as_of) -> StatusCode

Refusals: parties.consent_missing parties.flag_missing parties.birth_impossible
parties.degree_needs_organisations parties.same_circle parties.not_same parties.already_member parties.caseload_full
parties.tool_missing parties.reason_missing parties.phases_not_contiguous parties.targets_do_not_add_up
parties.not_this_kind parties.already_related parties.key_reused parties.double_decided
"""

from jump.core.duplicates import Agreement, Band
from jump.engines.parties.queries import (
    birth_of,
    caseload,
    check_certificate,
    cluster_members,
    cluster_of,
    codes_of,
    communities,
    consents,
    count_groups,
    count_people,
    count_possible_doubles,
    doubles_searches,
    engagements,
    first_programme,
    group,
    groups,
    head_count,
    look_alikes,
    may_work_alone,
    members,
    memberships,
    names,
    notices,
    organisation,
    organisations,
    people,
    person,
    place,
    place_name,
    places,
    possible_double,
    possible_doubles,
    priority_places,
    programme,
    programme_brief,
    project,
    projects,
    qualification,
    qualifications,
    relations,
    roll_up,
    scope_of,
    status_of,
    statuses,
)
from jump.engines.parties.services import (
    ask_for_doubles,
    assign_worker,
    decide_double,
    declare_enterprise_node,
    declare_place,
    declare_programme,
    declare_project,
    end_assignment,
    end_flag,
    end_relation,
    enrol,
    flag,
    give_consent,
    join,
    leave,
    mark_same,
    notify,
    qualify,
    record_place,
    register_group,
    register_organisation,
    register_people,
    register_person,
    relate,
    rename_person,
    set_status,
    unmark_same,
    withdraw_consent,
)
from jump.engines.parties.types import (
    SENSITIVE_FLAGS,
    Basis,
    CaseloadView,
    CertificateCheck,
    Claim,
    ConsentView,
    DoublesSearchView,
    DoubleState,
    DoubleView,
    EngagementView,
    FlagView,
    GroupView,
    HeadCount,
    LookAlike,
    LookAlikes,
    Member,
    MembershipView,
    NewPerson,
    NoticeView,
    OrganisationView,
    PartnerClass,
    PersonView,
    PhaseView,
    PlaceKind,
    PlaceView,
    Pledge,
    ProgrammeBrief,
    ProgrammeView,
    ProjectView,
    QualificationView,
    RelationView,
    ScopeCount,
    SettlementType,
    Sex,
    StatusCode,
    StatusView,
)

__all__ = [
    "Agreement",
    "Band",
    "SENSITIVE_FLAGS",
    "Basis",
    "CaseloadView",
    "CertificateCheck",
    "Claim",
    "ConsentView",
    "DoubleState",
    "DoubleView",
    "DoublesSearchView",
    "EngagementView",
    "FlagView",
    "GroupView",
    "HeadCount",
    "LookAlike",
    "LookAlikes",
    "Member",
    "MembershipView",
    "NewPerson",
    "NoticeView",
    "OrganisationView",
    "PartnerClass",
    "PersonView",
    "PhaseView",
    "PlaceKind",
    "PlaceView",
    "Pledge",
    "ProgrammeBrief",
    "ProgrammeView",
    "ProjectView",
    "QualificationView",
    "RelationView",
    "ScopeCount",
    "SettlementType",
    "Sex",
    "StatusCode",
    "StatusView",
    "ask_for_doubles",
    "assign_worker",
    "birth_of",
    "caseload",
    "check_certificate",
    "cluster_members",
    "cluster_of",
    "codes_of",
    "communities",
    "consents",
    "count_groups",
    "count_people",
    "count_possible_doubles",
    "decide_double",
    "declare_enterprise_node",
    "declare_place",
    "declare_programme",
    "declare_project",
    "doubles_searches",
    "end_assignment",
    "end_flag",
    "end_relation",
    "engagements",
    "enrol",
    "first_programme",
    "flag",
    "give_consent",
    "group",
    "groups",
    "head_count",
    "join",
    "leave",
    "look_alikes",
    "mark_same",
    "may_work_alone",
    "members",
    "memberships",
    "names",
    "notices",
    "notify",
    "organisation",
    "organisations",
    "people",
    "person",
    "place",
    "place_name",
    "places",
    "possible_double",
    "possible_doubles",
    "priority_places",
    "programme",
    "programme_brief",
    "project",
    "projects",
    "qualification",
    "qualifications",
    "qualify",
    "record_place",
    "register_group",
    "register_organisation",
    "register_people",
    "register_person",
    "relate",
    "relations",
    "rename_person",
    "roll_up",
    "scope_of",
    "set_status",
    "status_of",
    "statuses",
    "unmark_same",
    "withdraw_consent",
]

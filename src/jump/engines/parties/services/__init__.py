"""What parties does, one transaction each."""

from jump.engines.parties.services.doubles import ask_for_doubles, decide_double, look_for_doubles
from jump.engines.parties.services.groups import (
    declare_enterprise_node,
    join,
    leave,
    register_group,
    register_organisation,
)
from jump.engines.parties.services.merges import mark_same, recheck_doubles, unmark_same
from jump.engines.parties.services.notices import notify
from jump.engines.parties.services.people import enrol, register_people, register_person, rename_person
from jump.engines.parties.services.places import (
    declare_place,
    declare_programme,
    declare_project,
    find_or_make_community,
    record_place,
)
from jump.engines.parties.services.relations import assign_worker, end_assignment, end_relation, relate
from jump.engines.parties.services.standing import (
    end_flag,
    flag,
    forget_person,
    give_consent,
    qualify,
    set_status,
    withdraw_consent,
)
from jump.engines.parties.services.withdrawing import correct_person, undo_dated, withdraw_party

__all__ = [
    "ask_for_doubles",
    "assign_worker",
    "correct_person",
    "decide_double",
    "declare_enterprise_node",
    "declare_place",
    "declare_programme",
    "declare_project",
    "end_assignment",
    "end_flag",
    "end_relation",
    "enrol",
    "find_or_make_community",
    "flag",
    "forget_person",
    "give_consent",
    "join",
    "leave",
    "look_for_doubles",
    "mark_same",
    "notify",
    "qualify",
    "recheck_doubles",
    "record_place",
    "register_group",
    "register_organisation",
    "register_people",
    "register_person",
    "relate",
    "rename_person",
    "set_status",
    "undo_dated",
    "unmark_same",
    "withdraw_consent",
    "withdraw_party",
]

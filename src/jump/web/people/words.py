"""Words for what parties calls by code. The codes of a package bring their own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from jump.base import i18n, packages
from jump.engines.parties import api as parties
from jump.web import formats

SEXES: dict[str, Any] = {
    "female": _("Woman"),
    "male": _("Man"),
    "other": _("Other"),
    "not_stated": _("Not stated"),
}
STATUSES: dict[str, tuple[Any, str]] = {
    "active": (_("Active"), "good"),
    "dormant": (_("Asleep"), "warn"),
    "closed": (_("Closed"), ""),
}
GROUP_KINDS: dict[str, Any] = {
    "self_help_group": _("Self-help group"),
    "cooperative": _("Cooperative"),
    "enterprise": _("Enterprise"),
    "womens_group": _("Women’s group"),
    "savings_group": _("Savings group"),
    "core_team": _("Core team"),
    "committee": _("Committee"),
    "union": _("Union of groups"),
}
PARTNER_CLASSES: dict[str, Any] = {
    "local_facilitator": _("Local facilitator"),
    "government_agency": _("Government agency"),
    "national_apex": _("National apex body"),
    "international_body": _("International body"),
    "": _("Not a partner"),
}
ROLES: dict[str, Any] = {
    "member": _("Member"),
    "chair": _("Chair"),
    "treasurer": _("Treasurer"),
    "secretary": _("Secretary"),
    "worker": _("Worker"),
    "owner": _("Owner"),
    "facilitator": _("Facilitator"),
}
CONSENTS: dict[str, Any] = {
    "records": _("The programme may keep this record"),
    "contact": _("It may call or write"),
    "photograph": _("It may show a photograph"),
    "sensitive": _("It may record sensitive facts"),
    "sharing": _("Partners of other programmes may learn that they know the same person"),
}
BANDS: dict[str, tuple[Any, str]] = {
    "same": (_("Nearly sure"), "good"),
    "ask": (_("Perhaps"), "warn"),
    "different": (_("Hardly"), ""),
}
COMPARED: dict[str, Any] = {
    "given": _("Given name"),
    "family": _("Family name"),
    "name_order": _("Order of the names"),
    "sex": _("Sex"),
    "born": _("Birth"),
    "place": _("Place"),
    "phone": _("Telephone"),
    "household": _("Household"),
}
LEVELS: dict[str, Any] = {
    "same": _("the same"),
    "sounds_the_same": _("sounds the same"),
    "nearly_the_same": _("nearly the same"),
    "alike": _("alike"),
    "somewhat_alike": _("somewhat alike"),
    "one_slip": _("one slip of the pen"),
    "two_slips": _("two slips of the pen"),
    "same_year": _("the same year"),
    "near": _("near each other"),
    "different": _("different"),
    "in_place": _("in place"),
    "swapped": _("swapped"),
    "perhaps_one": _("perhaps two of one household"),
}
SENSITIVE: dict[str, Any] = {
    "tribal_identity": _("Tribal or indigenous people"),
    "refugee": _("Refugee"),
    "disability": _("Disability"),
}
FLAGS: dict[str, Any] = {
    "unemployed": _("Unemployed"),
    "underemployed": _("Too little work"),
    "youth": _("Youth"),
    "marginalized": _("Marginalized"),
    "woman": _("Woman"),
    "displaced": _("Displaced worker"),
    "child_at_work": _("Child at work"),
    "health": _("Health"),
    **SENSITIVE,
}
BASES: dict[str, Any] = {"declared": _("as the person says"), "verified": _("checked by somebody")}


def plain(code: str) -> str:
    return code.replace("_", " ").capitalize()


def named(words: dict[str, Any], code: str) -> str:
    return str(words.get(code) or plain(code))


def codes(short: str) -> list[tuple[str, str]]:
    """A list of codes that a package declares, in its order; empty where none does."""
    for one in packages.definitions("codes"):
        if one.id.rpartition(".")[2] == short:
            return [(item["code"], i18n.text(item["title"])) for item in one.data.get("items", ())]
    return []


def target_groups() -> list[tuple[str, str]]:
    return codes("target_groups") or [(code, str(FLAGS[code])) for code in ("unemployed", "underemployed", "youth")]


def agreement(said: parties.Agreement) -> str:
    """What a field says of two records, in words: "Family name: sounds the same"."""
    return f"{COMPARED.get(said.field, said.field)}: {LEVELS.get(said.level, said.level)}"


def born(person: parties.PersonView) -> str:
    if person.born_on:
        return formats.day(person.born_on)
    return str(person.birth_year) if person.birth_year else formats.MISSING

"""The tables of parties. Whatever is true only for a time has a first and a last day."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from jump.base.actors import ROOT, Actor
from jump.base.refs import PointerField, RefField
from jump.base.scopes import Scoped, ScopedQuerySet
from jump.engines.parties.types import (
    Basis,
    Claim,
    PartnerClass,
    PlaceKind,
    SettlementType,
    Sex,
    StatusCode,
)


def _choices(codes: Any) -> list[tuple[str, str]]:
    return [(code.value, code.value) for code in codes]


def _period(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name=f"parties_{name}_period"
    )


def _key_once(name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name=f"parties_{name}_key_once")


def on_day(day: Any) -> Q:
    """The rows in force on a day: begun, and not ended before it."""
    return Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))


class PublicQuerySet(ScopedQuerySet):
    """Rows of class P0: what the programme itself publishes, so everybody sees them."""

    def visible_to(self, actor: Actor, data_class: str | None = None) -> Self:
        return self


class PersonQuerySet(ScopedQuerySet):
    """People are seen from their home node, and from any node where they are engaged."""

    def visible_to(self, actor: Actor, data_class: str | None = None) -> Self:
        paths = actor.paths_viewing(data_class or "P2")
        if ROOT in paths:
            return self.standing()
        here = Q(ref__in=actor.row_refs) if actor.row_refs else Q(pk__in=[])
        for path in paths:
            away = Engagement.objects.filter(is_away=True, scope__path__startswith=path).values("party_ref")
            here |= Q(scope__path__startswith=path) | Q(ref__in=away)
        return self.standing().filter(here)

    def standing(self) -> Self:
        """Without those whom only a form knew that was withdrawn since: they count nowhere."""
        return self.filter(withdrawn_at__isnull=True)


class GroupQuerySet(ScopedQuerySet):
    """Groups, without those that only a form knew that was withdrawn since."""

    def visible_to(self, actor: Actor, data_class: str | None = None) -> Self:
        return super().visible_to(actor, data_class).standing()

    def standing(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)


class Registered(Scoped):
    """What every party row carries: when it was registered, by whom, and under which key it was asked for."""

    registered_on = models.DateField()
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=120)
    key = models.CharField(max_length=200, blank=True, default="")
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        abstract = True


class Programme(Registered):
    """A programme as it is run: from a package's declaration, at a version."""

    data_class = "P0"

    ref = RefField(kind="prg")
    title = models.JSONField()
    number = models.CharField(max_length=60, blank=True)
    coverage = models.JSONField(default=dict)
    executing = models.CharField(max_length=200, blank=True)
    cooperating = models.JSONField(default=list)
    pledges = models.JSONField(default=list)
    starts_on = models.DateField()
    phases = models.JSONField(default=list)
    tools = models.JSONField(default=list)
    jobs_target = models.PositiveIntegerField(default=0)
    definition = models.CharField(max_length=120)
    definition_version = models.CharField(max_length=20)

    objects = PublicQuerySet.as_manager()  # type: ignore[misc]  # this model's own rows

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["scope"], name="parties_one_programme_per_node"),
            _key_once("programme"),
        ]


class Place(Registered):
    """A region, country, community or site. Regions, countries and communities are nodes of the scope tree."""

    data_class = "P0"

    ref = RefField(kind="plc")
    name = models.CharField(max_length=200)
    names = models.JSONField(default=dict)  # the same name in other languages
    name_folded = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=12, choices=_choices(PlaceKind))
    code = models.CharField(max_length=60)
    country_code = models.CharField(max_length=3, blank=True, default="")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="places")
    settlement_type = models.CharField(max_length=12, choices=_choices(SettlementType), blank=True, default="")
    is_ours = models.BooleanField(default=False)

    objects = PublicQuerySet.as_manager()  # type: ignore[misc]  # this model's own rows

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["scope"],
                condition=Q(kind__in=["region", "country", "community"]),
                name="parties_one_place_per_node",
            ),
            models.CheckConstraint(
                condition=Q(kind="region") | Q(parent__isnull=False), name="parties_place_has_parent"
            ),
            _key_once("place"),
        ]


class PlaceAttribute(models.Model):
    """One thing known of a place from a day on: population, unemployment rate, what a package asks for."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="attributes")
    code = models.CharField(max_length=60)
    value = models.JSONField()
    on = models.DateField()
    source_ref = PointerField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["place", "code", "on"], name="parties_place_attribute_once")
        ]


class Project(Registered):
    """What is done in one place with one or several of the job-creating tools."""

    ref = RefField(kind="prj")
    title = models.CharField(max_length=200)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="projects")
    tools = models.JSONField()
    tools_count = models.PositiveSmallIntegerField()
    implementer_ref = PointerField()
    implementer_is_local = models.BooleanField(default=True)
    why_not_local = models.TextField(blank=True, default="")
    activity_group = models.CharField(max_length=60, blank=True, default="")
    focus_area = models.CharField(max_length=60, blank=True, default="")
    starts_on = models.DateField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(tools_count__gte=1), name="parties_project_uses_a_tool"),
            models.CheckConstraint(
                condition=Q(implementer_is_local=True) | ~Q(why_not_local=""), name="parties_not_local_has_a_reason"
            ),
            _key_once("project"),
        ]


class Person(Registered):
    """A person. The name lies under the person's own key; sex and birth are what counts are made of."""

    data_class = "P2"

    ref = RefField(kind="per")
    name_sealed = models.TextField(blank=True, default="")
    sex = models.CharField(max_length=12, choices=_choices(Sex))
    born_on = models.DateField(null=True)
    birth_year = models.PositiveSmallIntegerField(null=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    languages = models.JSONField(default=list)
    same_as = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="duplicates")
    forgotten_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = PersonQuerySet.as_manager()  # type: ignore[misc]  # this model's own rows

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(sex__in=[code.value for code in Sex]), name="parties_person_sex"),
            models.CheckConstraint(
                condition=Q(same_as__isnull=True) | ~Q(same_as=F("id")), name="parties_person_not_own_double"
            ),
            _key_once("person"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["scope", "-registered_on", "ref"], name="parties_person_list")
        ]


class Group(Registered):
    """A self-help group, cooperative, enterprise, team, federation: kind and legal form are codes of the package."""

    ref = RefField(kind="grp")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=60, db_index=True)
    legal_form = models.CharField(max_length=60, blank=True, default="")
    size_band = models.CharField(max_length=20, blank=True, default="")
    degree = models.PositiveSmallIntegerField(default=1)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    same_as = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="duplicates")
    withdrawn_at = models.DateTimeField(null=True)

    objects = GroupQuerySet.as_manager()  # type: ignore[misc]  # this model's own rows

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(degree__gte=1), name="parties_group_degree"),
            models.CheckConstraint(
                condition=Q(same_as__isnull=True) | ~Q(same_as=F("id")), name="parties_group_not_own_double"
            ),
            _key_once("group"),
        ]


class Organisation(Registered):
    """A body that exists without the programme: partner, agency, apex, donor, employer."""

    ref = RefField(kind="org")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=60, db_index=True)
    partner_class = models.CharField(max_length=24, choices=_choices(PartnerClass), blank=True, default="")
    same_as = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="duplicates")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(partner_class__in=[code.value for code in PartnerClass]), name="parties_partner_class"
            ),
            models.CheckConstraint(
                condition=Q(same_as__isnull=True) | ~Q(same_as=F("id")), name="parties_organisation_not_own_double"
            ),
            _key_once("organisation"),
        ]


class Membership(models.Model):
    """A member of a group between two days. In a group of degree two or more only groups and organisations."""

    ref = RefField(kind="mem")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="memberships")
    group_degree = models.PositiveSmallIntegerField()
    member_ref = PointerField()
    member_kind = models.CharField(max_length=3)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="memberships")
    role = models.CharField(max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    why_ended = models.CharField(max_length=200, blank=True, default="")
    proof_ref = PointerField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["group", "member_ref"], condition=Q(ends_on__isnull=True), name="parties_member_once"
            ),
            models.CheckConstraint(
                condition=Q(group_degree=1) | ~Q(member_kind="per"), name="parties_union_has_no_single_people"
            ),
            models.CheckConstraint(
                condition=Q(member_kind="per", person__isnull=False) | (~Q(member_kind="per") & Q(person__isnull=True)),
                name="parties_member_person",
            ),
            _period("membership"),
        ]


class Relation(Scoped):
    """One party and another, or a place: assignment, link, ownership, supply. Dated, with its proof."""

    ref = RefField(kind="rel")
    kind = models.CharField(max_length=60, db_index=True)
    from_ref = PointerField()
    to_ref = PointerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    proof_ref = PointerField(blank=True)
    note = models.TextField(blank=True, default="")
    role_assignment = models.ForeignKey("base.RoleAssignment", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=~Q(from_ref=F("to_ref")), name="parties_relation_of_two"),
            models.UniqueConstraint(
                fields=["kind", "from_ref", "to_ref"], condition=Q(ends_on__isnull=True), name="parties_relation_once"
            ),
            _period("relation"),
        ]


class Engagement(Scoped):
    """A party takes part at a node, in a role, for a time: how scope reaches people and how they are counted once."""

    data_class = "P2"

    ref = RefField(kind="eng")
    party_ref = PointerField()
    role = models.CharField(max_length=60)
    is_away = models.BooleanField(default=False, db_index=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["party_ref", "scope", "role"], condition=Q(ends_on__isnull=True), name="parties_engaged_once"
            ),
            _period("engagement"),
        ]


class Flag(models.Model):
    """Something said about a person, from a day on. P3 kinds reach only those to whom the row was granted."""

    ref = RefField(kind="flg")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="flags")
    code = models.CharField(max_length=60, db_index=True)
    basis = models.CharField(max_length=12, choices=_choices(Basis))
    data_class = models.CharField(max_length=2, default="P2")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    recorded_by = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person", "code", "basis"], condition=Q(ends_on__isnull=True), name="parties_flag_once"
            ),
            _period("flag"),
        ]


class Status(models.Model):
    """Active, dormant or closed, from a day on, with what proves it. The last row on or before a day holds."""

    ref = RefField(kind="sta")
    party_ref = PointerField()
    code = models.CharField(max_length=12, choices=_choices(StatusCode))
    on = models.DateField()
    recorded_at = models.DateTimeField()
    proof_ref = PointerField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(code__in=[code.value for code in StatusCode]), name="parties_status_code"
            )
        ]


class Qualification(Scoped):
    """A skill or certificate of a person or group: claimed or proved, perhaps only until a day."""

    data_class = "P2"

    ref = RefField(kind="qua")
    party_ref = PointerField()
    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=80, db_index=True)
    level = models.CharField(max_length=40, blank=True, default="")
    claim = models.CharField(max_length=12, choices=_choices(Claim))
    on = models.DateField()
    expires_on = models.DateField(null=True)
    proof_ref = PointerField(blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(claim="claimed") | ~Q(proof_ref=""), name="parties_proved_names_its_proof"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("on")), name="parties_qualification_period"
            ),
        ]


class Consent(models.Model):
    """What a person agreed to, for one purpose, until withdrawn."""

    ref = RefField(kind="con")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=60)
    given_on = models.DateField()
    withdrawn_on = models.DateField(null=True)
    how = models.CharField(max_length=60, blank=True, default="")
    proof_ref = PointerField(blank=True)  # the form in which it was given
    why_withdrawn = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person", "purpose"], condition=Q(withdrawn_on__isnull=True), name="parties_consent_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("given_on")),
                name="parties_consent_period",
            ),
        ]


class Notice(Scoped):
    """That a party was told something, and when: the record; base.notices carries it."""

    ref = RefField(kind="not")
    to_ref = PointerField()
    template = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    about_ref = PointerField(blank=True)
    on = models.DateField()
    key = models.CharField(max_length=200, unique=True)


class Merge(models.Model):
    """That two records were said to be one, by whom and why; and when and why that was undone."""

    kept_ref = PointerField()
    duplicate_ref = PointerField()
    why = models.TextField()
    by = models.CharField(max_length=120)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=120, blank=True, default="")
    undone_why = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["duplicate_ref"], condition=Q(undone_at__isnull=True), name="parties_merged_once"
            )
        ]


# The table of each kind of reference.
TABLES: dict[str, Any] = {
    "per": Person,
    "grp": Group,
    "org": Organisation,
    "plc": Place,
    "prg": Programme,
    "prj": Project,
}

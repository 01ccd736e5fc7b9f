"""Who acts, in which roles, at which places, with which rights over which classes of data.

The table of roles follows mission/actors.md (roles 1, 5, 10, 11, 17, 19, 25, 29, 51, 52). A permission is
role rights, met with the scope of the role, met with the class of the data; the strictest rule wins.

Data classes: P0 public, P1 working, P2 personal, P3 sensitive, F finance, D decision before publication.
Letters: v view, c create, e edit, a approve or decide, x export; "agg" sees aggregates only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from jump.base.refusals import NotAllowed
from jump.core.units import Ref

ROOT = ""

RIGHTS: frozenset[str] = frozenset(
    {
        "parties.write",
        "parties.merge",
        "evidence.submit",
        "evidence.review",
        "evidence.forms",
        "cases.open",
        "cases.work",
        "cases.waive",
        "decisions.open",
        "decisions.score",
        "decisions.decide",
        "finance.read",
        "finance.prepare",
        "finance.approve",
        "finance.release",
        "finance.collect",
        "finance.write_down",
        "finance.budget",
        "ledger.read",
        "ledger.export",
        "ledger.reconcile",
        "ledger.approve",
        "ledger.seal",
        "jobs.claim",
        "jobs.verify",
        "results.read",
        "results.freeze",
        "reports.read",
        "reports.write",
        "reports.publish",
        "base.packages",
        "base.users",
    }
)


@dataclass(frozen=True, slots=True)
class Role:
    """One row of the access matrix: what a role may see of each data class, and what it may do."""

    code: str
    title: str
    sees: Mapping[str, str]
    rights: frozenset[str]

    def views(self, data_class: str) -> bool:
        """Whether single rows (not only aggregates) of this class may be seen."""
        return data_class == "P0" or "v" in self.sees.get(data_class, "").split(" ")

    def exports(self, data_class: str) -> bool:
        """Whether single rows of this class may be taken out in bulk (actors.md, letter x)."""
        return self.views(data_class) and "x" in self.sees.get(data_class, "").split(" ")


def _role(code: str, title: str, rights: str, **sees: str) -> Role:
    named = frozenset(rights.split())
    unknown = named - RIGHTS
    assert not unknown, f"unknown rights of {code}: {unknown}"
    return Role(code, title, MappingProxyType(sees), named)


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        role.code: role
        for role in (
            _role(
                "programme_coordinator",
                "Programme coordinator",
                "parties.write parties.merge evidence.submit evidence.review evidence.forms cases.open cases.work "
                "cases.waive "
                "decisions.open decisions.decide finance.read finance.approve finance.budget ledger.read "
                "ledger.export ledger.reconcile ledger.approve ledger.seal jobs.verify results.read results.freeze "
                "reports.read reports.write reports.publish base.packages",
                P1="v c e a x",
                P2="v",
                P3="agg",
                F="v a",
                D="v a",
            ),
            _role(
                "national_coordinator",
                "National coordinator",
                "parties.write parties.merge evidence.submit evidence.review evidence.forms cases.open cases.work "
                "cases.waive "
                "decisions.open decisions.decide finance.read finance.prepare finance.approve ledger.read "
                "ledger.reconcile ledger.approve jobs.verify "
                "results.read reports.read reports.write",
                P1="v c e a x",
                P2="v",
                P3="case",
                F="v c",
                D="v c",
            ),
            _role(
                "extension_worker",
                "Extension worker",
                "parties.write evidence.submit cases.open cases.work jobs.claim jobs.verify finance.read "
                "finance.write_down results.read reports.read",
                P1="v c e",
                P2="v c e",
                P3="case",
                F="v",
                D="agg",
            ),
            _role(
                "core_team",
                "Community core team member",
                "evidence.submit cases.work jobs.claim finance.read results.read",
                P1="v c e x",  # communities can export their own records (actors.md, rule 6)
                P2="agg",
                F="v",
            ),
            _role(
                "partner",
                "Partner organisation",
                "parties.write evidence.submit cases.open cases.work finance.read finance.prepare jobs.claim "
                "jobs.verify results.read reports.read",
                P1="v c e",
                P2="v c e",
                P3="case",
                F="v c",
                D="v",
            ),
            _role(
                "fund_manager",
                "Fund manager",
                "parties.write evidence.submit cases.work finance.read finance.prepare finance.release "
                "finance.collect ledger.read ledger.export ledger.reconcile results.read reports.read",
                P1="v c",
                P2="v",
                F="v c e x",
                D="v c",
            ),
            _role(
                "selection_panel",
                "Selection panel member",
                "decisions.score decisions.decide results.read",
                P1="v",
                P2="case",
                F="agg",
                D="v c a",
            ),
            _role(
                "donor",
                "Donor",
                "finance.read ledger.read ledger.export results.read reports.read",
                P1="agg x",
                P2="agg",
                F="v x",
            ),
            _role("administrator", "System administrator", "base.packages base.users"),
            _role("public", "Public visitor", ""),
            _role("app_user", "Device of a field worker", "evidence.submit"),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held at a node of the scope tree; ``path`` "" is the root above all programmes."""

    role: str
    path: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. Carries everything that decides what may be seen and done, so that no query needs the session."""

    user_id: int | None
    name: str
    party_ref: Ref | None = None
    grants: tuple[Grant, ...] = ()
    row_refs: frozenset[str] = field(default_factory=frozenset)
    is_system: bool = False
    device_ref: Ref | None = None

    @property
    def key(self) -> str:
        """A stable text for "who did it": kept in rows, never shown as a name."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        if self.device_ref is not None:
            return f"device:{self.device_ref}"
        return f"system:{self.name}" if self.is_system else "public"

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    def seeing(self, ref: Ref) -> "Actor":
        """The same actor, who may see one more row: their own, which somebody else has changed since."""
        return replace(self, row_refs=self.row_refs | {str(ref)})

    def paths_viewing(self, data_class: str) -> tuple[str, ...]:
        """The nodes under which single rows of this class may be seen; ("",) means everywhere."""
        if self.is_system:
            return (ROOT,)
        paths = {grant.path for grant in self.grants if ROLES[grant.role].views(data_class)}
        return tuple(sorted(path for path in paths if not _under_any(path, paths)))

    def paths_exporting(self, data_class: str) -> tuple[str, ...]:
        """The nodes under which rows of this class may be taken out in bulk; ("",) means everywhere."""
        if self.is_system:
            return (ROOT,)
        return tuple(sorted({grant.path for grant in self.grants if ROLES[grant.role].exports(data_class)}))

    def paths_with(self, right: str) -> tuple[str, ...]:
        """The nodes under which this right is held."""
        if self.is_system:
            return (ROOT,)
        return tuple(sorted({grant.path for grant in self.grants if right in ROLES[grant.role].rights}))


def _under_any(path: str, paths: set[str]) -> bool:
    return any(path != other and path.startswith(other) for other in paths)


ANONYMOUS = Actor(user_id=None, name="public")


def system_actor(why: str) -> Actor:
    """The machine itself, acting for a named reason (an effect, the loader, the nightly run)."""
    return Actor(user_id=None, name=why, is_system=True)


def can(actor: Actor, right: str, scope: str | None = None) -> bool:
    """Whether the actor holds the right: somewhere (no scope given), or at this node or above it."""
    assert right in RIGHTS, f"no such right: {right}"
    if actor.is_system:
        return True
    paths = actor.paths_with(right)
    return bool(paths) if scope is None else any(scope.startswith(path) for path in paths)


def require(actor: Actor, right: str, scope: str | None = None) -> None:
    """Refuse with ``base.not_allowed`` unless the actor holds the right there."""
    if not can(actor, right, scope):
        raise NotAllowed(right=right, scope=scope or "", who=actor.name)


def actor_for(user: Any) -> Actor:
    """The actor behind a signed-in user, with the roles that hold today. One query."""
    from jump.base import clock
    from jump.base.asking import Question, ask
    from jump.base.models import RoleAssignment, RowGrant

    if user is None or not user.is_authenticated:
        return ANONYMOUS
    day = clock.today()
    assignments = RoleAssignment.objects.held_on(day).filter(user_id=user.pk)
    held, shared = ask(
        [
            Question(assignments, ("role", "node__path")),
            Question(RowGrant.objects.filter(user_id=user.pk), ("ref",)),
        ]
    )
    grants = tuple(Grant(row["role"], row["node__path"]) for row in held)
    refs = frozenset(row["ref"] for row in shared)
    name = user.get_full_name() or user.get_username()
    party = next((ref for ref in refs if ref.startswith("per-")), None)
    return Actor(user.pk, name, Ref(party) if party else None, grants, refs)

"""A place with training: people to enrol, a worker with a sign-in of their own, a coordinator; and pages to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jump.base import clock, packages
from jump.core.units import Ref
from jump.engines.cases import api as cases
from jump.engines.parties import api as parties
from tests import makers
from tests.web.area_fixtures import Reader, reader

TODAY = date(2004, 6, 30)
PH = "jump/asia/PH/"
RIVERSIDE = "jump/asia/PH/riverside/"


@dataclass(frozen=True, slots=True)
class School:
    """Who is there, by reference, and who is signed in."""

    place: Ref
    people: tuple[Ref, ...]
    worker: Ref
    wilma: Reader
    jose: Reader
    ana: Reader

    def course(self, curriculum: str = "training.self_help", *, people: int = 25, days: int = 1) -> Ref:
        """A course of this curriculum with people enrolled and days planned up to today."""
        ref = cases.open_course(
            self.wilma.actor,
            curriculum=curriculum,
            title="Self-help in Riverside",
            scope=RIVERSIDE,
            level="grassroots",
            starts_on=date(2004, 6, 28),
            ends_on=TODAY,
            communities=[self.place],
        )
        cases.enrol_many(
            self.wilma.actor, course_ref=ref, people=[(one, None) for one in self.people[:people]], on=TODAY
        )
        for number in range(days):
            cases.plan_session(
                self.wilma.actor,
                kind="training",
                title=f"Day {number + 1}",
                scope=RIVERSIDE,
                planned_on=date(2004, 6, 28 + number),
                course_ref=ref,
                agenda=[cases.AgendaItem("Welcome", "09:00"), cases.AgendaItem("What a group can do", "09:30")],
                materials=[cases.Product("Guide of the group")],
            )
        return ref

    def day(self, course: Ref) -> Ref:
        return cases.course(self.wilma.actor, course).sessions[0]


def stand() -> School:
    """Build it. Today is 30 June 2004."""
    from jump.base.models import RowGrant

    clock.pin(TODAY)
    for folder in packages.in_order(["training"]):
        packages.install(makers.MAKER, folder)
    parties.declare_programme(makers.MAKER, definition_id="jump", on=date(2002, 1, 1))
    country = next(one for one in parties.places(makers.MAKER, kind="country") if one.code == "PH")
    place = parties.declare_place(
        makers.MAKER, parent_ref=country.ref, kind="community", name="Riverside", code="riverside", on=date(2002, 6, 1)
    )
    people = tuple(
        makers.person(
            RIVERSIDE,
            given_name=f"{name}",
            family_name="Cruz",
            sex="male" if number % 3 == 0 else "female",
            birth_year=1950 + number,
        )
        for number, name in enumerate(NAMES)
    )
    worker = makers.person(RIVERSIDE, given_name="Wilma", family_name="Santos")
    wilma = reader("extension_worker", RIVERSIDE, "Wilma")
    RowGrant.objects.create(user=wilma.user, ref=worker)
    parties.assign_worker(makers.MAKER, worker_ref=worker, to_ref=place, on=date(2003, 1, 1))
    return School(
        place,
        people,
        worker,
        wilma,
        reader("national_coordinator", PH, "José"),
        reader("programme_coordinator", "jump/", "Ana"),
    )


NAMES = (
    "Amado", "Belen", "Corazon", "Danilo", "Elena", "Felicidad", "Gregorio", "Honorata", "Imelda", "Jacinto",
    "Katrina", "Ligaya", "Mario", "Norma", "Ofelia", "Paolo", "Remedios", "Salome", "Tomas", "Ursula", "Violeta",
    "Wenceslao", "Ximena", "Yolanda", "Zenaida",
)  # fmt: skip

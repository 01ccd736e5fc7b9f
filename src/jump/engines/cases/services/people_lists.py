"""Lists of people from a spreadsheet: read, checked cell by cell, taken in whole or not at all.

A row is a registered person (by number), somebody to register (name and consent), or somebody who is only counted (sex
and age group, no name kept). Headings are understood in English and French, in any order.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from jump.base.actors import Actor, require
from jump.base.db import write_transaction
from jump.base.refusals import NotFound
from jump.core.units import BadRef, Ref
from jump.engines.cases.models import Course, Session
from jump.engines.cases.services.courses import enrol_many
from jump.engines.cases.services.gatherings import SEXES, amend_attendance
from jump.engines.cases.services.refusals import ListHasProblems, ListUnreadable
from jump.engines.cases.types import Attendee
from jump.engines.cases.types.training import ListedPerson, ListProblem, PeopleList
from jump.engines.parties import api as parties

ROWS_MAX = 500
CELL_MAX = 120
COLUMNS = {  # the key of a column, its heading, and what else people write there
    "number": (lazy("Number"), ("number", "no", "person", "numéro", "numero", "id")),
    "given_name": (lazy("Given name"), ("given name", "first name", "prénom", "prenom")),
    "family_name": (lazy("Family name"), ("family name", "surname", "last name", "nom", "nom de famille")),
    "sex": (lazy("Sex"), ("sex", "sexe", "gender")),
    "birth_year": (lazy("Year of birth"), ("year of birth", "birth year", "born", "année de naissance")),
    "age_group": (lazy("Age group"), ("age group", "age", "groupe d’âge", "groupe d'âge", "âge")),
    "group": (lazy("Group number"), ("group number", "group", "groupe", "numéro du groupe")),
    "agrees": (lazy("Agrees to be registered"), ("agrees to be registered", "agrees", "consent", "accepte")),
}
SEX_WORDS = {
    "f": "female", "female": "female", "woman": "female", "femme": "female",
    "m": "male", "male": "male", "man": "male", "h": "male", "homme": "male",
    "other": "other", "autre": "other", "": "not_stated", "not stated": "not_stated", "not_stated": "not_stated",
}  # fmt: skip
YES = {"yes", "y", "oui", "o", "1", "true", "x"}
NO = {"", "no", "n", "non", "0", "false"}


def read_people(content: bytes, *, ages: Sequence[str], today: date) -> PeopleList:
    """The people of an .xlsx or .csv file. Every wrong cell is named by row and column; nothing is kept yet.

    `ages` are the codes of age groups that are known. Refuses what is no spreadsheet, has no known heading or more
    than 500 rows.
    """
    table = _table(content)
    if not table:
        raise ListUnreadable(why=_("it is empty."))
    heads = [_column(cell) for cell in table[0]]
    if "sex" not in heads and "number" not in heads and "given_name" not in heads:
        raise ListUnreadable(why=_("the first row has no heading that is known."))
    rows = [row for row in table[1:] if any(row)]
    if len(rows) > ROWS_MAX:
        raise ListUnreadable(why=_("it has more than %s rows.") % ROWS_MAX)
    cells = [
        {"row": str(number), **{head: row[at] for at, head in enumerate(heads) if head and at < len(row)}}
        for number, row in enumerate(table[1:], start=2)
        if any(row)
    ]
    return check_people(cells, ages=ages, today=today)


def check_people(cells: Sequence[Mapping[str, str]], *, ages: Sequence[str], today: date) -> PeopleList:
    """The same check over cells that were read before: what a page sends back after it showed them."""
    if len(cells) > ROWS_MAX:
        raise ListUnreadable(why=_("it has more than %s rows.") % ROWS_MAX)
    people: list[ListedPerson] = []
    problems: list[ListProblem] = []
    seen: dict[Ref, int] = {}
    for cell in cells:
        person, wrong = _row(cell, frozenset(ages), today)
        if person is not None and person.person_ref is not None:
            first = seen.setdefault(person.person_ref, person.row)
            if first != person.row:
                wrong.append(_problem(cell, "number", _("This person stands in row %s already.") % first))
        problems.extend(wrong)
        if not wrong and person is not None:
            people.append(person)
    problems.extend(_unknown(people))
    return PeopleList(
        tuple(people), tuple(sorted(problems, key=lambda one: one.row)), tuple(dict(one) for one in cells)
    )


def take_attendance(
    actor: Actor, *, session_ref: Ref, people: PeopleList, on: date, key: str, why: str = ""
) -> tuple[int, int, int]:
    """Everybody of a checked list came to this gathering: (known before, registered now, only counted).

    New people are registered under their consent; who does not agree is counted by sex and age group. The same list
    sent twice registers nobody twice. Refuses a list with a problem: nothing of it is kept.
    """
    with write_transaction():
        session = Session.objects.select_related("scope").filter(ref=session_ref).first()
        if session is None:
            raise NotFound(ref=session_ref)
        known, made, counted = _take(actor, people, session.scope.path, on, key)
        listed = session.attendance.exclude(person_ref="")
        there = {Ref(one) for one in listed.values_list("person_ref", flat=True)}
        came = {Ref(one) for one in listed.filter(attended=True).values_list("person_ref", flat=True)}
        loose = [
            Attendee(sex=one.sex, age_group=one.age_group or "not_stated", group_ref=one.group_ref) for one in counted
        ]
        if session.details.get("list") == key:
            loose = []  # the same list again
        groups = {ref: one.group_ref for ref, one in [*known, *made]}
        amend_attendance(
            actor,
            session_ref=session_ref,
            came=sorted(came | (there & groups.keys())),
            added=[*(Attendee(person_ref=ref, group_ref=group) for ref, group in groups.items()), *loose],
            why=why or _("List of people taken in."),
        )
        session.details = {**session.details, "list": key}
        session.save(update_fields=["details"])
    return len(known), len(made), len(counted)


def take_enrolments(actor: Actor, *, course_ref: Ref, people: PeopleList, on: date, key: str) -> int:
    """Everybody of a checked list is enrolled; who is only counted cannot be. Returns how many are new."""
    with write_transaction():
        course = Course.objects.select_related("scope").filter(ref=course_ref).first()
        if course is None:
            raise NotFound(ref=course_ref)
        known, made, counted = _take(actor, people, course.scope.path, on, key)
        if counted:
            raise ListHasProblems(count=len(counted))
        return enrol_many(
            actor, course_ref=course_ref, people=[(ref, one.group_ref) for ref, one in [*known, *made]], on=on
        )


Named = list[tuple[Ref, ListedPerson]]


def _take(actor: Actor, people: PeopleList, scope: str, on: date, key: str) -> tuple[Named, Named, list[ListedPerson]]:
    require(actor, "cases.work", scope)
    if people.problems:
        raise ListHasProblems(count=len(people.problems))
    known = [(one.person_ref, one) for one in people.people if one.person_ref is not None]
    new = [one for one in people.people if one.person_ref is None and one.agrees]
    counted = [one for one in people.people if one.person_ref is None and not one.agrees]
    made: Named = []
    for one in new:
        ref = parties.register_person(
            actor,
            scope=scope,
            given_name=one.given_name,
            family_name=one.family_name,
            sex=one.sex,
            birth_year=one.birth_year,
            consents=("records",),
            on=on,
            key=f"{key}:{one.row}",
        )
        made.append((ref, one))
    return known, made, counted


# Reading cells ----------------------------------------------------------------------------------------------------


def _table(content: bytes) -> list[list[str]]:
    if content[:2] == b"PK":
        return _workbook(content)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            written = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in written:
            break
        head = written.partition("\n")[0]
        separator = max(";,\t", key=head.count)
        return [[_text(cell) for cell in row] for row in csv.reader(io.StringIO(written), delimiter=separator)]
    raise ListUnreadable(why=_("it is neither .xlsx nor .csv."))


def _workbook(content: bytes) -> list[list[str]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet: Any = book.worksheets[0]
        rows = [
            [_text(cell) for cell in row[: len(COLUMNS) + 20]]
            for row in sheet.iter_rows(values_only=True, max_row=ROWS_MAX + 50)
        ]
    except (BadZipFile, KeyError, ValueError, IndexError) as error:
        raise ListUnreadable(why=_("the workbook is damaged.")) from error
    return rows


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()[:CELL_MAX]


def _column(heading: str) -> str:
    plain = re.sub(r"\s+", " ", heading.strip().lower())
    for key, (title, words) in COLUMNS.items():
        if plain == str(title).lower() or plain in words or plain == key:
            return key
    return ""


def _problem(cell: Mapping[str, str], column: str, message: str) -> ListProblem:
    return ListProblem(int(cell.get("row") or 0), str(COLUMNS[column][0]), cell.get(column, ""), message)


def _row(cell: Mapping[str, str], ages: frozenset[str], today: date) -> tuple[ListedPerson | None, list[ListProblem]]:
    wrong: list[ListProblem] = []
    ref = _ref(cell, "number", "per", wrong)
    group = _ref(cell, "group", "grp", wrong)
    sex = SEX_WORDS.get(cell.get("sex", "").lower(), "")
    if not sex:
        wrong.append(_problem(cell, "sex", _("Write woman, man, other, or leave it empty.")))
    year = _year(cell, today, wrong)
    written = cell.get("age_group", "")
    age = {_plain(code): code for code in ages}.get(_plain(written), "")
    if written and not age:
        wrong.append(_problem(cell, "age_group", _("Use one of: %s.") % ", ".join(sorted(ages))))
    said = cell.get("agrees", "").lower()
    if said not in YES | NO:
        wrong.append(_problem(cell, "agrees", _("Write yes or no.")))
    given = cell.get("given_name", "")
    if said in YES and ref is None and not given:
        wrong.append(_problem(cell, "given_name", _("Who is to be registered needs a name.")))
    if wrong:
        return None, wrong
    person = ListedPerson(
        row=int(cell.get("row") or 0),
        person_ref=ref,
        given_name=given,
        family_name=cell.get("family_name", ""),
        sex=sex or "not_stated",
        birth_year=year,
        age_group=age,
        group_ref=group,
        agrees=said in YES,
    )
    assert person.sex in SEXES
    return person, wrong


def _plain(age: str) -> str:
    """An age group as people write it: "15-24", "15 – 24" and "15 to 24" are one."""
    return re.sub(r"(\s*[–_-]\s*|\s+(to|à|and|et)\s+|\s+)", "_", age.strip().lower())


def _ref(cell: Mapping[str, str], column: str, kind: str, wrong: list[ListProblem]) -> Ref | None:
    written = cell.get(column, "")
    if not written or (column == "number" and written.isdigit() and len(written) <= 3):
        return None  # a running number in front of the row is no number of a person
    try:
        ref = Ref.parse(written)
    except BadRef:
        ref = Ref("")
    if ref.kind != kind:
        example = f"{kind}-7K2M9QXA"
        wrong.append(_problem(cell, column, _("Write a number such as %s, or leave it empty.") % example))
        return None
    return ref


def _year(cell: Mapping[str, str], today: date, wrong: list[ListProblem]) -> int | None:
    written = cell.get("birth_year", "")
    if not written:
        return None
    if not written.isdecimal() or not today.year - 120 <= int(written) <= today.year:
        wrong.append(
            _problem(
                cell,
                "birth_year",
                _("Write a year between %(first)s and %(last)s.") % {"first": today.year - 120, "last": today.year},
            )
        )
        return None
    return int(written)


def _unknown(people: Iterable[ListedPerson]) -> list[ListProblem]:
    """Numbers that name nobody."""
    asked = {one.person_ref: one.row for one in people if one.person_ref is not None}
    known = parties.codes_of(list(asked), date.max) if asked else {}
    return [
        ListProblem(row, str(COLUMNS["number"][0]), str(ref), _("Nobody has this number."))
        for ref, row in asked.items()
        if ref not in known
    ]

"""Forms of an outside folder against the product: `python -m tests.conformance.xlsforms FOLDER`.

Each .xls and .xlsx either passes (it converts, is published, its page is drawn, a generated filling is taken, and a
spoiled one is refused on the page and flagged from a phone) or is refused with sheet, row and cause. Ends with 0 only
if that holds for every form. A database of its own is made and thrown away.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any  # answers are JSON

PROBLEMS_SHOWN = 30
SECONDS_MAX = 120
ENDINGS = (".xls", ".xlsx")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one form: `passed`, `refused` with its problems, or `failed` with a reason."""

    name: str
    verdict: str
    lines: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def is_good(self) -> bool:
        return self.verdict in ("passed", "refused")


def forms_in(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and not path.name.startswith("~$")
    )


def judge(path: Path, scope: str) -> Result:
    """Take one form through the product. Never raises."""
    began = time.perf_counter()
    try:
        verdict, lines = _judge(path, scope)
    except Exception as error:  # the promise is that nothing gets here: then it is told, without a traceback
        verdict, lines = "failed", [f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"]
    return Result(path.name, verdict, tuple(lines), time.perf_counter() - began)


def _judge(path: Path, scope: str) -> tuple[str, list[str]]:
    from jump.base import clock
    from jump.base.refusals import Refusal
    from jump.engines.evidence import api as evidence
    from jump.engines.evidence.definitions.kept import form_version, tables_of
    from tests import makers
    from tests.conformance.fillings import Filler, NoFilling

    coordinator, worker = makers.someone("national_coordinator", scope), makers.someone("extension_worker", scope)
    try:
        draft = evidence.draft_form(coordinator, scope=scope, content=path.read_bytes(), name=path.name)
    except evidence.FormRefused as refused:
        problems = refused.problems
        nameless = [one for one in problems if not (one.sheet and one.message and one.what_to_do)]
        if nameless:
            return "failed", [f"a problem without a place or a remedy: {nameless[0]}"]
        lines = [_line(one) for one in problems[:PROBLEMS_SHOWN]]
        if len(problems) > PROBLEMS_SHOWN:
            lines.append(f"and {len(problems) - PROBLEMS_SHOWN} more")
        return "refused", lines
    except Refusal as refused:
        return "failed", [f"{refused.code}: {refused}"]
    missing = {*draft.missing_tables, *draft.missing_media}
    evidence.add_media(coordinator, ref=draft.ref, media=dict(_beside(path, draft, missing)))
    form = evidence.publish_form(coordinator, ref=draft.ref)
    drawn = _drawn(worker, form.id, scope)
    held = form_version(form.id)
    filler = Filler(held.schema, now=clock.now(), tables=tables_of(held))
    try:
        valid = filler.valid()
    except NoFilling as error:
        return "failed", [str(error)]
    sent: dict[str, Any] = {"form": form.id, "scope": scope, "on": clock.today()}
    taken = evidence.submit(
        worker, **sent, answers=valid, files=filler.files(valid), key=f"{form.id} valid", source="web"
    )
    wrong_at, spoiled = filler.invalid(valid)
    files = filler.files(spoiled)
    try:
        evidence.submit(worker, **sent, answers=spoiled, files=files, key=f"{form.id} spoiled", source="web")
        return "failed", [f"a wrong answer to {wrong_at} was taken from a page"]
    except Refusal as refused:
        if wrong_at not in refused.facts.get("errors", {}):
            return "failed", [f"the wrong answer to {wrong_at} is not named: {refused}"]
    flagged = evidence.submit(worker, **sent, answers=spoiled, files=files, key=f"{form.id} from a phone", source="odk")
    if not any(one.path == wrong_at for one in flagged.flags):
        return "failed", [f"a wrong answer to {wrong_at} from a phone is not flagged"]
    asked = sum(1 for _one in filler.leaves(valid))
    return "passed", [
        f"{asked} questions, {len(taken.answers)} answers taken, page of {drawn} fields, "
        f"{len(draft.warnings)} warnings; wrong answer at {wrong_at} found"
    ]


def _line(problem: Any) -> str:
    row = f", row {problem.row}" if problem.row else ""
    column = f", column {problem.column}" if problem.column else ""
    return f"sheet {problem.sheet}{row}{column}: {problem.message} {problem.what_to_do}"


def _drawn(actor: Any, form_id: str, scope: str) -> int:
    """Draw the page of the form as a browser without script gets it. How many fields it has."""
    from django.test import RequestFactory

    from jump.web.filling import fill_form

    request = RequestFactory().get("/")
    request.actor = actor  # type: ignore[attr-defined]
    request.session = {}  # type: ignore[assignment]
    request.htmx = False  # type: ignore[attr-defined]
    answer = fill_form(request, form_id, scope=scope, done=lambda _sent: None)  # type: ignore[arg-type, return-value]
    text = answer.content.decode()
    if answer.status_code != 200 or "<form" not in text:
        raise AssertionError(f"the page answers {answer.status_code}")
    return text.count(' name="a-')


def _beside(path: Path, draft: Any, missing: set[str]) -> Iterator[tuple[str, bytes]]:
    """The files that a form needs: those in its folder, else small ones in place of them."""
    for name in sorted(missing):
        for folder in (path.parent, path.parent / f"{path.stem}-media"):
            if (folder / name).is_file():
                yield name, (folder / name).read_bytes()
                break
        else:
            yield name, _stand_in(name, draft)


def _stand_in(name: str, draft: Any) -> bytes:
    """A file of one row with every column that the form's expressions look for."""
    import json
    import re

    text = " ".join(
        " ".join((one.relevant, one.constraint, one.calculation, one.choice_filter)) for one in _flat(draft.form.fields)
    )
    columns = ["name", "label", *re.findall(r"pulldata\('[^']*',\s*'([^']*)',\s*'[^']*'", text)]
    columns += re.findall(r"pulldata\('[^']*',\s*'[^']*',\s*'([^']*)'", text)
    columns = list(dict.fromkeys(columns))
    row = dict.fromkeys(columns, "a")
    if name.endswith(".csv"):
        return (",".join(columns) + "\n" + ",".join(row.values()) + "\n").encode()
    if name.endswith(".geojson"):
        point = {"type": "Point", "coordinates": [121.0, 14.5]}
        feature = {"type": "Feature", "id": "a", "properties": {**row, "title": "A"}, "geometry": point}
        return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    if name.endswith(".xml"):
        cells = "".join(f"<{column}>a</{column}>" for column in columns)
        return f"<root><item>{cells}</item></root>".encode()
    return {
        ".svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        ".png": b"\x89PNG\r\n\x1a\n" + b"jump" * 4,
        ".mp3": b"ID3" + b"jump" * 4,
        ".mp4": b"\0\0\0\x18ftypmp42" + b"jump" * 4,
    }.get(Path(name).suffix.lower(), b"\xff\xd8\xff\xe0" + b"jump" * 4)


def _flat(fields: Any) -> Iterator[Any]:
    for one in fields:
        yield one
        yield from _flat(one.children)


def report(results: list[Result]) -> int:
    """Print what became of each form and how many; 0 if all are good."""
    for one in results:
        print(f"{one.name}: {one.verdict} ({one.seconds:.1f} s)")
        for line in one.lines:
            print(f"    {line}")
    passed, refused, failed = (
        sum(one.verdict == verdict for one in results) for verdict in ("passed", "refused", "failed")
    )
    print(f"{len(results)} forms: {passed} pass, {refused} are refused by name, {failed} fail")
    return 0 if results and all(one.is_good for one in results) else 1


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("Usage: python -m tests.conformance.xlsforms FOLDER, a folder of .xls and .xlsx forms.")
        return 2
    paths = forms_in(Path(arguments[0]))
    if not paths:
        print(f"There are no .xls or .xlsx files under {arguments[0]}.")
        return 2
    with tempfile.TemporaryDirectory(prefix="jump-forms-") as data:
        scope = _ground(data)
        return report([_apart(path, scope, Path(data)) for path in paths])


def _apart(path: Path, scope: str, data: Path) -> Result:
    """Judge one form in a process and a database of its own: forms of one number, and one that hangs, harm no other."""
    forked = multiprocessing.get_context("fork")
    heard, told = forked.Pipe(duplex=False)
    process = forked.Process(target=_judge_in, args=(path, scope, data, told))
    process.start()
    told.close()
    result = Result(path.name, "failed", (f"it did not end within {SECONDS_MAX} s",), SECONDS_MAX)
    if heard.poll(SECONDS_MAX):
        try:
            result = heard.recv()
        except EOFError:
            result = Result(path.name, "failed", ("its process ended without a word",))
    process.kill()
    process.join()
    return result


def _judge_in(path: Path, scope: str, data: Path, told: Any) -> None:
    from django.db import connection

    with tempfile.TemporaryDirectory(prefix="jump-form-", dir=data) as own:
        connection.close()
        connection.settings_dict["NAME"] = str(Path(own) / "form.sqlite3")
        shutil.copy(data / "jump.sqlite3", connection.settings_dict["NAME"])
        told.send(judge(path, scope))
        connection.close()


def _ground(data: str) -> str:
    """A database of its own with a programme in it. The place where the forms are offered."""
    os.environ.update(
        JUMP_DATA=data, JUMP_SECRET_KEY="only for tests, never for people", DJANGO_SETTINGS_MODULE="jump.settings"
    )
    os.environ.pop("JUMP_DATABASE", None)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests import makers

    scope = makers.ground().scope
    from django.db import connection

    import jump.web.filling  # noqa: F401 - read once, here, and not by each form's process
    import tests.conformance.fillings  # noqa: F401 - likewise

    connection.close()
    return scope


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

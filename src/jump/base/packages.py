"""Programme packages: read, check like code, install as an immutable version, look up by name.

A package is a folder of YAML files (and forms, templates, an example). Each engine declares the kinds of file it
reads (``DefinitionKind``), with a JSON Schema for one entry and a check of references; wiring registers them. Nothing
is installed while one finding stands. Only true, false, null and whole numbers are anything but text: a number with a
decimal point stays text, so that it becomes a Decimal and never a float; a date stays ISO text; yes and on are words.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import reduce
from operator import or_
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator
from yaml import MappingNode, MarkedYAMLError, Node, ScalarNode, SequenceNode

from jump.base import clock
from jump.base.actors import Actor, require
from jump.base.audit import record
from jump.base.db import write_transaction
from jump.base.models import PackageVersion
from jump.base.refusals import Refusal

PROGRAMME_FILE = "programme.yaml"
SKIPPED_FOLDERS = frozenset({"example", "locale", "forms"})
LANGUAGE_CODES = frozenset({"en", "fr", "es", "ar", "pt", "th", "sw"})
INDEX_SECONDS = 5.0

# The C reader where PyYAML was built with it: ten times as fast, same marks.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WHOLE_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9_]*)")

Position = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a package: where, what, and what to do about it."""

    file: str
    line: int
    message: str
    what_to_do: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} {self.what_to_do}".rstrip()


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file of a package as plain data, with the line of every value."""

    file: str
    data: Any
    lines: Mapping[Position, int]

    def line(self, *position: str | int) -> int:
        """The line of the value at this position, or of the nearest thing around it."""
        for length in range(len(position), -1, -1):
            found = self.lines.get(tuple(position[:length]))
            if found is not None:
                return found
        return 1

    def finding(self, position: Sequence[str | int], message: str, what_to_do: str = "") -> Finding:
        return Finding(self.file, self.line(*position), message, what_to_do)


@dataclass(frozen=True, slots=True)
class Entry:
    """One definition inside a file: its full id, its data, and where it stands."""

    kind: str
    full_id: str
    data: Mapping[str, Any]
    document: Document
    position: Position

    def finding(self, position: Sequence[str | int], message: str, what_to_do: str = "") -> Finding:
        return self.document.finding((*self.position, *position), message, what_to_do)


@dataclass(frozen=True, slots=True)
class PackageSource:
    """A package as read from its folder, not yet installed."""

    folder: Path
    name: str
    version: str
    languages: tuple[str, ...]
    uses: tuple[str, ...]
    engines: tuple[str, ...]
    documents: tuple[Document, ...]
    entries: tuple[Entry, ...]
    digest: str
    findings: tuple[Finding, ...] = ()

    def of(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def full(self, short: str) -> str:
        """A full id: what has no dot is of this package."""
        return short if "." in short else f"{self.name}.{short}"


class CheckContext:
    """What a check may ask about other definitions: those read now and those installed before."""

    def __init__(self, sources: Sequence[PackageSource]) -> None:
        self._read = {(entry.kind, entry.full_id): entry.data for source in sources for entry in source.entries}

    def get(self, kind: str, full_id: str) -> Mapping[str, Any] | None:
        found = self._read.get((kind, full_id))
        if found is None:
            try:
                return definition(kind, full_id).data
            except UnknownDefinition:
                return None
        return found

    def has(self, kind: str, full_id: str) -> bool:
        return self.get(kind, full_id) is not None


Check = Callable[[PackageSource, CheckContext], Iterable[Finding]]
Install = Callable[[Actor, PackageSource, str], None]


@dataclass(frozen=True, slots=True)
class DefinitionKind:
    """A kind of package data: which files hold it, in which shape, by which schema, and who checks and installs it.

    ``shape`` is "mapping" (file maps ids to entries), "list" (entries carry ``id``) or "document" (the file is one
    entry, named by its ``id`` or by the file). ``install(actor, source, version)`` runs inside the transaction.
    """

    kind: str
    file_glob: str
    shape: str
    schema: Mapping[str, Any]
    check: Check | None = None
    install: Install | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """One installed definition: immutable."""

    id: str
    kind: str
    package: str
    version: str
    data: Mapping[str, Any] = field(repr=False)

    def full(self, short: str) -> str:
        """A full id: what has no dot is of this definition's package."""
        return short if "." in short else f"{self.package}.{short}"


class UnknownDefinition(Refusal):
    """No installed package declares this."""

    code = "base.unknown_definition"
    http_status = 404
    message = _("No installed programme package declares the %(kind)s %(id)s.")
    what_to_do = _("Check the name, or load the package with `jump load`.")


class PackageBroken(Refusal):
    """The package has findings; nothing of it was loaded."""

    code = "base.package_broken"
    http_status = 422
    message = _("The package %(name)s was not loaded: %(count)s findings.")
    what_to_do = _("Mend these lines and load it again: %(findings)s")


class VersionTaken(Refusal):
    """The same version was installed with other content. Running cases keep what they began with."""

    code = "base.package_version_taken"
    message = _("Version %(version)s of the package %(name)s is already installed with other content.")
    what_to_do = _("Give the changed package a new version in programme.yaml, then load it again.")


PROGRAMME_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["name", "version", "title", "languages", "engines"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "version": {"type": ["string", "integer"]},
        "title": {"type": "object", "required": ["en"]},
        "source": {"type": "object"},
        "languages": {"type": "array", "items": {"enum": sorted(LANGUAGE_CODES)}, "minItems": 1},
        "engines": {"type": "array", "items": {"type": "string"}},
        "uses": {"type": "array", "items": {"type": "string"}},
        "programme": {"type": "object"},
    },
}

_kinds: dict[str, DefinitionKind] = {}


def register_kind(kind: DefinitionKind) -> None:
    """Make a kind of package data known. Called by wiring alone."""
    _kinds[kind.kind] = kind


def kinds() -> Mapping[str, DefinitionKind]:
    """The registered kinds by name."""
    return dict(_kinds)


register_kind(DefinitionKind("programme", PROGRAMME_FILE, "document", PROGRAMME_SCHEMA))
register_kind(
    DefinitionKind(
        "messages",
        "messages.yaml",
        "mapping",
        {
            "type": "object",
            "required": ["title", "body"],
            "properties": {"title": {"type": "object"}, "body": {"type": "object"}},
        },
    )
)
register_kind(
    DefinitionKind(
        "codes",
        "codes/*.yaml",
        "document",
        {
            "type": "object",
            "required": ["id", "items"],
            "properties": {
                "items": {"type": "array", "items": {"type": "object", "required": ["code", "title"]}},
            },
        },
    )
)


# Reading --------------------------------------------------------------------------------------------


def read(folder: Path | str) -> PackageSource:
    """Read a package folder. Whatever is wrong is among its findings; nothing is raised for bad content."""
    root = Path(folder)
    findings: list[Finding] = []
    documents: list[Document] = []
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_dir() or path.name.startswith((".", "__")):
            continue
        relative = PurePosixPath(path.relative_to(root))
        digest.update(str(relative).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        if path.suffix == ".yaml" and relative.parts[0] not in SKIPPED_FOLDERS:
            document = _read_yaml(path, f"{root.name}/{relative}", findings)
            if document is not None:
                documents.append(document)
    frame = next((one for one in documents if one.file == f"{root.name}/{PROGRAMME_FILE}"), None)
    if frame is None or not isinstance(frame.data, Mapping):
        findings.append(
            Finding(
                f"{root.name}/{PROGRAMME_FILE}",
                1,
                "The package has no programme.yaml.",
                "Add one: name, version, title.",
            )
        )
        return PackageSource(root, root.name, "", (), (), (), tuple(documents), (), digest.hexdigest(), tuple(findings))
    name = str(frame.data.get("name") or root.name)
    if name != root.name:
        findings.append(
            frame.finding(("name",), f"The package is called {name} but its folder {root.name}.", "Make them equal.")
        )
    entries = [entry for document in documents for entry in _entries(document, name, root.name, findings)]
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        first = seen.setdefault((entry.kind, entry.full_id), entry)
        if first is not entry:
            findings.append(
                entry.finding(
                    (),
                    f"{entry.full_id} is declared twice.",
                    f"The first is at line {first.document.line(*first.position)}.",
                )
            )
    data = frame.data
    return PackageSource(
        folder=root,
        name=name,
        version=str(data.get("version") or ""),
        languages=tuple(str(code) for code in data.get("languages") or ()),
        uses=tuple(str(used) for used in data.get("uses") or ()),
        engines=tuple(str(engine) for engine in data.get("engines") or ()),
        documents=tuple(documents),
        entries=tuple(entries),
        digest=digest.hexdigest(),
        findings=tuple(findings),
    )


def _read_yaml(path: Path, shown: str, findings: list[Finding]) -> Document | None:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=LOADER)
    except UnicodeDecodeError as error:
        findings.append(Finding(shown, 1, f"The file is not UTF-8 text ({error.reason}).", "Save it as UTF-8."))
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        findings.append(
            Finding(
                shown,
                line,
                f"This is not YAML: {error.problem}.",
                "Check indents, colons and quotes near this line.",
            )
        )
        return None
    if node is None:
        findings.append(Finding(shown, 1, "The file is empty.", "Fill it or remove it."))
        return None
    lines: dict[Position, int] = {}
    data = _plain(node, (), lines, shown, findings)
    return Document(shown, data, lines)


def _plain(node: Node, position: Position, lines: dict[Position, int], shown: str, findings: list[Finding]) -> Any:
    lines[position] = node.start_mark.line + 1
    if isinstance(node, MappingNode):
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            where = (*position, key)
            if key in made:
                findings.append(
                    Finding(
                        shown,
                        key_node.start_mark.line + 1,
                        f"The key {key} stands twice.",
                        "Keep one of them.",
                    )
                )
            made[key] = _plain(value_node, where, lines, shown, findings)
            lines[where] = key_node.start_mark.line + 1
        return made
    if isinstance(node, SequenceNode):
        return [_plain(item, (*position, number), lines, shown, findings) for number, item in enumerate(node.value)]
    assert isinstance(node, ScalarNode)
    return _scalar(node)


def _scalar(node: ScalarNode) -> Any:
    text = str(node.value)
    if node.style in {"'", '"', "|", ">"}:
        return text
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    return int(text.replace("_", "")) if WHOLE_NUMBER.fullmatch(text) else text


def _entries(document: Document, package: str, root_name: str, findings: list[Finding]) -> Iterator[Entry]:
    relative = document.file.removeprefix(f"{root_name}/")
    kind = next((one for one in _kinds.values() if fnmatch(relative, one.file_glob)), None)
    if kind is None:
        findings.append(
            document.finding((), f"No engine reads the file {relative}.", "Check its name and folder, or remove it.")
        )
        return
    data = document.data
    if kind.shape == "document":
        if isinstance(data, Mapping):
            yield Entry(
                kind.kind,
                _full_id(package, _document_id(data, PurePosixPath(relative).stem)),
                data,
                document,
                (),
            )
        else:
            findings.append(document.finding((), "A mapping is expected here.", "Write `key: value` lines."))
    elif kind.shape == "list":
        if not isinstance(data, list):
            findings.append(document.finding((), "A list is expected here.", "Begin each entry with a dash."))
            return
        for number, item in enumerate(data):
            if isinstance(item, Mapping) and item.get("id"):
                yield Entry(kind.kind, _full_id(package, str(item["id"])), item, document, (number,))
            else:
                findings.append(document.finding((number,), "This entry has no id.", "Add `id: short_name`."))
    elif isinstance(data, Mapping):
        for short, item in data.items():
            if isinstance(item, Mapping):
                yield Entry(kind.kind, _full_id(package, short), item, document, (short,))
            else:
                findings.append(document.finding((short,), f"{short} has no content.", "Indent its lines under it."))
    else:
        findings.append(document.finding((), "A mapping is expected here.", "Write `id:` and its lines indented."))


def _document_id(data: Mapping[str, Any], stem: str) -> str:
    """A document is called by its id, else by its name where that is a plain word, else by its file."""
    name = data.get("name")
    return str(data.get("id") or (name if isinstance(name, str) else "") or stem)


def _full_id(package: str, short: str) -> str:
    return short if short.startswith(f"{package}.") or short == package else f"{package}.{short}"


# Checking -------------------------------------------------------------------------------------------


def check(folders: Iterable[Path | str]) -> list[Finding]:
    """Every finding in these packages, read together: shape, schema, references, expressions, translations."""
    sources = [read(folder) for folder in folders]
    context = CheckContext(sources)
    known = {source.name for source in sources}
    return [finding for source in sources for finding in _check_source(source, context, known)]


def _check_source(source: PackageSource, context: CheckContext, known: set[str]) -> list[Finding]:
    findings = list(source.findings)
    for entry in source.entries:
        findings.extend(_check_schema(entry))
    frame = next((entry for entry in source.of("programme")), None)
    for used in source.uses:
        if used not in known and not any(name == used for name, _version in _index()) and frame is not None:
            findings.append(
                frame.finding(("uses",), f"The package {used} is neither here nor installed.", "Load it first.")
            )
    for document in source.documents:
        findings.extend(_check_translations(document, source.languages))
    if not findings:  # references are asked only of data whose shape is right
        for kind in _kinds.values():
            if kind.check is not None:
                findings.extend(kind.check(source, context))
    return findings


def _check_schema(entry: Entry) -> Iterator[Finding]:
    validator = Draft202012Validator(dict(_kinds[entry.kind].schema))
    for error in sorted(validator.iter_errors(entry.data), key=lambda found: list(map(str, found.absolute_path))):
        where = tuple(error.absolute_path)
        yield entry.finding(where, f"{entry.full_id}: {_schema_words(error)}", "")


def _schema_words(error: Any) -> str:
    place = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"{place or 'the entry'} lacks {', '.join(missing)}. Add it."
    if error.validator == "additionalProperties":
        return f"{place or 'the entry'} has a key that nobody reads: {error.message}. Check its spelling."
    if error.validator == "enum":
        return f"{place} is {error.instance!r}. Use one of: {', '.join(map(str, error.validator_value))}."
    return f"{place or 'the entry'}: {error.message}."


def _check_translations(document: Document, languages: Sequence[str]) -> Iterator[Finding]:
    for position, value in _walk(document.data, ()):
        if isinstance(value, Mapping) and "en" in value and set(value) <= LANGUAGE_CODES:
            missing = [code for code in languages if not value.get(code)]
            if missing:
                yield document.finding(position, f"This text has no {', '.join(missing)}.", "Add the translation.")


def _walk(data: Any, position: Position) -> Iterator[tuple[Position, Any]]:
    yield position, data
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _walk(value, (*position, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _walk(value, (*position, number))


# Installing -----------------------------------------------------------------------------------------


def install(actor: Actor, folder: Path | str) -> PackageVersion:
    """Check a package and install it as one version. The same content again changes nothing.

    Raises PackageBroken (nothing is loaded) and VersionTaken.
    """
    require(actor, "base.packages")
    source = read(folder)
    findings = _check_source(source, CheckContext([source]), {source.name})
    if findings:
        raise PackageBroken(name=source.name, count=len(findings), findings="\n".join(map(str, findings[:20])))
    with write_transaction():
        present = PackageVersion.objects.filter(name=source.name, version=source.version).first()
        if present is not None:
            if present.digest != source.digest:
                raise VersionTaken(name=source.name, version=source.version)
            return present
        content: dict[str, dict[str, Any]] = {}
        for entry in source.entries:
            content.setdefault(entry.kind, {})[entry.full_id] = entry.data
        made = PackageVersion.objects.create(
            name=source.name,
            version=source.version,
            digest=source.digest,
            content=json.loads(json.dumps(content)),
            installed_at=clock.now(),
        )
        forget()
        for kind in _kinds.values():
            if kind.install is not None and source.of(kind.kind):
                kind.install(actor, source, source.version)
        record(
            actor,
            "packages.install",
            facts={"name": source.name, "version": source.version, "digest": source.digest},
        )
    forget()
    return made


def find_folder(name: str) -> Path | None:
    """The folder of a package by its name, among the shipped ones and those of JUMP_PACKAGES."""
    for root in settings.JUMP_PACKAGES:
        if (Path(root) / name / PROGRAMME_FILE).exists():
            return Path(root) / name
    return None


def in_order(names: Sequence[str]) -> list[Path]:
    """The folders of these packages and of all that they use, used ones first. Raises PackageBroken on a ring."""
    ordered: list[Path] = []
    done: set[str] = set()

    def visit(name: str, on_the_way: tuple[str, ...]) -> None:
        if name in done:
            return
        folder = find_folder(name)
        if folder is None or name in on_the_way:
            trouble = "use each other in a ring" if name in on_the_way else "has no folder"
            raise PackageBroken(name=name, count=1, findings=f"{' -> '.join((*on_the_way, name))} {trouble}")
        for used in read(folder).uses:
            visit(used, (*on_the_way, name))
        done.add(name)
        ordered.append(folder)

    for name in names:
        visit(name, ())
    return ordered


# Looking up -----------------------------------------------------------------------------------------

_contents: dict[tuple[str, str], Mapping[str, Any]] = {}
_indexed: list[tuple[float, list[tuple[str, str]]]] = []
_remembered: dict[str, tuple[float, Any]] = {}


def forget() -> None:
    """Ask the database again at the next look-up (after installing, in tests, after a restore)."""
    _contents.clear()
    _indexed.clear()
    _remembered.clear()


def remembered(name: str, make: Callable[[], Any]) -> Any:
    """What follows from installed packages alone, kept for a few seconds in this process: they change rarely."""
    moment = time.monotonic()
    held = _remembered.get(name)
    if held is None or moment - held[0] > INDEX_SECONDS:
        held = _remembered[name] = (moment, make())
    return held[1]


def _index() -> list[tuple[str, str]]:
    """Installed (name, version), oldest first; read again after a few seconds, for other processes install too."""
    moment = time.monotonic()
    if not _indexed or moment - _indexed[0][0] > INDEX_SECONDS:
        rows = PackageVersion.objects.order_by("installed_at", "pk").values_list("name", "version")
        _indexed[:] = [(moment, list(rows))]
    return _indexed[0][1]


def _content(name: str, version: str) -> Mapping[str, Any]:
    """What a version holds, remembered in this process: it never changes.

    With the first that is not known, the latest of every other package is read along: pages need most of them.
    """
    if (name, version) not in _contents:
        wanted = {(name, version), *dict(_index()).items()} - _contents.keys()
        asked = reduce(or_, [Q(name=one, version=at) for one, at in wanted])
        rows: Any = PackageVersion.objects.filter(asked).values_list("name", "version", "content")
        _contents.update({(one, at): content for one, at, content in rows})
        _contents.setdefault((name, version), {})
    return _contents[name, version]


def definition(kind: str, full_id: str, version: str | None = None) -> Definition:
    """One definition, of the latest installed version of its package unless a version is named.

    Raises UnknownDefinition.
    """
    package = full_id.partition(".")[0]
    if version is None:
        version = next((held for name, held in reversed(_index()) if name == package), None)
    data = _content(package, version).get(kind, {}).get(full_id) if version is not None else None
    if data is None or version is None:
        raise UnknownDefinition(kind=kind, id=full_id)
    return Definition(full_id, kind, package, version, data)


def definitions(kind: str) -> list[Definition]:
    """Every definition of a kind in the latest version of each installed package, by id."""
    latest = dict(_index())
    found = [
        Definition(full_id, kind, name, version, data)
        for name, version in latest.items()
        for full_id, data in _content(name, version).get(kind, {}).items()
    ]
    return sorted(found, key=lambda one: one.id)


def installed() -> list[PackageVersion]:
    """All installed versions, newest first."""
    return list(PackageVersion.objects.order_by("-installed_at", "-pk"))

"""An XForm instance, as a device sends it, becomes answers: read in bounded time and memory, with nothing looked up.

A document type, and with it every entity, is refused before the parser sees it; the number of nodes is bounded by
counting, the depth by the parser. What is read here was checked by nobody: `answers` judges it afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from jump.base.refusals import Refusal
from jump.engines.evidence.definitions.answers import FILE_TYPES

XML_BYTES_MAX = 5_000_000
NODES_MAX = 100_000
DEPTH_MAX = 60
ID_LENGTH_MAX = 200
NAME_LENGTH_MAX = 120
JAVAROSA_TEMPLATE = "{http://openrosa.org/javarosa}template"


class InstanceUnreadable(Refusal):
    """What came is no instance of a form: not XML, too large, or built to do harm."""

    code = "evidence.instance_unreadable"
    http_status = 400
    message = gettext_lazy("The form that was sent cannot be read: %(why)s")
    what_to_do = gettext_lazy("Keep the form on the device and tell the coordinator.")


@dataclass(frozen=True, slots=True)
class Instance:
    """One filled form as a device wrote it. `deprecated_id` names the instance that it takes the place of."""

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str
    root: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an instance says: answers as `types` describes them, its files by path, and nodes the form does not have."""

    answers: Mapping[str, Any]
    files: Mapping[str, str]
    strangers: Sequence[str]


def read(xml: bytes) -> Instance:
    """Read an instance. Raises InstanceUnreadable."""
    root = _parsed(xml)
    form_id = root.get("id") or etree.QName(root).namespace or ""
    if not form_id:
        raise InstanceUnreadable(why=_("it does not say which form it is."))
    if any(_local(one) == "encryptedXmlFile" for one in root):
        raise InstanceUnreadable(why=_("it is encrypted with a key that is not kept here."))
    ids = {_local(one): (one.text or "").strip() for one in _meta(root)}
    instance_id = ids.get("instanceID") or root.get("instanceID") or f"sha256:{hashlib.sha256(xml).hexdigest()}"
    deprecated_id = ids.get("deprecatedID", "")
    version = root.get("version") or ""
    for text, most in (
        (form_id, NAME_LENGTH_MAX),
        (version, NAME_LENGTH_MAX),
        (instance_id, ID_LENGTH_MAX),
        (deprecated_id, ID_LENGTH_MAX),
    ):
        if len(text) > most:
            raise InstanceUnreadable(why=_("one of its numbers is longer than any client writes."))
    return Instance(form_id, version, instance_id, deprecated_id, root)


def _parsed(xml: bytes) -> Any:
    if len(xml) > XML_BYTES_MAX:
        raise InstanceUnreadable(why=_("it is larger than %(mb)s MB.") % {"mb": XML_BYTES_MAX // 1_000_000})
    try:
        text = xml.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InstanceUnreadable(why=_("it is not written in UTF-8.")) from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InstanceUnreadable(why=_("it declares a document type, which no form has."))
    if "\x00" in text or text.count("<") > 2 * NODES_MAX:
        raise InstanceUnreadable(why=_("it holds more than %(most)s answers.") % {"most": NODES_MAX})
    # The encoding is given, so that a declaration inside cannot make the parser read other words than were looked at.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InstanceUnreadable(why=_("it is not XML (%(error)s).") % {"error": str(error)[:200]}) from None
    depth = 0
    for event, _node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEPTH_MAX:
            raise InstanceUnreadable(why=_("its answers lie deeper in one another than any form's."))
    return root


def _local(node: Any) -> str:
    return str(etree.QName(node).localname) if isinstance(node.tag, str) else ""


def _meta(root: Any) -> Iterator[Any]:
    for child in root:
        if _local(child) == "meta":
            yield from (one for one in child if isinstance(one.tag, str))


def answers_of(schema: Mapping[str, Any], root: Any) -> Reading:
    """The answers of an instance: groups flat, repeats lists. What is empty is no answer."""
    files: dict[str, str] = {}
    strangers: list[str] = []
    answers = _answers(schema["fields"], root, "", files, strangers)
    return Reading(answers, files, tuple(strangers))


def _answers(
    fields: Sequence[Mapping[str, Any]], node: Any, prefix: str, files: dict[str, str], strangers: list[str]
) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for child in node:
        if isinstance(child.tag, str) and child.get(JAVAROSA_TEMPLATE) is None:
            found.setdefault(_local(child), []).append(child)
    made: dict[str, Any] = {}
    known = {"meta"}
    for one in fields:
        known.add(one["name"])
        nodes = found.get(one["name"], ())
        if one["type"] == "group":
            for inner in nodes[:1]:
                made.update(_answers(one["children"], inner, prefix, files, strangers))
        elif one["type"] == "repeat":
            rows = [
                _answers(one["children"], inner, f"{prefix}{one['key']}.{number}.", files, strangers)
                for number, inner in enumerate(nodes)
            ]
            if any(rows):
                made[one["key"]] = rows
        elif nodes and one["type"] != "note":
            text = (nodes[0].text or "").strip()
            if text:
                made[one["key"]] = text
                if one["type"] in FILE_TYPES:
                    files[f"{prefix}{one['key']}"] = text
    strangers.extend(f"{prefix}{name}" for name in found if name not in known and not name.startswith("_"))
    return made


def day_of(schema: Mapping[str, Any], answers: Mapping[str, Any], today: date) -> date:
    """The day in the field: when the device says the form was ended or begun, today where its clock is wrong."""
    asked = {one.get("meta"): one["key"] for one in schema["fields"] if one.get("meta")}
    for meta in ("end", "start", "today"):
        said = str(answers.get(asked.get(meta, ""), ""))[:10]
        try:
            day = date.fromisoformat(said)
        except ValueError:
            continue
        if day <= today and day.year >= 2000:
            return day
    return today

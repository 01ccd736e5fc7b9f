"""The IATI standard ruleset and codelists, run over a file: a judge from outside, kept apart from the writer.

Knows every rule name of the standard ruleset 2.03 (ruleset-schema.json of the IATI Standard). A rule name that it does
not know stops the run, so that silence never means agreement.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

Node = Any
ID_CONDITIONS_NEED_REGISTRY = frozenset({"NOT_EXISTING_ORG_ID", "NOT_EXISTING_ORG_ID_PREFIX"})


@dataclass(frozen=True)
class Finding:
    rule: str
    severity: str
    message: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line}: {self.rule} ({self.severity}): {self.message}"


def validate(content: bytes, folder: Path) -> list[str]:
    """Errors of the XSD."""
    schema = etree.XMLSchema(etree.parse(str(folder / "schemas/iati-activities-schema.xsd")))
    schema.validate(etree.fromstring(content))
    return [f"line {error.line}: {error.message}" for error in schema.error_log]


def rules(content: bytes, folder: Path) -> list[Finding]:
    """Findings of the standard ruleset."""
    root = etree.fromstring(content).getroottree()
    ruleset = json.loads((folder / "rulesets/standard.json").read_text())
    found: list[Finding] = []
    for context, by_name in ruleset.items():
        if "iati-organisation" in context and "iati-activity" not in context:
            continue
        for node in root.xpath(context):
            for name, rule in by_name.items():
                for case in rule["cases"]:
                    found.extend(_case(name, case, node))
    return found


def codes(content: bytes, folder: Path) -> list[str]:
    """Codes that a complete codelist does not hold."""
    root = etree.fromstring(content).getroottree()
    lists: dict[str, tuple[bool, set[str]]] = {}
    found = []
    for rule in json.loads((folder / "codelists/mapping.json").read_text()):
        path, _, attribute = rule["path"].rpartition("/")
        condition = f"[{rule['condition']}]" if rule.get("condition") else ""
        name = rule["codelist"]
        if name not in lists:
            data = json.loads((folder / f"codelists/{name}.json").read_text())
            lists[name] = (bool(data.get("complete")), {str(item["code"]) for item in data["items"]})
        complete, known = lists[name]
        wanted = f"{path}{condition}/{attribute}" if not attribute.startswith("text()") else f"{path}{condition}"
        for value in root.xpath(wanted):
            text = str(value if not hasattr(value, "text") else value.text)
            if text not in known:
                found.append(f"{wanted}: {text!r} is not on {name} ({'complete' if complete else 'open'} list)")
    return found


def _case(name: str, case: dict[str, Any], node: Node) -> Iterator[Finding]:
    if case.get("condition") and not node.xpath(f"boolean({case['condition']})"):
        return
    if name == "loop":
        for value in dict.fromkeys(str(one) for one in node.xpath(case["foreach"])):
            for inner, rule in case["do"].items():
                for one in rule["cases"]:
                    filled = json.loads(json.dumps(one).replace("$1", value))
                    yield from _case(inner, filled, node)
        return
    holds = RULES[name](case, node)
    if not holds:
        info = case["ruleInfo"]
        yield Finding(info["id"], info["severity"], info["message"], node.sourceline)


def _texts(case: dict[str, Any], node: Node) -> list[str]:
    return [_text(one) for path in case["paths"] for one in node.xpath(path)]


def _text(found: Any) -> str:
    return "".join(found.itertext()) if hasattr(found, "itertext") else str(found)


def _dates(node: Node, path: str) -> list[datetime]:
    if path == "NOW":
        return [datetime.now(tz=UTC)]
    return [_moment(_text(one)) for one in node.xpath(path)]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _unique(case: dict[str, Any], node: Node) -> bool:
    found = _texts(case, node)
    return len(found) == len(set(found))


def _startswith(case: dict[str, Any], node: Node) -> bool:
    if case.get("idCondition"):  # asks the public register of organisation prefixes
        return True
    prefixes = [_text(one) for path in case["prefix"] for one in node.xpath(path)]
    separator = case.get("separator", "")
    return all(any(text.startswith(prefix + separator) for prefix in prefixes) for text in _texts(case, node))


def _atleast_one(case: dict[str, Any], node: Node) -> bool:
    return any(node.xpath(path) for path in case["paths"])


def _no_more_than_one(case: dict[str, Any], node: Node) -> bool:
    return sum(len(node.xpath(path)) for path in case["paths"]) <= 1


def _one_or_all(case: dict[str, Any], node: Node) -> bool:
    one = bool(node.xpath(case["one"]))
    if case["all"] == "sector":
        transactions = node.xpath("transaction")
        held = [bool(each.xpath("sector")) for each in transactions]
        return (one and not any(held)) or (not one and bool(held) and all(held))
    if case["all"] == "lang":
        return one or all(each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in node.xpath(".//narrative"))
    if case["all"] == "currency":
        return one or all(each.get("currency") for each in node.xpath(".//value"))
    places = node.xpath("recipient-country | recipient-region")
    transactions = node.xpath("transaction")
    held = [bool(each.xpath("recipient-country | recipient-region")) for each in transactions]
    return (bool(places) and not any(held)) or (not places and bool(held) and all(held))


def _date_now(case: dict[str, Any], node: Node) -> bool:
    return all(moment <= datetime.now(tz=UTC) for moment in _dates(node, case["date"]))


def _date_order(case: dict[str, Any], node: Node) -> bool:
    return all(less <= more for less in _dates(node, case["less"]) for more in _dates(node, case["more"]))


def _time_limit(case: dict[str, Any], node: Node) -> bool:
    starts, ends = _dates(node, case["start"]), _dates(node, case["end"])
    return all(end - start <= timedelta(days=366) for start in starts for end in ends)


def _between(case: dict[str, Any], node: Node) -> bool:
    starts, ends = _dates(node, case["start"]), _dates(node, case["end"])
    return all(s <= moment <= e for moment in _dates(node, case["date"]) for s in starts for e in ends)


def _regex(case: dict[str, Any], node: Node) -> bool:
    return all(re.search(case["regex"], text) for text in _texts(case, node))


def _no_spaces(case: dict[str, Any], node: Node) -> bool:
    return all(text == text.strip() for text in _texts(case, node))


def _strict_sum(case: dict[str, Any], node: Node) -> bool:
    return sum((Decimal(text) for text in _texts(case, node)), Decimal(0)) == Decimal(str(case["sum"]))


def _range(case: dict[str, Any], node: Node) -> bool:
    low, high = Decimal(str(case.get("min", "-1e30"))), Decimal(str(case.get("max", "1e30")))
    return all(low <= Decimal(text) <= high for text in _texts(case, node))


def _if_then(case: dict[str, Any], node: Node) -> bool:
    return not node.xpath(f"boolean({case['if']})") or bool(node.xpath(f"boolean({case['then']})"))


RULES: dict[str, Callable[[dict[str, Any], Node], bool]] = {
    "unique": _unique,
    "startswith": _startswith,
    "atleast_one": _atleast_one,
    "no_more_than_one": _no_more_than_one,
    "one_or_all": _one_or_all,
    "date_now": _date_now,
    "date_order": _date_order,
    "time_limit": _time_limit,
    "between_dates": _between,
    "regex_matches": _regex,
    "no_spaces": _no_spaces,
    "strict_sum": _strict_sum,
    "range": _range,
    "if_then": _if_then,
}

__all__ = ["Finding", "codes", "rules", "validate"]

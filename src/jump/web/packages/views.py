"""Which programmes run here: installed packages, their content, each definition as it stands."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jump.base import packages
from jump.base.i18n import text
from jump.base.packages import UnknownDefinition
from jump.web.access import needs

RIGHTS = ("base.packages", "cases.open")


@needs(*RIGHTS)
@require_GET
def list_packages(request: HttpRequest) -> HttpResponse:
    """Installed packages, newest version of each first."""
    rows = []
    for one in packages.installed():
        frame = one.content.get("programme", {}).get(one.name, {})
        rows.append(
            {
                "name": one.name,
                "version": one.version,
                "title": text(frame.get("title")),
                "digest": one.digest[:12],
                "at": one.installed_at,
                "size": sum(len(entries) for entries in one.content.values()),
            }
        )
    return render(request, "packages/list.html", {"rows": rows})


@needs(*RIGHTS)
@require_GET
def package(request: HttpRequest, name: str) -> HttpResponse:
    """What a package declares, kind by kind."""
    one = next((row for row in packages.installed() if row.name == name), None)
    if one is None:
        raise UnknownDefinition(kind="programme", id=name)
    groups = [
        (kind.replace("_", " "), kind, [(full_id, _title(data)) for full_id, data in entries.items()])
        for kind, entries in sorted(one.content.items())
    ]
    frame = one.content.get("programme", {}).get(name, {})
    return render(
        request, "packages/package.html", {"one": one, "groups": groups, "frame": frame, "title": _title(frame)}
    )


@needs(*RIGHTS)
@require_GET
def definition(request: HttpRequest, name: str, kind: str, full_id: str) -> HttpResponse:
    """One definition with its source and provenance, and its data as declared."""
    found = packages.definition(kind, full_id)
    page = {
        "found": found,
        "title": _title(found.data),
        "plain": json.dumps(found.data, indent=2, ensure_ascii=False, sort_keys=False),
        "provenance": found.data.get("provenance", ""),
        "source": " ".join(str(found.data.get(key, "")) for key in ("source_title", "source")).strip(),
    }
    return render(request, "packages/definition.html", page)


def _title(data: Any) -> str:
    return text(data.get("title") or data.get("name")) if isinstance(data, dict) else ""

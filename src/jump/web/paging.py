"""Lists by the page: the engine counts and cuts, the frame draws the links."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

ROWS = 50


def page_of_list(request: HttpRequest, total: int, *, rows: int = ROWS, name: str = "page") -> Page[Any]:
    """The page asked for, as `{% pages %}` draws it; `offset_of` says where its rows begin."""
    return Paginator(range(total), rows).get_page(request.GET.get(name, "1"))


def offset_of(page: Page[Any]) -> int:
    return (page.number - 1) * page.paginator.per_page

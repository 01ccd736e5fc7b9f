"""From a reference to its page: what every list and every walk back uses."""

from collections.abc import Sequence

from django.urls import NoReverseMatch, reverse

from jump.base.duties import Description


def address_of(name: str, args: Sequence[str] = ()) -> str:
    """The address of a named page with these arguments, or nothing where there is none."""
    if not name:
        return ""
    try:
        return reverse(name, args=list(args))
    except NoReverseMatch:
        return ""


def page_of(found: Description) -> str:
    """The page of what a description describes."""
    return address_of(found.url_name, found.url_args)

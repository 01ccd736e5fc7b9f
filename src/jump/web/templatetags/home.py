"""What only the first page needs: the state of a country against the share of time gone by."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext as _

from jump.web.templatetags.jump import tag

register = template.Library()

# Our defaults, as for the traffic light of indicators (methods 11.1): of what was due by now.
GOOD, WARN = Decimal("0.9"), Decimal("0.7")


@register.filter
def state_tag(row: Any, head: Any) -> Any:
    """On course, behind or well behind: the share reached against the share of time gone by."""
    if row.share is None or not head.share_of_time:
        return ""
    due = row.share / min(head.share_of_time, Decimal(1))
    if due >= GOOD:
        return tag(_("On course"), "good")
    return tag(_("Behind"), "warn") if due >= WARN else tag(_("Well behind"), "bad")

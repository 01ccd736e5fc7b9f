"""Who wrote what a submission says: for the rule that nobody looks at their own work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jump.engines.evidence.models import EditConflict, Submission
from jump.engines.parties import api as parties


def identities_of(known: Iterable[Sequence[str]]) -> frozenset[str]:
    """What names a person among these texts: keys of accounts, and of people the record they are the same as.

    Two accounts of one person share the record, so a second account is no second person.
    """
    named = {text for one in known for text in one if text}
    people = {text for text in named if text.startswith("per-")}
    return frozenset((named - people) | set(parties.cluster_of(people).values()))


def authors_of(row: Submission) -> frozenset[str]:
    """Everybody whose words stand in a submission or in a correction that waits: who typed them, who wrote the paper,
    who sent what stood there before, and whose edits were laid over one another."""
    columns = ("by_key", "by_party", "filled_by")
    known: list[Sequence[str]] = [(row.by_key, row.by_party, row.filled_by)]
    known.extend(row.corrections.filter(state="received").values_list(*columns))
    known.extend(row.earlier.values_list("by_key", "by_party", "filled_by"))
    crossed = EditConflict.objects.filter(submission=row)
    known.extend(crossed.values_list("by_key", "by_party", "first_key", "first_party"))
    return identities_of(known)

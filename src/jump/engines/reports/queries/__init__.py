"""Reading reports: documents that were made, lessons, works in their editions."""

from jump.engines.reports.queries.documents import (
    distributions,
    edition,
    editions,
    half_year,
    half_years_of,
    last_half_year,
    lesson,
    lessons,
    sources_of,
    template,
)
from jump.engines.reports.queries.works import translations, work, work_edition, works

__all__ = [
    "distributions",
    "edition",
    "editions",
    "half_year",
    "half_years_of",
    "last_half_year",
    "lesson",
    "lessons",
    "sources_of",
    "template",
    "translations",
    "work",
    "work_edition",
    "works",
]

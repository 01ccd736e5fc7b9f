"""The tables of reports: documents that were made, and works in their editions."""

from jump.engines.reports.models.documents import GUARDS, Distribution, Edition, Lesson
from jump.engines.reports.models.works import WORK_GUARDS, Work, WorkEdition

__all__ = ["GUARDS", "WORK_GUARDS", "Distribution", "Edition", "Lesson", "Work", "WorkEdition"]

"""Being written."""

from typing import Any


def attachment(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def check_answers(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def checks(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def compare_versions(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def count_submissions(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def dossier(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def dossier_of(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def dossier_version(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def dossiers(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def entities(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def entity(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def entity_history(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def form(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def forms(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def is_complete(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def latest(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def outcome_of(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def published_list(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def submission(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def submissions(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def waiting_for_review(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError

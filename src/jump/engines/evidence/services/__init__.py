"""Being written."""

from typing import Any


def accept(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def check(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def draw_sample(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def freeze_dossier(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def open_dossier(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def publish_list(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def reject(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def resubmit(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def save_draft(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def send_back(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def sign_dossier(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def submit(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError

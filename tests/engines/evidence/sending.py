"""What a device sends, as ODK Collect writes it: instances of the trial form, and requests in many parts."""

from __future__ import annotations

import uuid
from typing import Any

PHOTO_NAME = "1709287200000.jpg"


def instance(
    number: str = "",
    *,
    form: str = "trial.visit",
    version: str = "1",
    host: str = "Maria Santos",
    photo: str = "",
    deprecated: str = "",
    extra: str = "",
) -> bytes:
    """The XML of a filled visit."""
    number = number or f"uuid:{uuid.uuid4()}"
    before = f"<orx:deprecatedID>{deprecated}</orx:deprecatedID>" if deprecated else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>'
        f'<data id="{form}" version="{version}" xmlns:jr="http://openrosa.org/javarosa" '
        'xmlns:orx="http://openrosa.org/xforms">'
        f"<visited_on>2004-03-01</visited_on><host>{host}</host><is_open>yes</is_open><why_closed/>"
        "<sales>120.5</sales>"
        "<worker><worker_name>Jose Cruz</worker_name><hours>40</hours></worker>"
        "<worker><worker_name>Ana Lim</worker_name><hours>20</hours></worker>"
        f"<hours_total>60</hours_total>{f'<photo>{photo}</photo>' if photo else '<photo/>'}{extra}"
        f"<orx:meta><orx:instanceID>{number}</orx:instanceID>{before}</orx:meta></data>"
    ).encode()


def request(xml: bytes, files: dict[str, bytes] | None = None, *, incomplete: bool = False) -> tuple[bytes, str]:
    """A POST as Collect writes it: body and content type."""
    boundary = f"xYzZY{uuid.uuid4().hex}"
    parts = [
        b'Content-Disposition: form-data; name="xml_submission_file"; filename="visit_2004-03-01.xml"\r\n'
        b"Content-Type: text/xml\r\nContent-Length: " + str(len(xml)).encode() + b"\r\n\r\n" + xml
    ]
    for name, content in (files or {}).items():
        parts.append(
            f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            "Content-Type: image/jpeg\r\n\r\n".encode()
            + content
        )
    if incomplete:
        parts.append(b'Content-Disposition: form-data; name="*isIncomplete*"\r\n\r\nyes')
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return body + f"--{boundary}--\r\n".encode(), f'multipart/form-data; boundary="{boundary}"'


def post(client: Any, address: str, xml: bytes, files: dict[str, bytes] | None = None, **how: Any) -> Any:
    """Send it through Django's client."""
    body, kind = request(xml, files, incomplete=how.pop("incomplete", False))
    return client.generic("POST", address, body, content_type=kind, headers={"X-OpenRosa-Version": "1.0"}, **how)

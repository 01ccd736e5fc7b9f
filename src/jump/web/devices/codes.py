"""The settings code of ODK Collect: a picture that sets a phone up for one device of one place."""

from __future__ import annotations

import base64
import json
import zlib

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

COLOUR = "#0b5d57"
BORDER = 4  # modules of white that the standard asks for around a code


def server_address(request: HttpRequest, token: str) -> str:
    """What is typed by hand into ODK Collect where no camera is."""
    return request.build_absolute_uri(reverse("openrosa-device:form_list", args=[token])).removesuffix("/formList")


def settings_of(address: str, project: str) -> str:
    """ODK Collect's settings as its codes carry them: JSON, packed with zlib, in base 64."""
    settings = {
        "general": {
            "protocol": "odk_default",
            "server_url": address,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
        },
        "project": {"name": project[:80], "icon": project[:1].upper(), "color": COLOUR},
        "admin": {},
    }
    plain = json.dumps(settings, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode()


def drawing(content: str) -> SafeString:
    """The code as a drawing of plain attributes: the same on the page, on paper and under the content policy."""
    from qrcode.constants import ERROR_CORRECT_L
    from qrcode.main import QRCode

    code: QRCode = QRCode(error_correction=ERROR_CORRECT_L, border=BORDER)
    code.add_data(content)
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return SafeString(
        render_to_string(
            "devices/code.svg", {"side": len(rows), "path": path, "title": _("Settings code for ODK Collect")}
        )
    )

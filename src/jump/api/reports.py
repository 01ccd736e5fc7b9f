"""Reports as data: the IATI file."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from jump.api.common import actor_of
from jump.api.problems import REFUSED, Problem
from jump.api.tokens import Token
from jump.base import clock
from jump.engines.reports import api as reports

router = Router(auth=Token())


@router.get("/reports/iati.xml", response={REFUSED: Problem}, summary="Activities after IATI 2.03")
def get_iati(request: HttpRequest, scope: str = "", as_of: datetime.date | None = None) -> Any:
    content = reports.iati(actor_of(request), scope=scope or None, as_of=as_of or clock.today())
    return HttpResponse(content, content_type="application/xml")

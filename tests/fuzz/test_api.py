"""The API answers anything with a document of its own description: never with trouble in the server.

Requests are made up from the OpenAPI description, fitting and not fitting, by schemathesis. They run in this process,
as somebody who may do everything, and each is rolled back.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: tools/env test-all")

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import close_old_connections  # noqa: E402
from hypothesis import HealthCheck, Phase, settings  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jump.api.urls import api  # noqa: E402
from jump.base.actors import ROLES  # noqa: E402
from jump.base.tokens import make_token  # noqa: E402

schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
schema.app = get_wsgi_application()
EXAMPLES = int(os.environ.get("JUMP_EXAMPLES", "15"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """As Django's own test client does: the end of a request does not close the connection of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(db: None) -> str:
    from jump.base import clock
    from jump.base.models import RoleAssignment
    from jump.base.scopes import declare_node

    user = get_user_model().objects.create_user("fuzz")
    programme = declare_node(None, "fuzz", "programme", "Made up", "prg-00000000")
    for role in ROLES:
        if role != "public":
            RoleAssignment.objects.create(user=user, role=role, node=programme, starts_on=clock.today())
    return make_token(user, label="fuzz")[0]


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_the_answer_is_as_described(case: Any, token: str) -> None:
    from django.db import transaction

    with transaction.atomic():
        response = case.call(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
        case.validate_response(response, checks=CHECKS)
        transaction.set_rollback(True)

"""/api/v1/: the routers of the API, its OpenAPI description and its browser page."""

from typing import Any

from django.urls import URLPattern, path
from ninja import NinjaAPI

from jump.api import account, cases, evidence, finance, jobs, ledger, odata, parties, problems, reports, results


class DescribedApi(NinjaAPI):
    """Says in its description, too, that a refusal comes as application/problem+json."""

    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(**options)
        for methods in schema["paths"].values():
            for operation in methods.values():
                for code, answer in operation["responses"].items():
                    content = answer.get("content", {})
                    if int(code) >= 400 and "application/json" in content:
                        content["application/problem+json"] = content.pop("application/json")
        return schema


api = DescribedApi(
    title="JUMP",
    version="1",
    description=(
        "Letters, sessions, repayments, jobs, results. Sign in for a token, send it as a bearer. Writing routes ask an "
        "`Idempotency-Key`: the same key with the same content gives the first answer again. Errors are problem "
        "documents (RFC 9457) with stable codes."
    ),
    urls_namespace="api-1",
    auth=None,
)
problems.install(api)
for router, tag in (
    (account.router, "account"),
    (odata.router, "odata"),  # before evidence, whose form ids would take its addresses
    (evidence.router, "evidence"),
    (cases.router, "cases"),
    (parties.router, "parties"),
    (jobs.router, "jobs"),
    (finance.router, "finance"),
    (ledger.router, "ledger"),
    (results.router, "results"),
    (reports.router, "reports"),
):
    api.add_router("", router, tags=[tag])

urlpatterns: list[URLPattern] = [path("v1/", api.urls)]

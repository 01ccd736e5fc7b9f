"""/api/v1/: the routers of the API, its OpenAPI description and its browser page."""

from django.urls import URLPattern, path
from ninja import NinjaAPI

from jump.api import account, cases, evidence, finance, jobs, ledger, parties, problems, reports, results

api = NinjaAPI(
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

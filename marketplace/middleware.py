"""Content policies of the two places that bring their own scripts."""

from collections.abc import Callable

from csp.constants import NONCE, SELF
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

UNSAFE_EVAL, UNSAFE_INLINE = "'unsafe-eval'", "'unsafe-inline'"
# The console's theme uses Alpine, which evaluates expressions and sets styles; it is for staff only.
CONSOLE = {"script-src": [SELF, NONCE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]}
# Swagger and Redoc set styles, and Redoc searches in a worker.
API_DOCS = {
    "script-src": [SELF, NONCE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "worker-src": [SELF, "blob:"],
}


class ContentPolicyMiddleware:
    """Widens the strict policy for the staff console and the API's documentation, and nowhere else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policies = {
            reverse("admin:index"): CONSOLE,
            reverse("api:docs"): API_DOCS,
            reverse("api:redoc"): API_DOCS,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for prefix, policy in self.policies.items():
            if request.path.startswith(prefix):
                response._csp_replace = policy  # type: ignore[attr-defined]
        return response

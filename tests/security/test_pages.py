"""What browsers are told and what they may not do: content policy, frames, sniffing, forgery, cookies, hosts, redirects."""

import re

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from accounts.tests.factories import PASSWORD, UserFactory
from tests.architecture.routes import Route, all_routes
from tests.security.checks import (
    Check,
    fails_without_protection,
    replaced,
    table,
    with_settings,
    without_middleware,
)

pytestmark = pytest.mark.django_db

PAGES = ("/", "/sign-in/", "/join/", "/projects/", "/gigs/", "/people/", "/fees/")
STRICT = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "default-src 'self'")
INLINE = re.compile(r"<(?:script|style)\b(?![^>]*\bsrc=)([^>]*)>")
HANDLER = re.compile(r"<[^>]*\s(?:on[a-z]+|style)=")
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    " https://evil.example/",
    "\thttps://evil.example/",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
)
# They look at nothing but what is in the request itself: a cookie gives them no right that could be abused.
NO_COOKIE = {
    "/api/auth/register", "/api/auth/login", "/api/auth/refresh", "/api/auth/verify-email", "/api/auth/resend-verification",
    "/api/auth/forgot-password", "/api/auth/reset-password", "/api/auth/2fa/verify", "/api/auth/passkey/options",
    "/api/auth/passkey/verify", "/api/auth/confirm-email-change", "/api/stripe/webhooks", "/api/paypal/webhooks", "/api/",
}  # fmt: skip
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def signed_in(**options: bool) -> Client:
    browser = Client(**options)
    browser.force_login(UserFactory.create())
    return browser


# --- The checks ---------------------------------------------------------------------------------


def scripts_and_styles_need_a_nonce() -> None:
    seen = set()
    for page in PAGES:
        response = Client().get(page)
        policy = response.get("Content-Security-Policy", "")
        nonces = set(re.findall(r"'nonce-([^']+)'", policy))
        assert len(nonces) == 1, page
        assert "unsafe-inline" not in policy and "unsafe-eval" not in policy, page
        assert all(directive in policy for directive in STRICT), page
        html = response.content.decode()
        inline = INLINE.findall(html)
        assert all(f'nonce="{next(iter(nonces))}"' in attributes for attributes in inline if "json" not in attributes)
        assert not HANDLER.search(re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)), page
        seen |= nonces
    assert len(seen) == len(PAGES), "a nonce is used once"


def nobody_may_frame_a_page() -> None:
    assert [Client().get(page).get("X-Frame-Options") for page in PAGES] == ["DENY"] * len(PAGES)


def browsers_do_not_guess_types() -> None:
    answers = [Client().get(path) for path in (*PAGES, "/api", "/api/projects", "/api/nowhere")]
    assert [answer.get("X-Content-Type-Options") for answer in answers] == ["nosniff"] * len(answers)


def other_sites_do_not_learn_addresses() -> None:
    assert Client().get("/").get("Referrer-Policy") == "same-origin"


def forged_forms_are_refused() -> None:
    browser = signed_in(enforce_csrf_checks=True)
    accepted = [route.path for route in _pages() if browser.post(route.path).status_code not in {403, 405}]
    assert accepted == []


def forged_api_requests_with_a_cookie_are_refused() -> None:
    browser = signed_in(enforce_csrf_checks=True)
    accepted = [
        f"{method} {route.template}"
        for route in all_routes()
        if route.is_api and route.template not in NO_COOKIE
        for method in UNSAFE
        if method in route.methods
        and browser.generic(method, route.path, "{}", content_type="application/json").status_code != 403
    ]
    assert accepted == []


def _pages() -> list[Route]:
    return [
        route
        for route in all_routes()
        if not route.is_api and not route.is_admin and "POST" in route.methods and not route.path.startswith("/media/")
    ]


def scripts_cannot_read_the_session_cookie() -> None:
    browser = Client()
    browser.post("/sign-in/", {"email": UserFactory.create().email, "password": PASSWORD})
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def unknown_hosts_are_refused() -> None:
    with override_settings(ALLOWED_HOSTS=[*_our_hosts()]):
        assert Client().get("/", headers={"host": "evil.example"}).status_code == 400


def _our_hosts() -> list[str]:
    return ["guildhall.example"]


def signing_in_leads_nowhere_else() -> None:
    person = UserFactory.create()
    for target in ELSEWHERE:
        for page in (reverse("accounts:sign-in"), reverse("accounts:switch-view"), reverse("accounts:availability")):
            browser = Client()
            if page != reverse("accounts:sign-in"):
                browser.force_login(person)
            sent = {"email": person.email, "password": PASSWORD, "next": target, "view": "client"}
            response = browser.post(page, sent)
            assert response.status_code == 302, (page, target)
            assert response["Location"] == reverse("dashboard"), (page, target)


CHECKS = [
    Check("scripts and styles need a nonce", scripts_and_styles_need_a_nonce, without_middleware("CSPMiddleware")),
    Check("nobody may frame a page", nobody_may_frame_a_page, without_middleware("XFrameOptionsMiddleware")),
    Check("browsers do not guess types", browsers_do_not_guess_types, without_middleware("SecurityMiddleware")),
    Check("other sites do not learn addresses", other_sites_do_not_learn_addresses, with_settings(SECURE_REFERRER_POLICY=None)),
    Check("forged forms are refused", forged_forms_are_refused, without_middleware("CsrfViewMiddleware")),
    Check(
        "forged API requests with a cookie are refused",
        forged_api_requests_with_a_cookie_are_refused,
        replaced("rest_framework.authentication.SessionAuthentication.enforce_csrf", lambda *_: None),
    ),
    Check(
        "scripts cannot read the session cookie",
        scripts_cannot_read_the_session_cookie,
        with_settings(SESSION_COOKIE_HTTPONLY=False),
    ),
    Check("unknown hosts are refused", unknown_hosts_are_refused, replaced(f"{__name__}._our_hosts", lambda: ["*"])),
    Check(
        "signing in leads nowhere else",
        signing_in_leads_nowhere_else,
        replaced("accounts.views.door.url_has_allowed_host_and_scheme", lambda *_, **__: True),
    ),
]  # fmt: skip


@table(CHECKS)
def test_it_holds(check: Check) -> None:
    check.holds()


@table(CHECKS)
def test_without_its_protection_the_check_fails(check: Check) -> None:
    fails_without_protection(check)


def test_own_pages_are_led_to() -> None:
    person = UserFactory.create()
    response = Client().post("/sign-in/", {"email": person.email, "password": PASSWORD, "next": "/wallet/"})
    assert response["Location"] == "/wallet/"

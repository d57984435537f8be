"""How PayPal is called: with a token that is kept, with patience, and with its refusals as ours."""

import json
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

import requests  # noqa: TID251 - this is one of the providers
from requests.adapters import HTTPAdapter  # noqa: TID251
from urllib3.util import Retry

from core.errors import Unavailable
from payments.errors import IntentGone, ProviderRefused

TIMEOUT_SECONDS = 10
RETRIES = Retry(
    total=2,
    backoff_factor=0.3,
    status_forcelist=[429, 500, 502, 503, 504],
    allowed_methods=None,  # POST too: PayPal-Request-Id makes a repeat the same call
    respect_retry_after_header=False,  # a person waits: what is still busy then is told as Unavailable
    raise_on_status=False,
)
TOKEN_MARGIN_SECONDS = 60
ALREADY_DECIDED = frozenset(
    {
        "AUTHORIZATION_ALREADY_CAPTURED",
        "AUTHORIZATION_DENIED",
        "AUTHORIZATION_EXPIRED",
        "AUTHORIZATION_VOIDED",
        "PREVIOUSLY_CAPTURED",
        "PREVIOUSLY_VOIDED",
    }
)
BUSY = frozenset({"PREVIOUS_REQUEST_IN_PROGRESS", "DUPLICATE_REQUEST_ID"})  # a twin of this call is being answered


class PayPalCalls:
    """Calls with our credentials. What PayPal refuses is an `Issue`, until a caller has decided what it means."""

    def __init__(self, client_id: str, secret: str, api_base: str) -> None:
        self._credentials = (client_id, secret)
        self._base = api_base.rstrip("/")
        self._session = requests.Session()
        self._session.mount(self._base, HTTPAdapter(max_retries=RETRIES))
        self._lock = Lock()
        self._token, self._token_ends = "", 0.0

    def _get(self, path: str) -> dict[str, Any]:
        try:
            return self._call("GET", path)
        except Issue as issue:
            if issue.http_status == 404:
                raise IntentGone from issue
            raise refusal_of(issue) from issue

    def _post(self, path: str, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"PayPal-Request-Id": key, "Prefer": "return=representation"}
        return self._call("POST", path, data=json.dumps(body).encode(), headers=headers)

    def _decide(self, path: str, key: str, body: Mapping[str, Any]) -> None:
        """A move that may have been made before; how it stands is asked afterwards."""
        try:
            self._post(path, key, body)
        except Issue as issue:
            if issue.name not in ALREADY_DECIDED:
                raise refusal_of(issue) from issue

    def _call(
        self, method: str, path: str, *, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The answer. `Issue` is a definite no, Unavailable an unknown outcome."""
        response = self._send(method, path, data, headers or {}, self._bearer())
        if response.status_code == 401:  # the token was withdrawn before its time
            response = self._send(method, path, data, headers or {}, self._bearer(fresh=True))
        if response.status_code in {401, 403, 409, 429} or response.status_code >= 500:
            raise _unavailable()
        answer = _json(response)
        if response.status_code < 400:
            return answer
        issue = Issue(response.status_code, answer)
        raise _unavailable() if issue.name in BUSY else issue

    def _send(self, method: str, path: str, data: bytes, headers: Mapping[str, str], bearer: str) -> requests.Response:
        sent = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json", **headers}
        return self._request(method, path, data=data, headers=sent)

    def _bearer(self, *, fresh: bool = False) -> str:
        """An access token, kept until shortly before its end."""
        with self._lock:
            if fresh or time.monotonic() > self._token_ends:
                response = self._request(
                    "POST", "/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=self._credentials
                )
                if response.status_code != 200:
                    raise _unavailable()
                answer = _json(response)
                self._token = str(answer["access_token"])
                self._token_ends = time.monotonic() + int(answer["expires_in"]) - TOKEN_MARGIN_SECONDS
            return self._token

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return self._session.request(
                method, self._base + path, timeout=TIMEOUT_SECONDS, allow_redirects=False, **options
            )
        except requests.RequestException as error:
            raise _unavailable() from error


class Issue(Exception):
    """PayPal's refusal."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        details = (answer.get("details") or [{}])[0]
        self.http_status = status
        self.name = str(details.get("issue") or answer.get("name") or "")
        self.description = str(details.get("description") or answer.get("message") or "PayPal said no.")
        super().__init__(f"{status} {self.name}: {self.description}")


def refusal_of(issue: Issue) -> ProviderRefused:
    return ProviderRefused(message=issue.description)


def _json(response: requests.Response) -> dict[str, Any]:
    if not response.content:
        return {}
    try:
        answer = response.json()
    except ValueError as error:
        raise _unavailable() from error
    return dict(answer)


def _unavailable() -> Unavailable:
    return Unavailable(
        "payment_provider_unavailable", "PayPal did not answer. Nothing was lost; please look again in a moment."
    )

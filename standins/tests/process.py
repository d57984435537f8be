"""A stand-in that really runs, and a receiver of its webhooks."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import stripe

SECRET_KEY = "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc"
PUBLISHABLE_KEY = "pk_test_" + "TYooMQauvdEDq54NiTphI7jx"
WEBHOOK_SECRET = "whsec_" + "test0secret0of0the0standin0000000"

STOP_SECONDS = 20

ROOT = Path(__file__).parents[2]


class Standin:
    """The served process. `client` is Stripe's own library, `http` speaks to it without."""

    def __init__(self, *options: str, port: int = 0) -> None:
        command = [sys.executable, "-m", "standins.stripe", "--port", str(port), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("Stripe stand-in ready at "), f"no ready line but {line!r}"
        self.url = line.split()[4]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        self.client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": self.url}, max_network_retries=0)
        self.v1 = self.client.v1

    def raw(self, method: str, path: str, *, key: str = SECRET_KEY, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} | options.pop("headers", {})
        return self.http.request(method, path, headers=headers, **options)

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        response = self.http.request(method, f"/standin{path}", json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def fault(self, action: str, path: str = "/v1/", **settings: Any) -> None:
        self.control("POST", "/faults", {"action": action, "path": path, **settings})

    def flush(self) -> None:
        assert self.control("POST", "/deliveries/flush", {"timeout": 20}) == {"pending": 0}

    def event_types(self) -> list[str]:
        """Of all events so far, oldest first."""
        events = self.v1.events.list({"limit": 100}).data
        return [event.type for event in reversed(events)]

    def stop(self) -> None:
        self._process.terminate()
        self._close()

    def kill(self) -> None:
        self._process.kill()
        self._close()

    def _close(self) -> None:
        self.http.close()
        self._process.communicate(timeout=STOP_SECONDS)


class PayPalStandin:
    """The same for PayPal's, as far as a site needs it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "standins.paypal", "--port", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("PayPal stand-in ready at "), f"no ready line but {line!r}"
        self.url = line.split()[4]

    def settings(self) -> dict[str, str]:
        """What a site that uses it is told."""
        return {
            "PAYPAL_CLIENT_ID": "client",
            "PAYPAL_SECRET": "secret",
            "PAYPAL_WEBHOOK_ID": "WH-STANDIN",
            "PAYPAL_API_BASE": self.url,
        }

    def reset(self) -> None:
        httpx.post(f"{self.url}/standin/reset", trust_env=False).raise_for_status()

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=STOP_SECONDS)


@dataclass(frozen=True)
class Received:
    payload: str
    signature: str

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.payload)
        return event

    @property
    def type(self) -> str:
        return str(self.event["type"])


class Receiver:
    """Collects webhooks. `answers` are the statuses of the next answers; afterwards it answers 200."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.received.append(Received(payload, self.headers["Stripe-Signature"]))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def types(self) -> list[str]:
        return [received.type for received in self.received]

    def wait_for(self, count: int, *, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while len(self.received) < count:
            assert time.monotonic() < deadline, f"{len(self.received)} of {count} webhooks came"
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

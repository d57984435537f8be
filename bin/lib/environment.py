"""`.local/env`: the settings and secrets of this checkout, made once. Real environment variables always win."""

import os
import secrets
import socket
import string
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"


def read(folder: Path) -> dict[str, str]:
    """The KEY=VALUE lines of `folder`/env, completed with fresh secrets for what is missing."""
    path = folder / "env"
    known = _parse(path.read_text()) if path.exists() else {}
    complete = _generated(folder) | known
    if complete != known:
        write(folder, complete)
    return complete


def write(folder: Path, values: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# Made by bin/setup for this checkout alone; delete a line to have it made anew. See .env.example."]
    lines += [f"{key}={value}" for key, value in sorted(values.items())]
    draft = folder / f"env.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text("\n".join(lines) + "\n")
    draft.replace(folder / "env")


def _parse(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {key.strip(): value.strip() for key, separator, value in pairs if separator}


def _generated(folder: Path) -> dict[str, str]:
    return {
        "SECRET_KEY": _random(64),
        "POSTGRES_PASSWORD": _random(32),
        "STRIPE_SECRET_KEY": f"sk_test_{_random(99)}",
        "STRIPE_PUBLISHABLE_KEY": f"pk_test_{_random(99)}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{_random(32)}",
        "STRIPE_API_BASE": f"http://127.0.0.1:{free_port()}",
        "PAYPAL_CLIENT_ID": _random(80),
        "PAYPAL_SECRET": _random(80),
        "PAYPAL_WEBHOOK_ID": _random(17),
        "PAYPAL_API_BASE": f"http://127.0.0.1:{free_port()}",
        "MEDIA_ROOT": str(folder / "media"),
        "MAIL_DIR": str(folder / "mail"),
    }


def _random(length: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True

"""Install and pin the Python packages with uv, which takes seconds where pip takes minutes.

uv does not read pip's configuration, so what this machine sets there (package index, certificates, local folders of
wheels) is handed to it; where uv can't cope with it, pip itself does the work.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

UV = "uv==0.13.8"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def pip_settings() -> dict[str, str]:
    """pip's own view of its settings, as {"index-url": "...", ...}; environment variables win over files."""
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=True).stdout
    entries = [line.partition("=") for line in listed.splitlines() if "=" in line]
    entries.sort(key=lambda entry: entry[0].startswith(":env:"))
    return {key.rpartition(".")[2]: str(ast.literal_eval(value)) for key, _, value in entries}


def is_reachable(place: str) -> bool:
    """False for a local folder that isn't there: pip skips those, uv stops."""
    return urlsplit(place).scheme not in {"", "file"} or Path(urlsplit(place).path).is_dir()


def places(value: str) -> list[str]:
    return [place for place in value.split() if is_reachable(place)]


def uv_environment() -> dict[str, str]:
    """The environment for uv that means the same as pip's settings. Addresses may hold passwords: never printed."""
    settings = pip_settings()
    translated = {
        "UV_DEFAULT_INDEX": settings.get("index-url", ""),
        "UV_INDEX": " ".join(places(settings.get("extra-index-url", ""))),
        "UV_INDEX_STRATEGY": "unsafe-best-match",  # what pip does: all indexes count alike
        "UV_FIND_LINKS": ",".join(places(settings.get("find-links", ""))),
        "UV_INSECURE_HOST": settings.get("trusted-host", ""),
        "SSL_CERT_FILE": settings.get("cert", ""),
    }
    return {key: value for key, value in translated.items() if value} | os.environ


def uv(*arguments: str) -> int:
    """Run uv's part for pip; its exit code, or that of getting uv itself."""
    without_uv = subprocess.run([*PIP, "install", "--quiet", UV]).returncode
    command = [sys.executable, "-m", "uv", "pip", *arguments, "--quiet", "--python", sys.executable]
    return without_uv or subprocess.run(command, env=uv_environment()).returncode


def install(requirements: str) -> int:
    if uv("install", "--compile-bytecode", "--requirements", requirements) == 0:
        return 0
    print("uv could not; trying pip, which takes a few minutes ...", file=sys.stderr)
    return subprocess.run([*PIP, "install", "--quiet", "--requirement", requirements]).returncode


def lock(*options: str) -> int:
    """Pin requirements*.in into requirements*.txt. Keeps the versions that are there unless told to upgrade."""
    for name in ("requirements", "requirements-dev"):
        form = ["--no-header", "--no-annotate", "--python-version", "3.11", *options]
        if failed := uv("compile", f"{name}.in", "--output-file", f"{name}.txt", *form):
            return failed
    return 0


if __name__ == "__main__":
    commands: dict[str, Callable[..., int]] = {"install": install, "lock": lock}
    sys.exit(commands[sys.argv[1]](*sys.argv[2:]))

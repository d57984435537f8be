"""PostgreSQL refuses to run as root: then the private services run as the account that came with its package."""

import hashlib
import os
import pwd
import stat
import sys
from pathlib import Path

ACCOUNT = "postgres"


def _account() -> pwd.struct_passwd | None:
    """None when we are nobody special and run everything as ourselves."""
    return pwd.getpwnam(ACCOUNT) if os.geteuid() == 0 else None


def unprivileged(command: list[str]) -> list[str]:
    """The same command, as the unprivileged account when we are root."""
    account = _account()
    if account is None:
        return command
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--", *command]


def give(path: Path) -> Path:
    """Hand a file or folder to the account that the services run as."""
    if account := _account():
        os.chown(path, account.pw_uid, account.pw_gid)
    return path


def service_folder(path: Path) -> Path:
    """Make `path` a folder for a service alone and return where it really is.

    A checkout below a closed folder such as /root can't be entered by the unprivileged account; the folder is then kept
    in /var/tmp, and `path` points there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if _account() and not _is_open(path.parent):
        elsewhere = named_after(path, Path("/var/tmp"))
        if not path.is_symlink():
            path.symlink_to(elsewhere)
        path = elsewhere
    path.mkdir(mode=0o700, exist_ok=True)
    account = _account()
    if path.stat().st_uid not in {os.geteuid(), account.pw_uid if account else os.geteuid()}:
        sys.exit(f"{path} belongs to somebody else. Remove it, or run as its owner.")
    return give(path.resolve())


def named_after(path: Path, parent: Path) -> Path:
    """A folder of its own for `path` below `parent`, the same each time."""
    return parent / f"guildhall-{hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:12]}"


def _is_open(folder: Path) -> bool:
    """Everybody may pass through the folder and all above it."""
    folder = folder.resolve()
    return all(level.stat().st_mode & stat.S_IXOTH for level in [folder, *folder.parents])

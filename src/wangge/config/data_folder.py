"""The folder in which one installation keeps what is its own, and the secrets in it.

In a source checkout it is `<checkout>/var`, elsewhere `~/.local/share/wangge`; `WANGGE_DATA_DIR` names
another. Files with secrets are readable by their owner only, and permissions of anything that was there
before are left as they are.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]


def data_dir() -> Path:
    named = os.environ.get("WANGGE_DATA_DIR", "").strip()
    if named:
        return Path(named).expanduser().absolute()
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / "var"
    return Path.home() / ".local" / "share" / "wangge"


def short_place(folder: Path) -> Path:
    """A short path everybody may pass through, one per data folder: for what `folder` itself cannot hold.

    A socket's path is limited to 107 bytes, and another user may be unable to enter a closed home.
    """
    digest = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:12]
    return Path("/var/tmp") / f"wangge-{digest}"  # noqa: S108 - checked by own_folder before use


def own_folder(folder: Path, mode: int) -> Path:
    """Make the folder, or accept it if it is ours already; refuse one that somebody else put there."""
    try:
        folder.mkdir(mode=mode)
        folder.chmod(mode)  # mkdir is subject to the umask
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise PermissionError(
                f"{folder} exists and is not a folder of this user. Look at it, then:  rm -r {folder}"
            ) from None
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def local_secret(folder: Path, name: str, *, create: bool) -> str:
    """The secret kept under that name, or "" if there is none and none is to be created."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise ValueError(f"{name!r} cannot name a secret.")
    path = folder / "secrets" / name
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        if not create:
            return ""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Exclusive creation: of two processes starting at once, one writes and the other reads.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8").strip()

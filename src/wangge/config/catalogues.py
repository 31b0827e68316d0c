"""The Chinese catalogues: what code and templates say, and whether the catalogues answer it.

Each room keeps its own `locale/zh_Hans/LC_MESSAGES/django.po`; Django shows them as one. Everything is done
with Babel, so no gettext programs are needed. Settings are not, either.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE_DIR = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale") / "zh_Hans" / "LC_MESSAGES" / "django.po"
# Words of code that belongs to no room (settings, refusals) stand in the catalogue all pages share.
SHARED_ROOM = PACKAGE_DIR / "doors" / "shell"

# Which arguments of these functions are message, plural and context ("c"), in Babel's notation.
PLAIN, PLURAL, CONTEXT, CONTEXT_PLURAL = None, (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), PLAIN),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), CONTEXT_PLURAL),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif]|\{\w*\}")


@dataclass(frozen=True)
class Saying:
    """A sentence of the interface as it stands in code."""

    message: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.context, self.message)


@dataclass
class Entry:
    """One answer of a catalogue."""

    saying: Saying
    answers: tuple[str, ...]
    fuzzy: bool
    room: Path


@dataclass
class Sayings:
    """Everything said, and where."""

    places: dict[Saying, list[str]] = field(default_factory=dict)
    rooms: dict[Saying, Path] = field(default_factory=dict)


# --- reading --------------------------------------------------------------------------------------


def catalogue_files(root: Path = PACKAGE_DIR) -> list[Path]:
    return sorted(root.glob(f"**/{CATALOGUE}"))


def everything_said(root: Path = PACKAGE_DIR) -> Sayings:
    said = Sayings()
    for path in sorted([*root.glob("**/*.py"), *root.glob("**/templates/**/*.*")]):
        if "migrations" in path.parts or not path.is_file():
            continue
        source = path.read_bytes()
        if path.suffix != ".py":
            # templatize blanks everything but the words; in brackets its indentation means nothing.
            source = f"({templatize(source.decode())}\n)".encode()
        for line, saying in _sayings_in(source):
            said.places.setdefault(saying, []).append(f"{path.relative_to(root.parent)}:{line}")
            said.rooms.setdefault(saying, _room_of(path, root))
    return said


def everything_answered(root: Path = PACKAGE_DIR) -> list[Entry]:
    return [entry for path in catalogue_files(root) for entry in _entries(path)]


# --- checking -------------------------------------------------------------------------------------


def faults(root: Path = PACKAGE_DIR) -> list[str]:
    """What is wrong between what is said and what is answered, a sentence each."""
    said, entries = everything_said(root), everything_answered(root)
    answers: dict[tuple[str, str], Entry] = {}
    found: list[str] = []
    for entry in entries:
        name = f"{_show(entry.saying)} in {entry.room.name}"
        earlier = answers.setdefault(entry.saying.key, entry)
        if earlier is not entry and earlier.answers != entry.answers:
            found.append(
                f"{name} is answered “{entry.answers[0]}”, in {earlier.room.name} “{earlier.answers[0]}”; "
                f"Django shows only one of them. Use pgettext to tell them apart."
            )
        if entry.fuzzy:
            found.append(f"{name} is marked fuzzy: look at it and take the mark away.")
        if "" in entry.answers:
            found.append(f"{name} has no translation.")
            continue
        asked = _placeholders([entry.saying.message])
        for answer in entry.answers:
            # A plural's one Chinese form serves both numbers, so it follows the plural.
            wanted = _placeholders([entry.saying.plural]) if entry.saying.plural else asked
            if _placeholders([answer]) != wanted:
                found.append(f"{name} and its translation “{answer}” have different placeholders.")
    used = {saying.key for saying in said.places}
    for entry in entries:
        if entry.saying.key not in used:
            found.append(f"{_show(entry.saying)} in {entry.room.name} is said nowhere: remove it.")
    for saying, places in said.places.items():
        if saying.key not in answers:
            found.append(f"{_show(saying)} ({places[0]}) has no translation.")
    return found


# --- writing --------------------------------------------------------------------------------------


def update(root: Path = PACKAGE_DIR) -> list[Path]:
    """Add empty entries for what is said and not answered, drop what is said nowhere."""
    said = everything_said(root)
    used = {saying.key for saying in said.places}
    answered = {entry.saying.key for entry in everything_answered(root)}
    missing: dict[Path, list[Saying]] = {}
    for saying, room in said.rooms.items():
        if saying.key not in answered:
            missing.setdefault(room, []).append(saying)
    written = []
    rooms = {path.parents[2].parent for path in catalogue_files(root)} | set(missing)
    for room in sorted(rooms):
        path = room / CATALOGUE
        catalogue = _read(path) if path.exists() else Catalog(locale="zh_Hans", charset="utf-8")
        before = path.read_bytes() if path.exists() else b""
        for message in list(catalogue):
            if message.id and _saying(message.id, message.context).key not in used:
                catalogue.delete(_first(message.id), message.context)
        catalogue.obsolete.clear()
        for saying in missing.get(room, []):
            identity = (saying.message, saying.plural) if saying.plural else saying.message
            catalogue.add(identity, context=saying.context or None)
        text = BytesIO()
        write_po(text, catalogue, width=110, no_location=True, omit_header=False)
        if text.getvalue() != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.getvalue())
            written.append(path)
    return written


def compile_all(root: Path = PACKAGE_DIR) -> list[Path]:
    written = []
    for path in catalogue_files(root):
        target = path.with_suffix(".mo")
        draft = target.with_suffix(".mo.new")
        with draft.open("wb") as file:
            write_mo(file, _read(path))
        draft.replace(target)
        written.append(target)
    return written


def compiled(path: Path) -> bool:
    target = path.with_suffix(".mo")
    return target.exists() and target.stat().st_mtime >= path.stat().st_mtime


# --- small things ---------------------------------------------------------------------------------


def _sayings_in(source: bytes) -> Iterator[tuple[int, Saying]]:
    for line, identity, _comments, context in extract("python", BytesIO(source), keywords=KEYWORDS):
        if identity:
            yield line, _saying(identity, context)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def _entries(path: Path) -> Iterator[Entry]:
    for message in _read(path):
        if message.id:  # the header is the entry without one
            answers = message.string if isinstance(message.string, (tuple, list)) else (message.string or "",)
            yield Entry(
                _saying(message.id, message.context), tuple(answers) or ("",), message.fuzzy, path.parents[3]
            )


def _saying(identity: str | Iterable[str], context: str | None) -> Saying:
    message, plural = (identity, "") if isinstance(identity, str) else tuple(identity)[:2]
    return Saying(message, plural, context or "")


def _first(identity: str | Iterable[str]) -> str:
    return identity if isinstance(identity, str) else next(iter(identity))


def _placeholders(texts: Iterable[str]) -> Counter[str]:
    return Counter(found for text in texts for found in PLACEHOLDER.findall(text.replace("%%", "")))


def _room_of(path: Path, root: Path) -> Path:
    for folder in path.parents:
        if (folder / "apps.py").exists():
            return folder
        if folder == root:
            break
    return SHARED_ROOM if SHARED_ROOM.is_relative_to(root) else root


def _show(saying: Saying) -> str:
    text = saying.message if len(saying.message) <= 70 else saying.message[:67] + "…"
    return f"“{text}”" + (f" ({saying.context})" if saying.context else "")

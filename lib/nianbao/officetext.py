"""The office's own text: ``data/<township>/<year>.md``, sections by work area, with references to facts.

A section starts with ``## <chapter>`` (key or Chinese name of the work area, or the key of a chapter such as ``problems``); within it,
``### words`` is a heading and blank lines part paragraphs.  ``{{ births }}``, ``{{ births[parity=1] }}`` or
``{{ births[parity=1].previous }}`` print a fact; an unknown section or reference is an error with its line.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nianbao.errors import TextError, did_you_mean
from nianbao.facts import ROLES
from nianbao.files.personal import NAMES, personal_number

REFERENCE = re.compile(r"\{\{\s*(?P<ref>[^{}]*?)\s*\}\}")
_PARTS = re.compile(r"^(?P<entry>[a-z][a-z0-9_]*(?:\[[^\]]*\])?)(?:\.(?P<role>[a-z_]+))?$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Passage:
    """A heading or paragraph of the office's text, with the line it starts on."""

    kind: str
    """``heading`` or ``paragraph``."""
    text: str
    line: int


@dataclass(frozen=True)
class OfficeText:
    """The passages of a file, by chapter key."""

    file: str
    sections: Mapping[str, tuple[Passage, ...]]


def text_path(root: Path, township: str, year: int) -> Path:
    """Return where the office's text of a township and year lies."""
    return root / "data" / township / f"{year}.md"


def read_text(path: Path, *, root: Path, chapters: Mapping[str, str]) -> OfficeText:
    """Return the office's text; empty when the file does not exist.

    ``chapters`` maps chapter keys to their Chinese names; both may head a section.

    Raises:
        TextError: a section names no chapter, or text stands before the first section (all such lines together); or the file is not
            in UTF-8; or a line holds what seems to be the number of a person, which the message does not repeat.
    """
    where = path.relative_to(root).as_posix()
    if not path.exists():
        return OfficeText(where, {})
    try:
        written = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        broken = path.read_bytes()[: error.start].count(b"\n") + 1
        raise TextError(
            f"{where}:{broken}: the text is not in UTF-8; save it again with the encoding UTF-8",
            zh=f"{where}:{broken}：文字不是UTF-8编码；请另存为，编码选UTF-8",
        ) from error
    _require_impersonal(written, where)
    content = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), written)
    keys = {**{key: key for key in chapters}, **{name: key for key, name in chapters.items()}}
    sections: dict[str, list[Passage]] = {}
    faults: list[str] = []
    current: list[Passage] | None = None
    lines: list[str] = []
    start = 0

    def flush() -> None:
        if lines:
            if current is None:
                faults.append(
                    f"{where}:{start}: text before the first section; begin a section with '## population' or another area"
                )
            else:
                current.append(Passage("paragraph", "".join(lines), start))
            lines.clear()

    for number, line in enumerate(content.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("## "):
            flush()
            name = stripped[3:].strip()
            if name not in keys:
                known = [*chapters, *chapters.values()]
                faults.append(
                    f"{where}:{number}: no work area or chapter {name!r}{did_you_mean(name, known)} (known: {', '.join(chapters)})"
                )
                current = []
            else:
                current = sections.setdefault(keys[name], [])
        elif stripped.startswith("### "):
            flush()
            if current is not None:
                current.append(Passage("heading", stripped[4:].strip(), number))
        elif stripped.startswith("# ") or not stripped:
            flush()
        else:
            if not lines:
                start = number
            lines.append(stripped)
    flush()
    if faults:
        raise TextError("\n".join(faults))
    return OfficeText(where, {key: tuple(passages) for key, passages in sections.items()})


def _require_impersonal(written: str, where: str) -> None:
    """Raise TextError naming every line, comments included, that holds a personal number, or begins one the next line ends."""
    lines = written.splitlines()
    faults = [
        f"{where}:{number}: the line seems to hold a {NAMES[kind][1]}; delete it: a report names no person"
        for number, line in enumerate(lines, start=1)
        if (kind := personal_number(line))
    ]
    faults += [
        f"{where}:{number}: this line and the next seem to hold a {NAMES[kind][1]}; delete it: a report names no person"
        for number, (line, after) in enumerate(itertools.pairwise(lines), start=1)
        if not (personal_number(line) or personal_number(after)) and (kind := personal_number(line.strip() + after.strip()))
    ]
    if faults:
        raise TextError("\n".join(faults))


def references(text: OfficeText) -> Iterator[tuple[str, str]]:
    """Yield what stands between double braces, with the place it stands at, in the order of the file."""
    for passages in text.sections.values():
        for passage in passages:
            for found in REFERENCE.finditer(passage.text):
                yield found["ref"], f"{text.file}:{passage.line}"


def parse_reference(text: str, *, where: str) -> tuple[str, str]:
    """Return ``(entry reference, role)`` of what stands between double braces.

    Raises:
        TextError: it is no reference, or the role is unknown.
    """
    found = _PARTS.match(text.replace(" ", ""))
    if not found:
        raise TextError(f"{where}: {{{{ {text} }}}} is no reference; write for example {{{{ births[parity=1] }}}}")
    role = found["role"] or "value"
    if role not in ROLES:
        raise TextError(f"{where}: {{{{ {text} }}}}: no role {role!r}{did_you_mean(role, ROLES)} (known: {', '.join(ROLES)})")
    return found["entry"], role

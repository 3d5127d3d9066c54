"""The office's own text: ``data/<township>/<year>.md``, sections by work area, with references to facts.

A section starts with ``## <chapter>`` (key or Chinese name of the work area, or the key of a chapter such as ``problems``); within it,
``### words`` is a heading and blank lines part paragraphs.  ``{{ births }}``, ``{{ births[parity=1] }}`` or
``{{ births[parity=1].previous }}`` print a fact; an unknown section or reference is an error with its line.

What was taken back from an edited Word file stands behind a comment that says where it belongs and what it rests on (:class:`Entry`)::

    <!-- nianbao replaces population/births/births
    lang: zh
    build: 1a2b3c4d
    basis: births=151; births.previous=166
    says: births=152
    generated: 全年出生151人，比上年减少15人。
    -->
    全年出生{{ births }}人，为近年最低。

The comment rules the paragraph right below it; without the comment the paragraph is the office's own text of the section.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nianbao.errors import TextError, did_you_mean
from nianbao.facts import ROLES
from nianbao.files.personal import NAMES, personal_number

REFERENCE = re.compile(r"\{\{\s*(?P<ref>[^{}]*?)\s*\}\}")
_PARTS = re.compile(r"^(?P<entry>[a-z][a-z0-9_]*(?:\[[^\]]*\])?)(?:\.(?P<role>[a-z_]+))?$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ENTRY = re.compile(
    r"<!--\s*nianbao\s+(?P<verb>[a-z]+)\s+(?P<key>[^\s]+)(?:\s+after\s+(?P<place>[^\s]+))?[ \t]*\n(?P<fields>.*?)-->", re.DOTALL
)
_OPENED = re.compile(r"<!--\s*nianbao\b")
VERBS: Mapping[str, bool] = {
    "replaces": True,
    "adds": True,
    "moves": True,
    "edits": True,
    "withholds": False,
    "removes": False,
}
"""What an entry does, and whether a paragraph follows it.

``replaces`` stands for a generated paragraph, ``moves`` for one printed elsewhere, ``withholds`` for one the office deleted; ``adds`` is a
paragraph of the office with its place, ``edits`` one that keeps its place in its section, ``removes`` one the office deleted.
"""
_PLACED = ("adds", "moves")


@dataclass(frozen=True)
class Entry:
    """What was absorbed from a Word file about one paragraph.

    ``basis`` maps references to the figures the paragraph rests on, as they were printed when the office edited it; ``says`` maps
    references to figures the office wrote instead; ``generated`` and ``written`` keep the paragraph as it was before, generated or the
    office's own.
    """

    verb: str
    key: str
    """The paragraph: ``population/births/births``, ``population/office/1a2b3c4d``."""
    place: str = ""
    """The heading, paragraph, table or figure it follows, for ``adds`` and ``moves``."""
    lang: str = "zh"
    build: str = ""
    """The build whose Word file was absorbed."""
    basis: Mapping[str, str] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
    generated: str = ""
    written: str = ""
    line: int = 0

    @property
    def chapter(self) -> str:
        """The chapter the paragraph belongs to."""
        return self.key.partition("/")[0]

    def comment(self) -> str:
        """Return the entry as the comment that is written above its paragraph."""
        head = f"<!-- nianbao {self.verb} {self.key}" + (f" after {self.place}" if self.place else "")
        fields = {
            "lang": self.lang,
            "build": self.build,
            "basis": _pairs(self.basis),
            "says": _pairs(self.says),
            "generated": plain_line(self.generated),
            "written": plain_line(self.written),
        }
        return "\n".join([head, *(f"{name}: {value}" for name, value in fields.items() if value), "-->"])


def _pairs(mapping: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in mapping.items())


def _mapping(text: str) -> dict[str, str]:
    pairs = (part.rpartition("=") for part in re.split(r";\s+(?![^\[]*\])", text) if "=" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def plain_line(text: str) -> str:
    """Return a text as one line that neither opens nor ends a comment."""
    return " ".join(text.splitlines()).replace("<!--", "＜!--").replace("-->", "--＞").strip()


@dataclass(frozen=True)
class Passage:
    """A heading or paragraph of the office's text, with the lines it stands on (counted from 1)."""

    kind: str
    """``heading``, ``paragraph``, or ``entry`` for what was absorbed and has no paragraph."""
    text: str
    line: int
    end: int = field(default=0, compare=False)
    """Its last line."""
    entry: Entry | None = None

    @property
    def start(self) -> int:
        """The first line, that of the comment where there is an entry."""
        return self.entry.line if self.entry is not None else self.line


@dataclass(frozen=True)
class OfficeText:
    """The passages of a file, by chapter key."""

    file: str
    sections: Mapping[str, tuple[Passage, ...]]

    @property
    def absorbed(self) -> tuple[Passage, ...]:
        """What was absorbed from Word files, in the order of the file."""
        found = (passage for passages in self.sections.values() for passage in passages if passage.entry is not None)
        return tuple(sorted(found, key=lambda passage: passage.start))

    def about(self, chapter: str) -> tuple[Passage, ...]:
        """Return what was absorbed about a chapter: its own paragraphs, and those with a place in it."""
        found = ((passage, passage.entry) for passage in self.absorbed)
        return tuple(
            passage
            for passage, entry in found
            if entry is not None and (entry.chapter == chapter or entry.place.partition("/")[0] == chapter)
        )


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
    return parse_text(written, where=where, chapters=chapters)


def parse_text(written: str, *, where: str, chapters: Mapping[str, str]) -> OfficeText:
    """Return the passages of a text; ``where`` is its file as messages name it.

    Raises:
        TextError: as :func:`read_text`.
    """
    written = written.replace("\r\n", "\n")
    _require_impersonal(written, where)
    faults: list[str] = []
    entries = _entries(written, where, faults)
    content = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), written)
    reader = _Reader(where, chapters, entries, faults)
    for number, line in enumerate(content.splitlines(), start=1):
        reader.read(number, line.strip())
    reader.flush()
    reader.left_over()
    if faults:
        raise TextError("\n".join(faults))
    return OfficeText(where, {key: tuple(passages) for key, passages in reader.sections.items()})


def _entries(written: str, where: str, faults: list[str]) -> dict[int, Entry]:
    """Return the entries of a text by the last line of their comments."""
    found: dict[int, Entry] = {}
    for comment in _COMMENT.finditer(written):
        if not _OPENED.match(comment[0]):
            continue
        line = written.count("\n", 0, comment.start()) + 1
        match = _ENTRY.fullmatch(comment[0])
        if match is None or match["verb"] not in VERBS or ((match["verb"] in _PLACED) != bool(match["place"])):
            faults.append(
                f"{where}:{line}: a comment that begins with 'nianbao' says where an absorbed paragraph belongs, and this one does not; "
                f"write for example '<!-- nianbao replaces population/births/births', or remove the word nianbao"
            )
            continue
        pairs = (one.partition(":") for one in match["fields"].splitlines() if ":" in one)
        fields = {name.strip(): value.strip() for name, _, value in pairs}
        found[line + comment[0].count("\n")] = Entry(
            match["verb"],
            match["key"],
            match["place"] or "",
            fields.get("lang", "zh"),
            fields.get("build", ""),
            _mapping(fields.get("basis", "")),
            _mapping(fields.get("says", "")),
            fields.get("generated", ""),
            fields.get("written", ""),
            line,
        )
    return found


class _Reader:
    """Collects the passages of a text line by line."""

    def __init__(self, where: str, chapters: Mapping[str, str], entries: Mapping[int, Entry], faults: list[str]) -> None:
        self.where, self.chapters, self.entries, self.faults = where, chapters, entries, faults
        self.keys = {**{key: key for key in chapters}, **{name: key for key, name in chapters.items()}}
        self.sections: dict[str, list[Passage]] = {}
        self.current: list[Passage] | None = None
        self.lines: list[str] = []
        self.start = 0
        self.entry: tuple[Entry, int] | None = None
        """An entry whose paragraph is still to come, with the last line of its comment."""

    def read(self, number: int, line: str) -> None:
        """Take one line, comments already blank."""
        if line.startswith("## "):
            self.flush()
            self._section(number, line[3:].strip())
        elif line.startswith("### "):
            self.flush()
            if self.current is not None:
                self.current.append(Passage("heading", line[4:].strip(), number, number))
        elif line.startswith("# ") or not line:
            self.flush()
        else:
            if not self.lines:
                self.start = number
            self.lines.append(line)
        if number in self.entries:
            self._open(self.entries[number], number)

    def _section(self, number: int, name: str) -> None:
        self.left_over()
        if name in self.keys:
            self.current = self.sections.setdefault(self.keys[name], [])
            return
        known = [*self.chapters, *self.chapters.values()]
        self.faults.append(
            f"{self.where}:{number}: no work area or chapter {name!r}{did_you_mean(name, known)} (known: {', '.join(self.chapters)})"
        )
        self.current = []

    def _open(self, entry: Entry, number: int) -> None:
        """Take an entry at the last line of its comment."""
        self.left_over()
        if self.current is None:
            self.faults.append(
                f"{self.where}:{entry.line}: an absorbed paragraph before the first section; put it into its section"
            )
        elif VERBS[entry.verb]:
            self.entry = (entry, number)
        else:
            self.current.append(Passage("entry", "", entry.line, number, entry))

    def left_over(self) -> None:
        """Complain of an entry that no paragraph followed."""
        if self.entry is not None:
            entry, _ = self.entry
            self.entry = None
            self.faults.append(
                f"{self.where}:{entry.line}: no paragraph stands below the comment 'nianbao {entry.verb} {entry.key}'; "
                f"write it right below, or delete the comment"
            )

    def flush(self) -> None:
        """End the paragraph that is open."""
        if not self.lines:
            return
        end = self.start + len(self.lines) - 1
        entry = self.entry[0] if self.entry is not None and self.entry[1] == self.start - 1 else None
        if entry is not None:
            self.entry = None
        if self.current is None:
            self.faults.append(
                f"{self.where}:{self.start}: text before the first section; begin a section with '## population' or another area"
            )
        else:
            self.current.append(Passage("paragraph", "".join(self.lines), self.start, end, entry))
        self.lines = []


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
            kept = (
                passage.entry.basis if passage.entry is not None else {}
            )  # such a figure was printed; should it go, that is told
            for found in REFERENCE.finditer(passage.text):
                if found["ref"] not in kept:
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

"""Absorbing an edited Word file: what the office changed, added, moved and deleted becomes entries of ``data/<township>/<year>.md``.

The Word file carries a record of what the report printed (:mod:`nianbao.wordmarks`); paragraphs are found again by their bookmarks, then
by their words.  A number that still stands where a figure stood stays bound to the data.  What cannot be taken back (tables, headings,
pictures) is told, one line each.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path

from lxml import etree

from nianbao import store
from nianbao.dataset import Dataset, open_dataset
from nianbao.edits import Figures, short_hash, unmarked
from nianbao.errors import TextError, UserError, did_you_mean
from nianbao.facts import numbers_in
from nianbao.files.personal import NAMES, personal_number
from nianbao.officetext import Entry, OfficeText, Passage, parse_text, plain_line, text_path
from nianbao.wordmarks import Piece, Printed, Record, pieces, read_record, style_names, table_text

_LARGEST = 64 * 1024 * 1024
"""Bytes a part of a Word file may unpack to."""
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ALIKE = 0.5
"""How much of a paragraph must be left for it to be the one that stood there, when its bookmark is gone."""
_INSIDE = 0.6
"""How much of a paragraph must stand in another for the two to have been joined."""
_FIXED = 3
"""What a heading or table weighs against a paragraph when two changed places: the paragraph was moved, not the heading."""
_TELLING = 3
"""Digits a number of an added paragraph needs to be taken for the figure of the same value."""
_NUMBER = r"\d+(?:\.\d+)?[%‰]?"
_SHOWN = 28
"""Characters of a paragraph that a line of the plan shows."""


@dataclass(frozen=True)
class Change:
    """What the office did to one paragraph; ``text`` is what the text file will hold, with references."""

    verb: str
    """``changed``, ``added``, ``moved``, ``deleted``, ``confirmed``."""
    key: str
    text: str = ""
    place: str = ""
    printed: Printed | None = None
    basis: Mapping[str, str] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
    confirmed: bool = False

    def told(self) -> str:
        """Return the change as a line of the plan."""
        words = self.text or (self.printed.text if self.printed else "")
        where = f"{self.key} after {self.place}" if self.place else self.key
        said = "".join(
            f"; it says {value} where the report printed another figure of {ref}" for ref, value in self.says.items()
        )
        return f"{self.verb} {where}: {_short(words)}{said}"


@dataclass(frozen=True)
class Plan:
    """What a Word file changes, and what of it cannot be absorbed."""

    record: Record
    changes: tuple[Change, ...]
    left: tuple[str, ...]
    tracked: int


@dataclass(frozen=True)
class Absorbed:
    """What absorbing did: the file, its lines of the plan, what was not absorbed, and whether anything was written."""

    file: str
    lines: tuple[str, ...]
    left: tuple[str, ...]
    written: bool
    backup: str = ""


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


# ---------------------------------------------------------------- the Word file


def read_word(path: Path) -> tuple[Record, list[Piece]]:
    """Return the record of a Word file and its paragraphs and tables.

    Raises:
        UserError: it cannot be opened, is no Word file, or holds no record; the message says what to do.
    """
    name = path.name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{name}: the file cannot be read; give the path of the edited report.docx") from error
    if content.startswith(_COMPOUND):
        raise UserError(f"{name}: an old Word file or one with a password; save it as .docx without a password and absorb that")
    try:
        with zipfile.ZipFile(path) as package:
            members = package.namelist()
            if "word/document.xml" not in members:
                raise UserError(f"{name}: no Word file; give the path of the edited report.docx")
            body = _part(package, "word/document.xml").find("{*}body")
            styles = style_names(_part(package, "word/styles.xml")) if "word/styles.xml" in members else {}
            items = [one for one in members if re.fullmatch(r"customXml/item\d+\.xml", one)]
            records = [found for one in sorted(items) if (found := read_record(_part(package, one))) is not None]
    except (
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
    ) as error:
        raise UserError(f"{name}: the Word file is damaged; open it in Word, save it again and absorb that") from error
    except ValueError as error:
        raise UserError(f"{name}: the file's record of the report is damaged; edit a report.docx built anew") from error
    if not records or body is None:
        raise UserError(
            f"{name}: the file does not carry what nianbao puts into the report.docx of the internal edition, so its paragraphs cannot be "
            f"told from generated ones; copy the changes into a report.docx that nianbao report built, or write them into the text file"
        )
    return records[0], pieces(body, styles)


def _part(package: zipfile.ZipFile, name: str) -> etree._Element:
    if package.getinfo(name).file_size > _LARGEST:
        raise UserError(f"{name}: larger than {_LARGEST // 1024 // 1024} MB; take pictures out of the text and absorb again")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(package.read(name), parser)


# ---------------------------------------------------------------- what changed


def compare(record: Record, found: Sequence[Piece]) -> Plan:
    """Return what the office did to a report; ``found`` are the pieces of its Word file in order."""
    return _Comparison(record, found).plan()


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _likeness(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1."""
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()


class _Comparison:
    def __init__(self, record: Record, found: Sequence[Piece]) -> None:
        self.record, self.printed, self.found = record, record.printed, found
        self.words = [_bare(unmarked(piece.text)) for piece in found]
        self.before = [_bare(unmarked(one.text)) for one in self.printed]
        self.at: dict[int, int] = {}
        """Place in the record of every piece that was printed, by place in the file."""
        self.joined: dict[int, list[int]] = {}
        """Places in the record of further paragraphs a piece holds."""
        self.left: list[str] = []

    def plan(self) -> Plan:
        self._by_bookmark()
        self._by_words()
        self._by_neighbours()
        self._joined()
        changes = [*self._stated(), *self._deleted()]
        if sum(one.kind == "picture" for one in self.printed) != sum(bool(piece.pictures) for piece in self.found):
            self.left.append("pictures were added or deleted")
        tracked = sum(piece.tracked for piece in self.found)
        return Plan(self.record, tuple(changes), tuple(self.left), tracked)

    # --- finding paragraphs again

    def _by_bookmark(self) -> None:
        """Match by bookmarks; of several paragraphs in one bookmark, or several bookmarks in one, the likest are matched first."""
        by_mark = {one.mark: place for place, one in enumerate(self.printed) if one.mark}
        pairs = []
        for number, piece in enumerate(self.found):
            for name in dict.fromkeys((*piece.marks, *((piece.within,) if piece.within else ()))):
                if name in by_mark and self.words[number] and self._body(piece):
                    likeness = _likeness(self.words[number], self.before[by_mark[name]])
                    pairs.append((-likeness, name not in piece.marks, number, by_mark[name]))
        for _, _, number, place in sorted(pairs):
            if number not in self.at and place not in self.at.values():
                self.at[number] = place

    @staticmethod
    def _body(piece: Piece) -> bool:
        return piece.kind == "paragraph" and not (piece.style.startswith(("heading", "toc")) or "caption" in piece.style)

    def _by_words(self) -> None:
        """Match what is left by equal words, in order; tables by what stands in them."""
        waiting: dict[tuple[bool, str], list[int]] = {}
        taken = set(self.at.values())
        for place, one in enumerate(self.printed):
            if place not in taken:
                words = one.text if one.kind == "table" else self.before[place]
                waiting.setdefault((one.kind == "table", words), []).append(place)
        for number, piece in enumerate(self.found):
            if number in self.at or piece.style.startswith("toc"):
                continue
            table = piece.kind == "table"
            places = waiting.get((table, table_text(piece) if table else self.words[number]))
            if places and (table or self.words[number]):
                self.at[number] = places.pop(0)

    def _by_neighbours(self) -> None:
        """Match a paragraph, heading or caption without bookmark to one that stood at the same place and is much like it."""
        number_of = {place: number for number, place in self.at.items()}
        for place, one in enumerate(self.printed):
            if place in number_of or one.kind not in ("paragraph", "heading", "caption", "table"):
                continue
            above = next((number_of[p] for p in range(place - 1, -1, -1) if p in number_of), -1)
            below = next((number_of[p] for p in range(place + 1, len(self.printed)) if p in number_of), len(self.found))
            for number in range(above + 1, below):
                if number not in self.at and self._alike(number, place):
                    self.at[number] = place
                    number_of[place] = number
                    break

    def _alike(self, number: int, place: int) -> bool:
        piece, kind = self.found[number], self.printed[place].kind
        if kind == "table" or piece.kind == "table":
            return kind == piece.kind
        if not self.words[number]:
            return False
        if kind == "heading":
            return piece.style.startswith("heading")
        if kind == "caption":
            return "caption" in piece.style
        return self._body(piece) and _likeness(self.words[number], self.before[place]) >= _ALIKE

    def _joined(self) -> None:
        """Find the paragraphs whose words went into another's."""
        by_mark = {one.mark: place for place, one in enumerate(self.printed) if one.mark}
        taken = set(self.at.values())
        for number, piece in enumerate(self.found):
            own = self.at.get(number)
            if own is None or not self.printed[own].mark:
                continue
            for place in (by_mark[name] for name in piece.marks if name in by_mark):
                if place in taken or not self.before[place]:
                    continue
                matcher = SequenceMatcher(None, self.words[number], self.before[place], autojunk=False)
                same = sum(block.size for block in matcher.get_matching_blocks())
                if same >= _INSIDE * len(self.before[place]):
                    self.joined.setdefault(number, []).append(place)
                    taken.add(place)

    # --- telling what happened

    def _kept(self) -> set[int]:
        """Return the pieces that stand in the order they were printed in: the heaviest such sequence; the others were moved."""
        numbers = sorted(self.at)
        best: list[tuple[int, int]] = []
        for here, number in enumerate(numbers):
            one = self.printed[self.at[number]]
            weight = 1 if one.mark else _FIXED
            before = [(best[there][0], there) for there in range(here) if self.at[numbers[there]] < self.at[number]]
            total, link = max(before, key=lambda pair: (pair[0], -pair[1]), default=(0, -1))
            best.append((total + weight, link))
        kept: set[int] = set()
        if best:
            here = max(range(len(best)), key=lambda place: (best[place][0], -place))
            while here >= 0:
                kept.add(numbers[here])
                here = best[here][1]
        return kept

    def _stated(self) -> Iterator[Change]:
        kept = self._kept()
        above, loose = "", False
        """What was printed last that something can follow; whether a heading without a key came after it."""
        for number, piece in enumerate(self.found):
            place = self.at.get(number)
            if place is None:
                if piece.kind == "table":
                    self.left.append("a table was added")
                elif piece.text and not piece.style.startswith("toc"):
                    after = self._top_after(number) if loose else above
                    if not self._body(piece) or not after:
                        self.left.append(f"{_what(piece)}: {_short(piece.text)}")
                        continue
                    added = self._added(piece, after)
                    yield added
                    above, loose = added.key, False
                continue
            one = self.printed[place]
            if one.mark:
                after = self._top_after(number) if loose else above
                change = self._of(number, place, moved_to="" if number in kept else after)
                if change is not None:
                    yield change
                above, loose = one.key, False
                continue
            self._fixed(number, place, moved=number not in kept)
            if one.key:
                above, loose = one.key, False
            elif one.kind == "heading":
                loose = True

    def _top_after(self, number: int) -> str:
        """Return the first heading of the chapter that goes on below a piece."""
        for later in range(number, len(self.found)):
            if (place := self.at.get(later)) is not None and self.printed[place].key:
                return f"{self.printed[place].key.partition('/')[0]}/top"
        return ""

    def _fixed(self, number: int, place: int, *, moved: bool) -> None:
        """Tell what was done to a heading, caption or table: it is not absorbed."""
        one, piece = self.printed[place], self.found[number]
        if one.kind == "table":
            if table_text(piece) != one.text:
                self.left.append("figures of a table were changed; they come from the return")
        elif self.words[number] != self.before[place]:
            self.left.append(f"{_what(piece)} was changed: {_short(one.text)} → {_short(piece.text)}")
        if moved and one.kind in ("heading", "caption"):
            self.left.append(f"{_what(piece)} was moved: {_short(piece.text)}")

    def _of(self, number: int, place: int, *, moved_to: str) -> Change | None:
        """Return what was done to a paragraph that was printed and is still there."""
        one, piece = self.printed[place], self.found[number]
        others = [self.printed[other] for other in self.joined.get(number, ())]
        confirmed = unmarked(one.text) != one.text.rstrip() and unmarked(piece.text) == piece.text.rstrip()
        changed = self.words[number] != self.before[place]
        if not (changed or moved_to or confirmed):
            return None
        text, says = bound(unmarked(piece.text), (one, *others))
        basis = {ref: value for source in (one, *others) for ref, value in source.basis.items()}
        verb = "moved" if moved_to else "changed" if changed else "confirmed"
        return Change(verb, one.key, text, moved_to, one, basis, says, confirmed)

    def _added(self, piece: Piece, after: str) -> Change:
        source = next((one for one in self.printed if one.mark and one.mark in (piece.within, *piece.marks)), None)
        text, _ = bound(piece.text, (source,) if source else ())
        chapter = after.partition("/")[0]
        basis = self._rests_on(piece.text, chapter)
        if source is not None:
            basis |= {ref: value for ref, value in source.basis.items() if f"{{{{ {ref} }}}}" in text}
        return Change("added", f"{chapter}/office/{short_hash(after + text)}", text, after, None, basis)

    def _rests_on(self, text: str, chapter: str) -> dict[str, str]:
        """Return the figures of the chapter that a text of the office names, as far as a long number tells one of them."""
        meant: dict[str, set[str]] = {}
        for one in self.printed:
            if one.key.partition("/")[0] == chapter:
                for ref, shown in one.basis.items():
                    meant.setdefault(shown, set()).add(ref)
        found = {}
        for number in numbers_in(text):
            refs = meant.get(number, set())
            if len(refs) == 1 and sum(sign.isdigit() for sign in number) >= _TELLING:
                found[next(iter(refs))] = number
        return found

    def _deleted(self) -> Iterator[Change]:
        taken = set(self.at.values())
        joined = {place for places in self.joined.values() for place in places}
        for place, one in enumerate(self.printed):
            if place in taken:
                continue
            if one.mark:
                yield Change("deleted", one.key, "", "", one, {} if place in joined else one.basis)
            elif one.kind in ("heading", "caption", "table") and (one.text or one.kind == "table"):
                named = {
                    "heading": f"the heading {_short(one.text)}",
                    "caption": f"the caption {_short(one.text)}",
                    "table": "a table",
                }
                self.left.append(f"{named[one.kind]} was deleted; it stays as long as the report prints something there")


def _what(piece: Piece) -> str:
    if piece.style.startswith("heading"):
        return "a heading"
    return "a caption" if "caption" in piece.style else "a line"


def bound(text: str, sources: Sequence[Printed]) -> tuple[str, dict[str, str]]:
    """Return a paragraph with references where figures of ``sources`` still stand, and what the office wrote in place of the others.

    A figure is found again where it stood; the same number elsewhere is bound when it is the only figure that prints so.
    """
    safe = text.replace("{{", "｛｛").replace("}}", "｝｝")
    old: list[tuple[str, str]] = []
    for source in sources:
        place = 0
        whole = unmarked(source.text)
        for start, end, ref in source.figures:
            old += ((token, "") for token in re.findall(rf"{_NUMBER}|.", whole[place:start], re.DOTALL))
            old.append((whole[start:end], ref))
            place = end
        old += ((token, "") for token in re.findall(rf"{_NUMBER}|.", whole[place:], re.DOTALL))
    shown = sorted({token for token, ref in old if ref}, key=lambda token: (-len(token), token))
    exact = [rf"(?<![\d.]){re.escape(token)}(?!\d|\.\d|%|‰)" if token[-1:].isdigit() else re.escape(token) for token in shown]
    new = re.findall("|".join([*exact, _NUMBER, "."]), safe, re.DOTALL)
    made: list[str] = list(new)
    says: dict[str, str] = {}
    free: list[int] = []
    matcher = SequenceMatcher(None, [token for token, _ in old], new, autojunk=False)
    for tag, start, end, at, to in matcher.get_opcodes():
        if tag == "equal":
            for offset in range(end - start):
                ref = old[start + offset][1]
                if ref:
                    made[at + offset] = f"{{{{ {ref} }}}}"
            continue
        free += range(at, to)
        was = [(token, ref) for token, ref in old[start:end] if re.fullmatch(_NUMBER, token)]
        now = [token for token in new[at:to] if re.fullmatch(_NUMBER, token)]
        if len(was) == len(now):
            says |= {ref: token for (before, ref), token in zip(was, now, strict=True) if ref and token != before}
    by_number: dict[str, set[str]] = {}
    for token, ref in old:
        if ref:
            by_number.setdefault(token, set()).add(ref)
    for place in free:
        refs = by_number.get(new[place], set())
        if len(refs) == 1:
            made[place] = f"{{{{ {next(iter(refs))} }}}}"
            says.pop(next(iter(refs)), None)
    return "".join(made), says


# ---------------------------------------------------------------- the text file


def absorb(root: Path, path: Path, *, township: str = "", year: int | None = None, dry_run: bool = False) -> Absorbed:
    """Take the office's changes of a Word file into the text file of its township and year; ``dry_run`` only says what would be done.

    The file that was there is kept beside it with ``.bak`` at the end of its name.

    Raises:
        UserError: the file is no report to be absorbed, or of another township or year.
        TextError: a paragraph holds what seems to be the number of a person; nothing is written.
    """
    record, found = read_word(path)
    for said, has in ((township, record.township), (str(year or ""), str(record.year))):
        if said and said != has:
            raise UserError(
                f"{path.name}: the report is of {record.township} {record.year}, not of {said}; "
                f"leave out --township and --year, or give the right file"
            )
    data = open_dataset(root, township=record.township, year=record.year)
    plan = compare(record, found)
    for change in plan.changes:
        if kind := personal_number(change.text):
            raise TextError(
                f"{path.name}: a paragraph of the chapter {change.key.partition('/')[0]} that was {change.verb} seems to hold a "
                f"{NAMES[kind][1]}; delete it in Word and absorb again: a report names no person"
            )
    target = text_path(root, record.township, record.year)
    before = target.read_bytes() if target.exists() else b""
    file = _File(before, data, plan)
    after = file.merged()
    left = [*plan.left, *file.left]
    if plan.tracked:
        left.append(f"{plan.tracked} tracked changes were taken as accepted; comments were not read")
    changed = after != before
    lines = tuple(change.told() for change in plan.changes)
    where = target.relative_to(root).as_posix()
    parse_text(after.decode("utf-8-sig"), where=where, chapters=data.text_sections)
    if dry_run or not changed:
        return Absorbed(where, (*lines, *file.told), tuple(left), False)
    return Absorbed(where, (*lines, *file.told), tuple(left), True, _write(target, before, after))


def _write(target: Path, before: bytes, after: bytes) -> str:
    """Write the text file whole or not at all, the earlier one kept beside it; return the name of the copy."""
    if (target.read_bytes() if target.exists() else b"") != before:
        raise UserError(f"{target.name}: the file changed while it was being written; run the command again")
    backup = target.with_name(target.name + ".bak")
    if before:
        store.atomic_write(backup, before)
    target.parent.mkdir(parents=True, exist_ok=True)
    store.atomic_write(target, after)
    return backup.name if before else ""


class _File:
    """The text file while changes are written into it: everything else keeps its line and its words."""

    def __init__(self, before: bytes, data: Dataset, plan: Plan) -> None:
        self.before = before
        content = before.decode("utf-8-sig")
        self.lines = content.splitlines()
        self.data, self.plan = data, plan
        where = text_path(data.root, data.township.key, data.year).relative_to(data.root).as_posix()
        self.text: OfficeText = parse_text(content, where=where, chapters=data.text_sections)
        self.entries = {passage.entry.key: passage for passage in self.text.absorbed if passage.entry is not None}
        self.spans: list[tuple[int, int, list[str]]] = []
        """Lines (from, up to, counted from 0) that give way to others."""
        self.fresh: dict[str, list[tuple[Entry, str]]] = {}
        """New entries by section."""
        self.told: list[str] = []
        self.left: list[str] = []

    def merged(self) -> bytes:
        """Return the content of the file with the changes of the plan."""
        keys = {change.key for change in self.plan.changes}
        for change in self.plan.changes:
            self._take(change)
        for key, passage in self.entries.items():
            entry = passage.entry
            if entry is not None and entry.build == self.plan.record.build and key not in keys:
                self._withdraw(passage, entry)
        return self._written()

    def drop(self, passage: Passage) -> bytes:
        """Return the content of the file without an entry: what was there before it is printed again."""
        assert passage.entry is not None
        self._withdraw(passage, passage.entry)
        return self._written()

    def confirm(self, passage: Passage) -> bytes:
        """Return the content of the file with an entry's figures as they are printed now."""
        entry = passage.entry
        assert entry is not None
        now = Figures(self.data, lang=entry.lang)
        self._replace(
            passage, replace(entry, basis={ref: shown for ref in entry.basis if (shown := now.shown(ref))}), passage.text
        )
        return self._written()

    def _take(self, change: Change) -> None:
        passage = self.entries.get(change.key)
        if passage is not None and passage.entry is not None:
            entry = self._changed(passage.entry, change, passage.text)
            text = change.text if change.verb != "deleted" else ""
            if change.verb == "confirmed":
                text = passage.text
            if entry.place and self._section_of(passage) != entry.place.partition("/")[0]:
                self._cut(passage)
                self._add(entry, text)
            else:
                self._replace(passage, entry, text)
            return
        if change.printed is not None and change.printed.office:
            self._take_own(change)
            return
        verbs = {"changed": "replaces", "moved": "moves", "deleted": "withholds", "added": "adds"}
        if change.verb in verbs:
            self._add(self._new(verbs[change.verb], change), change.text)

    def _new(self, verb: str, change: Change) -> Entry:
        record = self.plan.record
        generated = unmarked(change.printed.text) if change.printed is not None and not change.printed.office else ""
        generated = (
            "" if personal_number(generated) else generated
        )  # figures side by side can look like one: the text file refuses it
        return Entry(
            verb,
            change.key,
            change.place,
            record.lang,
            record.build,
            dict(change.basis),
            dict(change.says),
            generated=generated,
        )

    def _changed(self, entry: Entry, change: Change, text: str) -> Entry:
        """Return an entry after another change of its paragraph."""
        own = "/office/" in entry.key
        basis = dict(entry.basis)
        if change.confirmed or entry.build == self.plan.record.build:
            basis = {ref: value for ref, value in change.basis.items() if ref in basis or not change.confirmed} or basis
        changed = replace(entry, basis=basis, says=dict(change.says), place=change.place or entry.place)
        if change.verb == "confirmed":
            return replace(entry, basis=basis)
        if change.verb == "deleted":
            return replace(
                changed,
                verb="removes" if own else "withholds",
                place="",
                says={},
                written=entry.written or (text if own else ""),
            )
        if change.verb == "added" or change.place or (entry.verb in ("adds", "moves") and entry.place):
            return replace(changed, verb="adds" if own else "moves")
        return replace(changed, verb="edits" if own else "replaces")

    def _take_own(self, change: Change) -> None:
        """Take a change of a paragraph that the office wrote into the text file."""
        passage = self._own(change.key)
        if passage is None:
            if change.verb != "deleted":
                self.left.append(f"the text file no longer holds the paragraph that was {change.verb}: {_short(change.text)}")
            return
        verb = {"changed": "edits", "moved": "adds", "deleted": "removes"}.get(change.verb, "")
        if not verb:
            return
        entry = replace(self._new(verb, change), written=passage.text)
        if verb == "adds":
            self._cut(passage)
            self._add(entry, change.text)
        else:
            self._replace(passage, entry, change.text)

    def _own(self, key: str) -> Passage | None:
        """Return the paragraph of the text file that a key without an entry names."""
        chapter, _, ending = key.rpartition("/office/")[0], "", key.rpartition("/")[2]
        digits, _, ordinal = ending.partition("~")
        found = [
            (section != chapter, passage)
            for section, passages in self.text.sections.items()
            for passage in passages
            if passage.kind == "paragraph" and passage.entry is None and short_hash(passage.text) == digits
        ]
        found.sort(key=lambda pair: (pair[0], pair[1].line))
        place = int(ordinal or 1) - 1
        return found[place][1] if place < len(found) else None

    def _withdraw(self, passage: Passage, entry: Entry) -> None:
        """Undo an entry: the generated paragraph comes back by itself, the office's own words are written back."""
        if entry.written:
            self.spans.append((passage.start - 1, passage.end, [entry.written]))
        else:
            self._cut(passage)
        self.told.append(f"withdrawn {entry.verb} {entry.key}: {_short(passage.text or entry.written or entry.generated)}")

    def _section_of(self, passage: Passage) -> str:
        return next(section for section, passages in self.text.sections.items() if passage in passages)

    def _cut(self, passage: Passage) -> None:
        end = passage.end
        while end < len(self.lines) and not self.lines[end].strip():
            end += 1
        self.spans.append((passage.start - 1, end, []))

    def _replace(self, passage: Passage, entry: Entry, text: str) -> None:
        self.spans.append((passage.start - 1, passage.end, _block(entry, text)))

    def _add(self, entry: Entry, text: str) -> None:
        self.fresh.setdefault((entry.place or entry.key).partition("/")[0], []).append((entry, text))

    def _written(self) -> bytes:
        """Return the lines with all spans replaced and the new entries in their sections."""
        if not (self.spans or self.fresh):
            return self.before
        inserted: list[tuple[int, list[str]]] = []
        closing: list[str] = []
        ends = self._section_ends()
        for section, entries in self.fresh.items():
            for entry, text in entries:
                block = _block(entry, text)
                if section not in ends:
                    if f"## {section}" not in closing:
                        closing += ["", f"## {section}"]
                    closing += ["", *block]
                    continue
                before = next((item for item in self._placed(section) if item.place == entry.place and entry.place), None)
                if before is not None:
                    inserted.append((before.line - 1, [*block, ""]))
                else:
                    inserted.append((ends[section], ["", *block]))
        spans = [*self.spans, *((at, at, block) for at, block in inserted)]
        made: list[str] = []
        place = 0
        order = sorted(range(len(spans)), key=lambda one: (spans[one][0], spans[one][1] > spans[one][0], one))
        for one in order:
            start, end, block = spans[one]
            made += self.lines[place:start]
            made += block
            place = max(place, end)
        made += [*self.lines[place:], *closing]
        while made and not made[0].strip():
            made.pop(0)
        ending = "\r\n" if b"\r\n" in self.before else "\n"
        content = "".join(line + ending for line in "\n".join(made).rstrip("\n").split("\n")) if made else ""
        return self.before[:3] * self.before.startswith(b"\xef\xbb\xbf") + content.encode("utf-8")

    def _placed(self, section: str) -> list[Entry]:
        return [passage.entry for passage in self.text.sections.get(section, ()) if passage.entry is not None]

    def _section_ends(self) -> dict[str, int]:
        """Return after which line (counted from 1) the words of each section end."""
        content = re.sub(r"<!--.*?-->", lambda found: "\n" * found[0].count("\n"), "\n".join(self.lines), flags=re.DOTALL)
        blanked = content.split("\n") if self.lines else []
        keys = {**{key: key for key in self.data.text_sections}, **{name: key for key, name in self.data.text_sections.items()}}
        ends: dict[str, int] = {}
        current = ""
        for number, (bare, line) in enumerate(zip(blanked, self.lines, strict=True), start=1):
            if bare.strip().startswith("## "):
                current = keys[bare.strip()[3:].strip()]
            if current and line.strip():
                ends[current] = number
        return ends


def _block(entry: Entry, text: str) -> list[str]:
    line = plain_line(text)
    return [*entry.comment().split("\n"), *([("＃" + line[1:]) if line.startswith("#") else line] if line else [])]


# ---------------------------------------------------------------- looking after what was absorbed


def absorbed_lines(data: Dataset) -> list[str]:
    """Return a line for every absorbed paragraph of a township and year: what it does, its key, whether its figures moved, its words."""
    lines = []
    for passage in data.text.absorbed:
        entry = passage.entry
        assert entry is not None
        moved = Figures(data, lang=entry.lang).moved(entry.basis)
        state = "; ".join(f"{one.zh if entry.lang == 'zh' else one.en} {one.before}→{one.now or '—'}" for one in moved)
        where = f" after {entry.place}" if entry.place else ""
        words = passage.text or entry.written or entry.generated
        lines.append(f"{entry.verb} {entry.key}{where}{f' [outdated: {state}]' if state else ''}: {_short(words)}")
    return lines


def drop(data: Dataset, key: str, *, dry_run: bool = False) -> str:
    """Take an absorbed paragraph out of the text file, so that what was there before is printed again; return what was done.

    Raises:
        UserError: there is none of that key.
    """
    return _settle(data, key, dropping=True, dry_run=dry_run)


def confirm(data: Dataset, key: str, *, dry_run: bool = False) -> str:
    """Say that an absorbed paragraph holds with the figures of today; return what was done.

    Raises:
        UserError: there is none of that key.
    """
    return _settle(data, key, dropping=False, dry_run=dry_run)


def _settle(data: Dataset, key: str, *, dropping: bool, dry_run: bool) -> str:
    target = text_path(data.root, data.township.key, data.year)
    entries = {passage.entry.key: passage for passage in data.text.absorbed if passage.entry is not None}
    if key not in entries:
        known: Iterable[str] = entries
        raise UserError(f"{data.text.file}: no absorbed paragraph {key!r}{did_you_mean(key, known)}; see nianbao absorb --list")
    before = target.read_bytes()
    empty = Record(data.township.key, data.year, "zh", "internal", "", ())
    file = _File(before, data, Plan(empty, (), (), 0))
    after = (file.drop if dropping else file.confirm)(entries[key])
    parse_text(after.decode("utf-8-sig"), where=data.text.file, chapters=data.text_sections)
    if not dry_run:
        _write(target, before, after)
    return f"{'dropped' if dropping else 'confirmed'} {key}"

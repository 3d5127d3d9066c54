"""The office's words in a chapter: its own text, and the paragraphs taken back from an edited Word file, each kept in its place.

Every paragraph of a chapter has a key: chapter, heading and the indicator it tells first, never a value (``population/births/births``), so
that the key stays when figures move.  An absorbed entry stands for the generated paragraph of its key, prints one after it, or withholds
it; when a figure it rests on is printed otherwise than when the office wrote, the paragraph says so in the internal edition and
:func:`text_findings` lists it.  Whatever finds no place is printed at the end of its chapter: nothing of the office's is ever dropped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nianbao import blocks
from nianbao.blocks import Block, Run, run
from nianbao.catalogue import Indicator, Method
from nianbao.checks import named
from nianbao.composer import Composer
from nianbao.dataset import Dataset
from nianbao.errors import Cell, Finding, Severity, TextError
from nianbao.facts import ROLES, Fact, FactBook
from nianbao.formulas import reference
from nianbao.narrative import Narrator
from nianbao.officetext import REFERENCE, Entry, Passage, parse_reference
from nianbao.values import MINUS, SUPPRESSED_MARK, Status

_MARKS: Mapping[str, tuple[str, str]] = {
    "zh": ("【此段依据已变：", "】"),
    "en": ("[The figures behind this paragraph have changed: ", "]"),
}
"""What opens and closes the mark of a paragraph whose figures moved."""
_HOMELESS: Mapping[str, str] = {
    "zh": "【此段原来的位置已不存在】",
    "en": "[The place of this paragraph no longer exists]",
}
_MARK = re.compile(
    "|".join(re.escape(opened) + ".*?" + re.escape(closed) for opened, closed in _MARKS.values())
    + "|"
    + "|".join(map(re.escape, _HOMELESS.values()))
)
_GONE = {"zh": "无", "en": "none"}
_ALIKE = 0.6
"""Share of indicators two paragraphs under one heading must have in common to be the same paragraph though another comes first in it."""
_ROLE_NAMES: Mapping[str, tuple[str, str]] = {
    "value": ("", ""),
    "previous": ("上年数", " of the year before"),
    "change": ("增减", ": change"),
    "change_pct": ("增减幅度", ": relative change"),
    "magnitude": ("", ""),
    "numerator": ("分子", ": numerator"),
    "denominator": ("分母", ": denominator"),
    "target": ("目标", ": target"),
    "deviation": ("与目标之差", ": deviation from target"),
    "gap": ("与目标的差距", ": gap to target"),
    "lower": ("区间下限", ": lower limit"),
    "upper": ("区间上限", ": upper limit"),
}
_DERIVED = ("change", "change_pct", "deviation", "gap", "lower", "upper", "numerator", "denominator")
"""Roles that move when the value moves, and then need not be named beside it."""


def short_hash(text: str) -> str:
    """Return eight hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]


def asked(ref: str, role: str) -> str:
    """Return how the office's text refers to an aspect of a result: ``births``, ``births.previous``."""
    return ref if role == "value" else f"{ref}.{role}"


@dataclass(frozen=True)
class Moved:
    """A figure that is printed otherwise than when the office wrote: its reference, names in both languages, and what was and is printed."""

    asked: str
    zh: str
    en: str
    before: str
    now: str
    """Empty when the figure is no longer there."""
    cells: tuple[Cell, ...] = ()


class Figures:
    """The figures of a dataset as they are printed now, by the references of the office's text; registers no fact."""

    def __init__(self, data: Dataset, *, lang: str) -> None:
        self._data, self._lang = data, lang
        self._tell = Narrator(data.results, FactBook("text"), lang=lang)

    def shown(self, written: str) -> str:
        """Return what a reference prints now; empty when there is nothing to print."""
        try:
            ref, role = parse_reference(written, where="")
            found = self._data.referenced(ref, role, where="")
            if role == "magnitude":
                return self._tell.magnitude(found)["text"]
            return self._tell.aspect(found, role)[1]
        except (TextError, ValueError):
            return ""

    def moved(self, basis: Mapping[str, str]) -> tuple[Moved, ...]:
        """Return the figures of a basis that moved, in its order; what follows from a value that moved is left out."""
        changed = {written: now for written, before in basis.items() if not _alike(now := self.shown(written), before)}
        found = []
        for written, now in changed.items():
            ref, role = parse_reference(written, where="")
            if (role in _DERIVED or role == "magnitude") and self._follows(ref, changed):
                continue
            result = self._data.results.get(ref)
            zh, en = (
                (named(result.entry, result.dims, self._data.results, lang=lang) for lang in ("zh", "en"))
                if result
                else (ref, ref)
            )
            more = _ROLE_NAMES.get(role, ("", ""))
            cells = result.cells if result is not None else ()
            found.append(Moved(written, zh + more[0], en + more[1], basis[written], now, cells))
        return tuple(found)

    def _follows(self, ref: str, changed: Mapping[str, str]) -> bool:
        """True for an aspect of a figure that itself moved, or of the change of one that did."""
        if ref in changed:
            return True
        result = self._data.results.get(ref)
        if (
            result is None
            or not isinstance(result.entry, Indicator)
            or result.entry.method not in (Method.CHANGE, Method.CHANGE_PCT)
        ):
            return False
        return any(reference(term.entry, result.dims) in changed for term in result.entry.numerator)


class Edited(Composer):
    """A chapter with the office's words in it."""

    edition: str = "internal"

    def __init__(self, name: str, dataset: Dataset, *, lang: str) -> None:
        super().__init__(name, dataset, lang=lang)
        self._text = dataset.text
        self._printed = Figures(dataset, lang=lang)
        self._section = f"{name}/top"
        self._anchors: set[str] = set()
        own = [(passage, passage.entry) for passage in self._text.about(name) if passage.entry is not None]
        self._claims = {
            entry.key: passage
            for passage, entry in own
            if entry.chapter == name
            and (entry.verb == "withholds" or (entry.verb in ("replaces", "moves") and entry.lang == lang))
            and "/office/" not in entry.key
        }
        """Entries for generated paragraphs of this chapter, by key, until the paragraph comes."""
        self._to_place = [
            (entry.place, passage)
            for passage, entry in own
            if entry.verb in ("adds", "moves") and entry.lang == lang and entry.place.partition("/")[0] == name
        ]
        """Paragraphs to print after something of this chapter, with what they follow, until it comes."""

    # --- the office's own text -----------------------------------------------------------------------------------------

    def office_text(self, section: str = "") -> None:
        """Place the office's own text of this chapter (or of ``section``), its references bound to facts.

        Its headings go one level below the heading they stand under.  What was absorbed with a place of its own is printed there.

        Raises:
            TextError: a reference names no result, or nothing of the kind asked for.
        """
        for passage in self._text.sections.get(section or self.name, ()):
            if passage.kind == "heading":
                key = self._key(f"text-{short_hash(passage.text)}")
                self._pending.append(blocks.heading(passage.text, level=self._level + 1, key=key))
            elif passage.kind == "paragraph" and (passage.entry is None or passage.entry.verb == "edits"):
                key = passage.entry.key if passage.entry else f"{self.name}/office/{short_hash(passage.text)}"
                self._set(self._own_block(passage), self._unique(key))

    def _own_block(self, passage: Passage, *, homeless: bool = False) -> Block:
        """Return a paragraph of the office as a block, marked where its figures moved."""
        where = f"{self._text.file}:{passage.line}"
        runs = self._bound(passage, where)
        entry, marks = passage.entry, ""
        basis: dict[str, str] = {}
        for found in REFERENCE.finditer(passage.text):
            basis[found["ref"]] = self._printed.shown(found["ref"])
        if entry is not None:
            basis |= {written: self._printed.shown(written) for written in entry.basis}
            marks = mark_of(self._printed.moved(entry.basis), lang=self.lang)
        marks += _HOMELESS[self.lang] if homeless else ""
        if marks and self.edition == "internal":
            words = self._book.words(marks, source=where, role="office", subject=f"{where}:mark")
            for part in words:
                part["emphasis"] = "strong"
            runs = [*runs, *words]
        made = blocks.paragraph(runs, origin="office")
        return {**made, "basis": {written: shown for written, shown in basis.items() if shown}}

    def _bound(self, passage: Passage, where: str) -> list[Run]:
        pieces: list[Any] = []
        place = 0
        for found in REFERENCE.finditer(passage.text):
            pieces += self._book.words(passage.text[place : found.start()], source=where, role="office", subject=where)
            pieces += self._referenced(found["ref"], where, passage.entry)
            place = found.end()
        pieces += self._book.words(passage.text[place:], source=where, role="office", subject=where)
        return self._tell.join(*pieces)

    def _referenced(self, text: str, where: str, entry: Entry | None) -> list[Run]:
        if self._withholds(text, where):
            return [run(SUPPRESSED_MARK[self.lang])]
        if entry is not None and text in entry.basis and not self._printed.shown(text):
            return self._book.words(
                entry.basis[text], source=where, role="office", subject=where
            )  # the data lost it; the mark says so
        ref, role = parse_reference(text, where=where)
        found = self._data.referenced(ref, role, where=where)
        if role == "magnitude":
            return [self._tell.magnitude(found)]
        if role != "movement":
            return [self._tell.fact(found, role)]
        return without_lead(self._tell.movement(found), "，" if self.zh else ", ")

    def _withholds(self, text: str, where: str) -> bool:
        """True where a reference names what the internal edition prints and this one does not."""
        if self._data.internal is None:
            return False
        ref, role = parse_reference(text, where=where)
        found = self._results.get(ref)
        if self._data.known_internally(ref) and (found is None or found.status is Status.SUPPRESSED):
            return True
        earlier = role in ("previous", "change", "change_pct", "movement")
        return found is not None and found.previous_status is Status.SUPPRESSED and earlier

    # --- paragraphs and their keys -------------------------------------------------------------------------------------

    def _publish(self, block: Block, *, images: dict[str, str] | None = None) -> None:
        waiting, self._pending = self._pending, []
        for heading in waiting:
            self._section = f"{self.name}/{heading['key']}"
            self._pending.append({**heading, "anchor": self._section})
            self._place_after(self._section)
        if block["type"] not in ("paragraph", "note"):
            key = f"{self.name}/{block['key']}"
            super()._publish({**block, "anchor": key}, images=images)
            self._place_after(key)
            return
        facts = [self._book.facts[part["fact"]] for part in block["runs"] if part.get("fact") in self._book.facts]
        basis = {written: fact.display for fact in facts if (written := self._rests_on(fact))}
        key = self._unique(f"{self._section}/{next(iter(basis), 'text').partition('.')[0].replace(' ', '_')}")
        claim = self._claim(key, basis)
        if claim is None:
            self._set({**block, "basis": basis}, key)
            return
        passage, entry = claim
        if entry.verb == "replaces":
            self._set(self._own_block(passage), entry.key)
        else:
            self._place_after(entry.key)

    def _set(self, block: Block, key: str) -> None:
        """Publish a paragraph under its key, and what the office placed after it."""
        super()._publish({**block, "anchor": key})
        self._place_after(key)

    def _unique(self, wanted: str) -> str:
        key, count = wanted, 1
        while key in self._anchors:
            count += 1
            key = f"{wanted}~{count}"
        self._anchors.add(key)
        return key

    def _rests_on(self, fact: Fact) -> str:
        """Return the reference that prints a fact; empty for a number that belongs to no result or cannot be asked for again."""
        if fact.role not in ROLES or fact.indicator not in self._catalogue.entries:
            return ""
        ref = reference(fact.indicator, fact.dims)
        written = asked(ref, fact.role)
        return written if self._printed.shown(written) == fact.display else ""

    def _claim(self, key: str, basis: Mapping[str, str]) -> tuple[Passage, Entry] | None:
        """Return, once, the entry for a generated paragraph: the one of its key, or of a paragraph much like it under the same heading."""
        found = key if key in self._claims else ""
        if not found and basis:
            told = {written.partition(".")[0] for written in basis}
            for candidate, passage in self._claims.items():
                assert passage.entry is not None
                before = {written.partition(".")[0] for written in passage.entry.basis}
                if candidate.rpartition("/")[0] == self._section and len(told & before) >= _ALIKE * len(told | before):
                    found = candidate
                    break
        if not found:
            return None
        passage = self._claims.pop(found)
        assert passage.entry is not None
        return passage, passage.entry

    def _place_after(self, key: str) -> None:
        """Publish the office's paragraphs that follow a heading, paragraph, table or figure."""
        due = [passage for place, passage in self._to_place if place == key]
        if due:
            self._to_place = [(place, passage) for place, passage in self._to_place if place != key]
            for passage in due:
                assert passage.entry is not None
                self._set(self._own_block(passage), passage.entry.key)

    def place_rest(self) -> list[str]:
        """Publish, at the end of the chapter, the office's paragraphs whose place did not come; return their keys."""
        rest = [passage for passage in self._claims.values() if passage.entry is not None and passage.entry.verb == "replaces"]
        self._claims = {}
        keys = []
        while rest or self._to_place:
            passage = rest.pop(0) if rest else self._to_place.pop(0)[1]
            assert passage.entry is not None
            keys.append(passage.entry.key)
            self._set(self._own_block(passage, homeless=True), passage.entry.key)
        return keys


def unmarked(text: str) -> str:
    """Return a paragraph without the marks the report set on it."""
    return _MARK.sub("", text).rstrip()


def mark_of(moved: Sequence[Moved], *, lang: str) -> str:
    """Return the mark of a paragraph whose figures moved, empty when none did: ``【此段依据已变：出生 151→153】``."""
    if not moved:
        return ""
    said = (f"{one.zh if lang == 'zh' else one.en} {one.before}→{one.now or _GONE[lang]}" for one in moved)
    opened, closed = _MARKS[lang]
    return opened + ("；" if lang == "zh" else "; ").join(said) + closed


def text_findings(data: Dataset, unplaced: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Return what is to be looked at in the office's absorbed paragraphs.

    ``unplaced`` are the keys of paragraphs whose place a chapter did not reach; only a run knows them.
    """
    return tuple(_findings(data, unplaced))


def _findings(data: Dataset, unplaced: Sequence[str]) -> Iterator[Finding]:
    figures = {lang: Figures(data, lang=lang) for lang in ("zh", "en")} if data.text.absorbed else {}
    for passage in data.text.absorbed:
        entry = passage.entry
        assert entry is not None
        at = Cell(data.text.file, "", str(passage.line))
        now = figures.get(entry.lang, figures["zh"])
        if moved := now.moved(entry.basis):
            yield _outdated(entry, at, moved)
        for written, said in entry.says.items():
            shown = now.shown(written)
            if shown and not _alike(shown, said):
                yield _differs(data, entry, at, written, said, shown)
        if entry.key in unplaced:
            yield Finding(
                "text-unplaced",
                Severity.WARN,
                (at,),
                f"单位改写的一段文字（{entry.key}）原来的位置已不存在，印在本章末尾",
                f"the place of a paragraph of the office ({entry.key}) no longer exists; it is printed at the end of its chapter",
                "在Word中移到合适的位置后再次absorb，或在文本文件中删去",
                "move it in Word and absorb again, or delete it in the text file",
                entry.chapter,
            )


def _alike(one: str, other: str) -> bool:
    """True for the same figure in print, whichever sign the office writes before one below zero."""
    return one.replace(MINUS, "-") == other.replace(MINUS, "-")


def _outdated(entry: Entry, at: Cell, moved: Sequence[Moved]) -> Finding:
    numbers: dict[str, str] = {}
    zh, en = [], []
    for place, one in enumerate(moved):
        numbers |= {f"before{place}": one.before, f"now{place}": one.now or "—"}
        zh.append(f"{one.zh} {{before{place}}}→{{now{place}}}")
        en.append(f"{one.en} {{before{place}}}→{{now{place}}}")
    gone = entry.verb in ("withholds", "removes")
    what_zh = "单位删去的一段文字" if gone else "单位改写的一段文字"
    what_en = "a paragraph the office deleted" if gone else "a paragraph of the office"
    return Finding(
        "text-outdated",
        Severity.WARN,
        (at, *dict.fromkeys(cell for one in moved for cell in one.cells)),
        f"{what_zh}（{entry.key}）依据已变：{'；'.join(zh)}",
        f"{what_en} ({entry.key}) rests on figures that have changed: {'; '.join(en)}",
        f"核对这段文字；仍然成立的，运行nianbao absorb --confirm '{entry.key}'，或在Word中删去标记后再次absorb",
        f"look at it again; if it still holds, run nianbao absorb --confirm '{entry.key}', or delete the mark in Word and absorb again",
        entry.chapter,
        numbers,
    )


def _differs(data: Dataset, entry: Entry, at: Cell, written: str, said: str, shown: str) -> Finding:
    ref, _ = parse_reference(written, where="")
    result = data.results.get(ref)
    zh, en = (named(result.entry, result.dims, data.results, lang=lang) for lang in ("zh", "en")) if result else (ref, ref)
    return Finding(
        "text-figure-differs",
        Severity.WARN,
        (at, *(result.cells if result else ())),
        f"单位改写的一段文字（{entry.key}）写{zh}{{said}}，数据为{{shown}}",
        f"a paragraph of the office ({entry.key}) says {en} {{said}}, the data say {{shown}}",
        "数据有误的改报表；文字有误的改文字，或写成{{{{ " + written + " }}}}",
        "mend the return if the data are wrong, else the text; written as {{{{ " + written + " }}}} it follows the data",
        entry.chapter,
        {"said": said, "shown": shown},
    )


def without_lead(runs: Sequence[Run], lead: str) -> list[Run]:
    """Return runs without the words they open with, and the comma after those."""
    if not runs:
        return []
    first, *rest = runs
    words = first["text"].removeprefix(lead).removeprefix("，")
    return [*([run(words)] if words else []), *rest]


def without_words(runs: Sequence[Run], *words: str) -> list[Run]:
    """Return runs without these words, wherever a run that is no figure holds them; a run of nothing else is left out."""
    made = []
    for part in runs:
        text = part["text"]
        if "fact" not in part:
            for word in words:
                text = text.replace(word, "")
        if text:
            made.append(part if text == part["text"] else run(text))
    return made

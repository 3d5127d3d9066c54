"""How chapters become one document: parts and attachments in their order, headings, tables and figures numbered through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nianbao import blocks
from nianbao.blocks import Block, plain, run
from nianbao.errors import ReportError

Lang = Literal["zh", "en"]

_KINDS: Mapping[str, Mapping[str, str]] = {
    "zh": {"table": "表", "figure": "图"},
    "en": {"table": "Table ", "figure": "Figure "},
}
_MARKS = {"zh": "附件", "en": "Annex "}
_CLOSING = {"zh": "特此报告。", "en": "This report is respectfully submitted."}
_DEEPEST = 4

Chapters = Sequence[tuple[str, list[tuple[Block, dict[str, Any]]]]]
"""Area and blocks, each with its display bundle, chapter by chapter."""


@dataclass(frozen=True)
class PartHeading:
    """A heading of a skeleton: above its chapters, or in place of its one chapter's, or of a section's of that chapter."""

    title: str
    chapters: tuple[str, ...]
    above: bool = False
    section: str = ""


@dataclass(frozen=True)
class Letter:
    """What makes a report a formal letter: GB/T 9704-2012 calls for a recipient, a number, a signature and attachments.

    ``attachments`` are (area, title) pairs in order; an area that shows nothing has no attachment.  ``closing`` says whether
    the text ends with the usual words, ``seal`` whether the signature leaves room for a seal.
    """

    recipient: str
    number: str | None = None
    letterhead: str | None = None
    signer: str | None = None
    closing: bool = True
    seal: bool = False
    attachments: tuple[tuple[str, str], ...] = ()

    def record(self, lang: Lang) -> dict[str, Any]:
        """Return what the first page prints, as the cover block carries it."""
        zh = lang == "zh"
        signer = None if self.signer is None else f"{'签发人：' if zh else 'Issued by: '}{self.signer}"
        recipient = self.recipient + ("：" if zh else ":")
        return {"letterhead": self.letterhead, "number": self.number, "signer": signer, "recipient": recipient}

    def ending(self, cover: Block, *, lang: Lang, titles: Sequence[str]) -> list[Block]:
        """Return the blocks below the text: closing words, list of attachments, signature and date."""
        made: list[Block] = []
        if self.closing:
            made.append({**blocks.paragraph([run(_CLOSING[lang])]), "closing": True})
        if titles:
            word = {"zh": "附件：", "en": "Annexes: " if len(titles) > 1 else "Annex: "}[lang]
            entries = [{"number": f"{place}." if len(titles) > 1 else "", "title": one} for place, one in enumerate(titles, 1)]
            gap = "" if lang == "zh" else " "
            said = word + "".join(f"{entry['number']}{gap if entry['number'] else ''}{entry['title']} " for entry in entries)
            made.append({"type": "enclosures", "word": word, "entries": entries, "runs": [run(said.rstrip())]})
        office, day = cover["office"], cover["date_text"]
        if office or day:
            said = " ".join(filter(None, (office, day)))
            made.append({"type": "signature", "office": office, "date_text": day, "seal": self.seal, "runs": [run(said)]})
        return made


def chinese_numeral(number: int) -> str:
    """Return ``number`` in Chinese numerals: 1 一, 10 十, 12 十二, 20 二十, 99 九十九.

    Raises:
        ValueError: the number is not between 1 and 99.
    """
    if not 1 <= number <= 99:
        raise ValueError(f"{number} is not between 1 and 99")
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if tens == 0:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def heading_number(counts: Sequence[int], *, lang: Lang) -> str:
    """Return the number of a heading from the counts of its numbered ancestors and itself.

    ``counts`` has one entry a level down to the heading's own; an unnumbered ancestor counts 0.
    """
    if lang == "en":
        return ".".join(str(count) for count in counts if count)
    styles = ("{}、", "（{}）", "{}.", "（{}）")
    level = len(counts)
    shown = chinese_numeral(counts[-1]) if level <= 2 else str(counts[-1])
    return styles[level - 1].format(shown)


class Numbering:
    """Counts headings, tables and figures through a report and keeps identifiers unique."""

    def __init__(self, lang: Lang) -> None:
        self._lang: Lang = lang
        self._counts: list[int] = []
        self._running = {"table": 0, "figure": 0}
        self._taken: set[str] = set()
        self._attached = False

    def fill(self, block: Block, *, area: str) -> None:
        """Number a heading, table or figure and give it its identifier; other blocks stay as they are.

        Raises:
            ReportError: a heading skips a level, or a key is used twice.
        """
        kind = block["type"]
        if kind == "heading":
            block["number"] = self._heading(block, area=area)
            block["id"] = self._identifier(f"{area}-{block['key']}", area=area)
        elif kind in self._running:
            self._running[kind] += 1
            block["number"] = f"{_KINDS[self._lang][kind]}{self._running[kind]}"
            block["id"] = self._identifier(f"{area}-{block['key']}-{kind}", area=area)

    def _heading(self, block: Block, *, area: str) -> str:
        level = int(block["level"])
        if block.get("mark"):
            self._counts, self._attached = [0], True
            return ""
        if not 1 <= level <= 4 or level > len(self._counts) + 1:
            raise ReportError(
                f"chapter {area!r}: heading “{plain(block['runs'])}” has level {level} after level {len(self._counts)}; "
                f"a heading goes down one level at a time, from 1 to 4"
            )
        open_counts = self._counts[:level]
        if len(open_counts) < level:
            open_counts.append(0)
        if not block.get("numbered", True):
            # Keep the level open without a number, so that the next numbered sibling continues the count.
            self._counts = open_counts
            return ""
        open_counts[-1] += 1
        self._counts = open_counts
        if self._attached:
            # The title of an attachment has no number, so that what stands below it is numbered from the first level on.
            block["rank"] = level - 1
            return heading_number(open_counts[1:], lang=self._lang)
        return heading_number(open_counts, lang=self._lang)

    def _identifier(self, wanted: str, *, area: str) -> str:
        if not wanted or re.search(r"\s", wanted):
            raise ReportError(f"chapter {area!r}: key {wanted!r} must not hold white space")
        if wanted in self._taken:
            raise ReportError(f"chapter {area!r}: key {wanted!r} is used twice; keys are unique within a chapter")
        self._taken.add(wanted)
        return wanted


def with_parts(chapters: Chapters, parts: Sequence[PartHeading]) -> Chapters:
    """Return the chapters below the headings of a skeleton's parts; they are not changed.

    A part over chapters stands before the first of them that is there, and each of them a level deeper, down to the fourth.
    Any other renames the heading of its chapter or section.
    """
    made = [(area, [(dict(block), bundle) for block, bundle in shown]) for area, shown in chapters]
    for part in parts:
        words = [run(part.title)]
        held = [shown for area, shown in made if area in part.chapters]
        if not part.above:
            for shown in held:
                shown[:] = list(_renamed(shown, words, section=part.section))
            continue
        for shown in held:
            for block, _ in shown:
                if block["type"] == "heading":
                    block["level"] = min(_DEEPEST, block["level"] + 1)
        for shown in held[:1]:
            shown.insert(0, ({"type": "heading", "level": 1, "runs": words, "key": "part"}, {}))
    return made


def _renamed(
    shown: Sequence[tuple[Block, dict[str, Any]]], words: list[Any], *, section: str
) -> Iterator[tuple[Block, dict[str, Any]]]:
    """Yield the blocks of a chapter with its own heading renamed, or with one section made a heading of the first level."""
    opened = False
    if section and not any(block["type"] == "heading" and block["key"] == section for block, _ in shown):
        section, words = "", []  # the chapter has no such section: its own heading stays
    for block, bundle in shown:
        if block["type"] != "heading":
            yield block, bundle
        elif not section:
            yield ({**block, "runs": words} if words and block["level"] == 1 else block), bundle
        elif block["level"] == 2:
            opened = block["key"] == section
            yield ({**block, "level": 1, "runs": words} if opened else block), bundle
        elif block["level"] > 2:
            yield ({**block, "level": block["level"] - 1} if opened else block), bundle
        elif block["key"] != "top":
            opened = False
            yield block, bundle


def as_attachment(
    shown: Sequence[tuple[Block, dict[str, Any]]], *, title: str, place: int, of: int, area: str, lang: Lang
) -> list[tuple[Block, dict[str, Any]]]:
    """Return a chapter as attachment ``place`` of ``of``: its own heading gives way to mark and title.

    Raises:
        ReportError: it has no heading of its own, or two.
    """
    made = [(dict(block), bundle) for block, bundle in shown]
    heads = [block for block, _ in made if block["type"] == "heading" and block["level"] == 1]
    if len(heads) != 1:
        raise ReportError(f"chapter {area!r} has {len(heads)} headings of the first level; an attachment has one, its title")
    heads[0]["mark"] = f"{_MARKS[lang]}{place if of > 1 else ''}".rstrip()
    if title:
        heads[0]["runs"] = [run(title)]
    return made

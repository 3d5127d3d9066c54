"""Measures a printed document from outside: what stands where on each page of a PDF, in which face and size.

Lengths are millimetres from the left and the top edge of the page; sizes of type are points.  Nothing here knows how reports are made.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

A4_MM = (210.0, 297.0)
MARGINS_MM = {"top": 37.0, "right": 26.0, "bottom": 35.0, "left": 28.0}
"""Of an odd page of GB/T 9704-2012; an even one is its mirror image."""
TEXT_MM = (156.0, 225.0)
LINES, CHARACTERS = 22, 28
NUMBER_DROP_MM = 7.0
"""From the type area down to the dash beside the page number."""
SLACK_MM = 1.0
"""How far a box may pass an edge: side bearings, and a mark squeezed at the end of a line."""
PAGE_NUMBER = re.compile(r"—(\d+)—")
_MM = 25.4 / 72
_SAME_LINE_MM = 1.0
_ATTACHMENT = re.compile(r"附件\d*")
TITLE_PT = 22.0
_CAPTION = re.compile(r"(?:表|图|Table|Figure)\d+")
_FOOTER_MM = 20.0
"""How far below the type area page numbers are looked for."""


@dataclass(frozen=True)
class Mark:
    """One printed character: where its ink is, and ``middle``, the height of the middle of its line box."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    middle: float
    size: float
    face: str


@dataclass(frozen=True)
class Line:
    """Marks on one height, from left to right."""

    marks: tuple[Mark, ...]

    @property
    def text(self) -> str:
        return "".join(mark.text for mark in self.marks)

    @property
    def left(self) -> float:
        return self.marks[0].left

    @property
    def right(self) -> float:
        return max(mark.right for mark in self.marks)

    @property
    def middle(self) -> float:
        return self.marks[0].middle

    @property
    def size(self) -> float:
        """The size most of the line is set in."""
        return Counter(mark.size for mark in self.marks).most_common(1)[0][0]

    @property
    def face(self) -> str:
        """The face most of the line is set in."""
        return Counter(mark.face for mark in self.marks).most_common(1)[0][0]


@dataclass(frozen=True)
class Page:
    """A page: ``sheet`` counts from 1, ``width`` and ``height`` are of the paper as it is read."""

    sheet: int
    width: float
    height: float
    lines: tuple[Line, ...]

    @property
    def turned(self) -> bool:
        return self.width > self.height

    @property
    def number(self) -> int | None:
        """The printed page number; None on a page without one."""
        found = PAGE_NUMBER.fullmatch("".join(line.text for line in self.foot()))
        return int(found[1]) if found else None

    @property
    def odd(self) -> bool:
        """Whether it is a right-hand page; one without a number by its sheet."""
        return (self.number or self.sheet) % 2 == 1

    def area(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of the type area."""
        if self.turned:  # an odd or even page a quarter to the right: its top is on the right
            left, top = MARGINS_MM["bottom"], MARGINS_MM["left"]
            return left, top, left + TEXT_MM[1], top + TEXT_MM[0]
        left = MARGINS_MM["left"] if self.odd else MARGINS_MM["right"]
        return left, MARGINS_MM["top"], left + TEXT_MM[0], MARGINS_MM["top"] + TEXT_MM[1]

    def body(self) -> list[Line]:
        """Return the lines of the type area: without what stands above it, and without the page number."""
        if self.turned:
            edge = MARGINS_MM["bottom"] - SLACK_MM
            return [line for line in self.lines if line.left > edge]
        bottom = MARGINS_MM["top"] + TEXT_MM[1]
        return [line for line in self.lines if MARGINS_MM["top"] - 3 < line.middle and not self._is_foot(line, bottom)]

    def foot(self) -> list[Line]:
        """Return what stands below the type area; of a turned page, left of it from the bottom up."""
        if self.turned:
            edge = MARGINS_MM["bottom"]
            marks = sorted((mark for line in self.lines for mark in line.marks if mark.right < edge), key=lambda one: one.top)
            return [Line((mark,)) for mark in marks]
        bottom = MARGINS_MM["top"] + TEXT_MM[1]
        return [line for line in self.lines if self._is_foot(line, bottom)]

    @staticmethod
    def _is_foot(line: Line, bottom: float) -> bool:
        return bottom + 2 < line.middle < bottom + _FOOTER_MM


def pages_of(content: bytes) -> list[Page]:
    """Return the pages of a PDF with everything printed on them."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [_page(page, sheet) for sheet, page in enumerate(document, start=1)]
    finally:
        document.close()


def _page(page: pypdfium2.PdfPage, sheet: int) -> Page:
    text = page.get_textpage()
    width, height = page.get_width() * _MM, page.get_height() * _MM
    marks = sorted(_marks(text, height), key=lambda mark: (round(mark.middle, 2), mark.left))
    lines: list[list[Mark]] = []
    for mark in marks:
        if lines and abs(lines[-1][0].middle - mark.middle) < _SAME_LINE_MM:
            lines[-1].append(mark)
        else:
            lines.append([mark])
    ordered = (Line(tuple(sorted(line, key=lambda mark: mark.left))) for line in lines)
    return Page(sheet, width, height, tuple(ordered))


def _marks(text: pypdfium2.PdfTextPage, height: float) -> Iterator[Mark]:
    buffer = ctypes.create_string_buffer(200)
    box = pdfium.FS_RECTF()
    for place in range(text.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(text, place))
        if not character.strip() or pdfium.FPDFText_IsGenerated(text, place) == 1:
            continue
        left, bottom, right, top = text.get_charbox(place)
        pdfium.FPDFText_GetLooseCharBox(text, place, box)
        middle = height - (box.top + box.bottom) / 2 * _MM
        pdfium.FPDFText_GetFontInfo(text, place, buffer, 200, None)
        face = buffer.value.decode("ascii", "replace").partition("+")[2] or buffer.value.decode("ascii", "replace")
        size = round(pdfium.FPDFText_GetFontSize(text, place), 1)
        yield Mark(character, left * _MM, right * _MM, height - top * _MM, height - bottom * _MM, middle, size, face)


# ---- what is wrong with a document; each answers with one line a fault, none when all is well ------------------------------------


def wrong_sizes(pages: Sequence[Page]) -> list[str]:
    """Pages that are not A4, upright or on their side."""
    return [
        f"sheet {page.sheet}: {page.width:.1f} × {page.height:.1f} mm"
        for page in pages
        if any(abs(a - b) > 0.2 for a, b in zip(sorted((page.width, page.height)), A4_MM, strict=True))
    ]


def overfull(pages: Sequence[Page], *, slack: float = SLACK_MM) -> list[str]:
    """Lines that leave the type area."""
    found = []
    for page in pages:
        left, top, right, bottom = page.area()
        for line in page.body():
            gone = max(left - line.left, line.right - right, top - line.marks[0].middle, line.marks[0].middle - bottom)
            if gone > slack:
                found.append(f"sheet {page.sheet}: “{line.text[:20]}” leaves the type area by {gone:.1f} mm")
    return found


def body_size(pages: Sequence[Page]) -> float:
    """Return the size most of the document's text is set in, tables and notes left out: that of its fullest lines."""
    return Counter(line.size for page in pages for line in page.body() if len(line.marks) > 20 and line.size >= 12).most_common(
        1
    )[0][0]


def full_lines(page: Page, size: float) -> list[Line]:
    """Return the lines of a page in the size of the body."""
    return [line for line in page.body() if line.size == size]


def wrong_pitch(pages: Sequence[Page], size: float) -> list[str]:
    """Lines of the body below one another that are not a twenty-second part of the type area apart."""
    pitch = TEXT_MM[1] / LINES
    return [
        f"sheet {page.sheet}: {lower.middle - upper.middle:.2f} mm above “{lower.text[:12]}”"
        for page in pages
        for upper, lower in pairwise(page.body())
        if upper.size == lower.size == size and lower.middle - upper.middle < 1.5 * pitch
        if abs(lower.middle - upper.middle - pitch) > 0.25
    ]


def overlong_lines(pages: Sequence[Page], size: float) -> list[str]:
    """Lines of the body of more characters than the grid has, Latin letters and digits counted half, closing marks left out."""
    found = []
    for page in pages:
        for line in page.body():
            count = sum(1.0 if ord(mark.text) > 0x2000 and mark.text not in "，。；：、）”" else 0.5 for mark in line.marks)
            if line.size == size and count > CHARACTERS + 0.5:
                found.append(f"sheet {page.sheet}: {count} characters in “{line.text[:12]}”")
    return found


def wrong_numbers(pages: Sequence[Page]) -> list[str]:
    """Page numbers out of order, not in the form — 1 —, not on the outer side, or not 7 mm below the type area."""
    found = []
    begun = [page for page in pages if page.number is not None]
    if not begun:
        return ["no page has a number"]
    if [page.number for page in begun] != list(range(1, len(begun) + 1)) or begun != list(pages[-len(begun) :]):
        found.append(f"numbers {[page.number for page in pages]}")
    for page in begun:
        left, top, right, bottom = page.area()
        marks = [mark for line in page.foot() for mark in line.marks]
        if page.turned:
            dash = next(mark for mark in marks if mark.text == "—")
            drop = left - (dash.left + dash.right) / 2
            near_start = min(mark.top for mark in marks) - top < bottom - max(mark.bottom for mark in marks)
            outer = not near_start if page.odd else near_start
            dropped = abs(drop - NUMBER_DROP_MM) < 2.0
        else:
            dash = marks[0]
            drop = (dash.top + dash.bottom) / 2 - bottom
            outer = abs(right - marks[-1].right - 14 * _MM) < 2 if page.odd else abs(marks[0].left - left - 14 * _MM) < 2
            dropped = abs(drop - NUMBER_DROP_MM) < 0.5
        if not outer:
            found.append(f"sheet {page.sheet}: number {page.number} is not one character from the outer edge")
        if not dropped:
            found.append(f"sheet {page.sheet}: number {page.number} is {drop:.1f} mm below the type area")
    return found


def lonely(pages: Sequence[Page], headings: Sequence[str], captions: Sequence[str]) -> list[str]:
    """Headings and captions of tables that are the last line of a page."""
    ends = {*map(_packed, headings), *map(_packed, captions)}
    found = []
    for page in pages[:-1]:
        if page.number is not None and page.body():
            last = _packed(page.body()[-1].text)
            if last and last in ends:
                found.append(f"sheet {page.sheet}: “{last[:24]}” is the last line")
    return found


def _packed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _begins_with_a_figure(page: Page) -> bool:
    """True where the words a page begins with are those of a chart: nothing but small type stands before the caption of a figure."""
    for line in page.body():
        words = _packed(line.text)
        if re.match(r"(?:图|Figure)\d", words):
            return True
        if line.size > 10.5 or re.match(r"(?:表|Table)\d", words):
            return False
    return False


def unrepeated_heads(pages: Sequence[Page], tables: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Tables that go on over a page without their head.

    ``tables`` are captions with the words of their heads.  A table goes on where a page begins in the small type of tables.
    """
    found = []
    heads = {_packed(caption): [_packed(word) for word in words if word.strip()] for caption, words in tables}
    for upper, lower in pairwise(pages):
        started = [caption for page in pages[: upper.sheet] for line in page.body() if (caption := _packed(line.text)) in heads]
        first = lower.body()[:1]
        if not started or lower.number is None or not first or first[0].size > 10.5 or not upper.body():
            continue
        if upper.body()[-1].size > 10.5 or _begins_with_a_figure(lower):
            continue
        top = "".join(_packed(line.text) for line in lower.body()[:8])
        words = heads[started[-1]]
        if upper.body()[-1].size > 9.0 and not all(set(word) <= set(top) for word in words):
            found.append(f"sheet {lower.sheet}: goes on without the head of “{started[-1][:20]}”")
    return found


def captions_of(pages: Sequence[Page]) -> list[str]:
    """Return the numbers of tables and figures in the order in which their captions are printed, 表1 and so on."""
    found = []
    for page in pages:
        for line in page.body():
            match = _CAPTION.match(_packed(line.text))
            if match and line.size == 12.0 and page.number is not None:
                found.append(match[0])
    return found


def sections_of(pages: Sequence[Page], headings: Sequence[str], captions: Sequence[str]) -> list[tuple[str, str]]:
    """Return each caption with the heading it is printed under, both without spaces, in the order of print."""
    known, sought = {*map(_packed, headings)}, {*map(_packed, captions)}
    found, under = [], ""
    for page in pages:
        for line in page.body():
            words = _packed(line.text)
            if words in known:
                under = words
            elif words in sought and page.number is not None:
                found.append((words, under))
    return found


def out_of_order(numbers: Sequence[str]) -> list[str]:
    """Numbers of one kind that do not count 1, 2, 3."""
    kinds: dict[str, list[int]] = {}
    for number in numbers:
        kind = number.rstrip("0123456789")
        kinds.setdefault(kind, []).append(int(number.removeprefix(kind)))
    return [f"{kind}: {counted}" for kind, counted in kinds.items() if counted != list(range(1, len(counted) + 1))]


_HEADS = (
    re.compile(r"([一二三四五六七八九十]+)、"),
    re.compile(r"（([一二三四五六七八九十]+)）"),
    re.compile(r"(\d+)\."),
    re.compile(r"（(\d+)）"),
)


def attachment_titles(pages: Sequence[Page]) -> list[str]:
    """Return the titles of the attachments: what is set in the size of a title on a page that begins with 附件."""
    return [
        "".join(_packed(line.text) for line in page.body() if line.size == TITLE_PT)
        for page in pages
        if page.body() and _ATTACHMENT.fullmatch(_packed(page.body()[0].text))
    ]


def ranked(headings: Sequence[tuple[int, str]], titles: Sequence[str]) -> list[tuple[int, str]]:
    """Return headings with the level they are numbered at: 0 for the title of an attachment, which counts those below it anew."""
    made, attached = [], False
    for level, words in headings:
        attached = attached or (level == 1 and _packed(words) in titles)
        made.append((level - 1 if attached else level, words))
    return made


def heading_faults(headings: Sequence[tuple[int, str]]) -> list[str]:
    """Headings whose number is not the next of their level in the form of the standard: 一、（一）1.（1）."""
    counts: list[int] = []
    found = []
    for level, words in headings:
        counts = [*counts[:level], *[0] * (level - len(counts))]
        if level == 0:
            continue
        match = _HEADS[level - 1].match(words)
        counts[level - 1] += 1
        if match is None or _counted(match[1]) != counts[level - 1]:
            found.append(f"“{words[:16]}” is not number {counts[level - 1]} of level {level}")
            counts[level - 1] = _counted(match[1]) if match else counts[level - 1] - 1
    return found


def _counted(number: str) -> int:
    if number.isdigit():
        return int(number)
    digits = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
    tens, mark, ones = number.rpartition("十")
    return (digits.get(tens, 1) * 10 if mark else 0) + digits.get(ones, 0)


def wrong_faces(pages: Sequence[Page], headings: Sequence[tuple[int, str]], faces: Sequence[str], size: float) -> list[str]:
    """Headings not in the face of their level or not in the size of the body."""
    wanted = {_packed(words): faces[level - 1] for level, words in headings if level}
    found = []
    for page in pages:
        if page.number is None:
            continue
        for line in page.body():
            face = wanted.get(_packed(line.text))
            if face and (face not in line.face.replace(" ", "") or line.size != size) and line.size > 12:
                found.append(f"sheet {page.sheet}: “{line.text[:16]}” is in {line.face} of {line.size}")
    return found

"""What a reader would mark in red in any report: sentences told twice, sentences without end, figures with a wrong counting word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from bs4 import BeautifulSoup, Tag

LONGEST = 120
"""Characters of a Chinese sentence, spaces left out."""
MOST_SENTENCES = 6
"""Of one paragraph; a longer one is a list, and wants paragraphs or a table of its own."""
_STOPS = {"zh": re.compile(r"(?<=。)"), "en": re.compile(r"(?<=[a-z)%‰’\d]\.)\s+(?=[A-Z\d])")}
_NEAR = 8
_APPENDIX = "appendix-"
"""How identifiers of headings of the appendix begin, an attachment in a formal report."""
_NOTHING = re.compile(r"\s+")
WRONG_WORDS = re.compile(
    r"羊[^，。；、]{0,4}\d+头|牛[^，。；、]{0,4}\d+只|下降\d[\d.]*倍|百分点‰|%个|人人|[\d]起人|[\d.]+%个百分点|性别比(?:为)?[\d.]+%|性别比[^，。；]*个百分点"
)


def chapters(page: str) -> Iterator[tuple[str, list[Tag]]]:
    """Yield the title of every chapter of an HTML page with its generated paragraphs, the appendix left out."""
    title, found, left_out = "", list[Tag](), False
    for tag in BeautifulSoup(page, "html.parser").select("main h2, main p"):
        if tag.name == "h2":
            if title and not left_out:
                yield title, found
            title, found = tag.get_text(" ", strip=True), []
            left_out = str(tag.get("id", "")).startswith(_APPENDIX)
        elif tag.find_parent(["figure", "table", "aside"]) is None:
            found.append(tag)
    if title and not left_out:
        yield title, found


def sentences(paragraph: Tag, *, lang: str) -> list[str]:
    """Return the sentences of a paragraph."""
    text = paragraph.get_text()
    return [_NOTHING.sub("" if lang == "zh" else " ", part).strip() for part in _STOPS[lang].split(text) if part.strip()]


def told_twice(page: str, *, lang: str) -> list[str]:
    """Return the sentences that one chapter holds more than once."""
    found = []
    for title, paragraphs in chapters(page):
        counted = Counter(one for paragraph in paragraphs for one in sentences(paragraph, lang=lang) if len(one) > 4)
        found += [f"{title}: {one}" for one, times in counted.items() if times > 1]
    return found


def endless(page: str) -> list[str]:
    """Return the Chinese sentences longer than a reader holds."""
    return [
        one
        for _, paragraphs in chapters(page)
        for paragraph in paragraphs
        for one in sentences(paragraph, lang="zh")
        if len(one) > LONGEST
    ]


def lists_in_disguise(page: str, *, lang: str) -> list[str]:
    """Return the paragraphs of more sentences than ``MOST_SENTENCES``."""
    return [
        paragraph.get_text()[:60]
        for _, paragraphs in chapters(page)
        for paragraph in paragraphs
        if len(sentences(paragraph, lang=lang)) > MOST_SENTENCES
    ]


def unlike_words(page: str) -> list[str]:
    """Return counting words no clerk would write, and what a colon announces as a list and then breaks off."""
    texts = [paragraph.get_text() for _, paragraphs in chapters(page) for paragraph in paragraphs]
    return [found[0] for text in texts for found in WRONG_WORDS.finditer(text)]


def wrong_units(facts: list[Mapping[str, str]], page: str, *, words: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the figures of running text followed by a word that is none of their unit's; ``words`` gives those of each unit.

    A figure at the end of a row of figures (、和) carries the word of the row, so what follows a figure may be punctuation too.
    """
    units = {fact["fact"]: fact["unit"] for fact in facts if fact["role"] in ("value", "gap", "magnitude")}
    found = []
    for _, paragraphs in chapters(page):
        for paragraph in paragraphs:
            for span in paragraph.select("span.fact"):
                unit = units.get(str(span.get("data-fact", "")), "")
                allowed = words.get(unit, ())
                if not allowed or not re.search(r"\d$", span.get_text()):
                    continue
                after = _after(span, paragraph)
                if not after.startswith((*allowed, "、", "和", "，", "；", "。", "（", "）", "余", "多")):
                    found.append(f"{span.get_text()}{after} ({unit})")
    return found


def _after(span: Tag, paragraph: Tag) -> str:
    """Return the first characters of a paragraph's text that follow a figure, whatever elements they stand in."""
    own = list(span.find_all(string=True))
    text = ""
    for one in (own[-1] if own else span).find_all_next(string=True):
        if paragraph not in one.parents or len(text) > _NEAR:
            break
        text += str(one)
    return text[:_NEAR]


def read(path: Path) -> str:
    """Return the page of a built report."""
    return (path / "report.html").read_text("utf-8")

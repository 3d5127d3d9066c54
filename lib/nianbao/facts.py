"""Facts: every number a report prints, with the way back to its source; and the one rule that says what a number is.

A printed number is a fact unless it is a date, numbering, a legal or standard reference, a cell address, the base in the name
of a unit (女=100), or a digit inside a Latin-lettered name (N95).  The same rule splits text into runs while a chapter is written
and checks the finished page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from nianbao.blocks import Run, run
from nianbao.fields import Dims
from nianbao.formulas import format_dims
from nianbao.values import MINUS, exact_text

FACT_COLUMNS = (
    "fact",
    "chapter",
    "indicator",
    "dims",
    "role",
    "display",
    "value",
    "numerator",
    "denominator",
    "unit",
    "period",
    "status",
    "sources",
)
"""Columns of ``facts.csv``."""

ROLES = (
    "value",
    "previous",
    "change",
    "change_pct",
    "numerator",
    "denominator",
    "target",
    "deviation",
    "gap",
    "lower",
    "upper",
    "magnitude",
    "movement",
)
"""What a reference may ask of a result: ``value`` when it names none, ``magnitude`` for a change without its sign, ``movement`` for the words of its change (比上年减少15人)."""


@dataclass(frozen=True)
class Fact:
    """One printed number: its identifier, what it belongs to, its exact value, and the cells or file it came from."""

    fact: str
    chapter: str
    indicator: str
    dims: Dims
    role: str
    display: str
    value: Fraction | None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    unit: str = ""
    period: str = ""
    status: str = ""
    sources: tuple[str, ...] = ()

    def row(self) -> dict[str, str]:
        """Return the fact as a row of ``facts.csv``; exact values as integer, decimal or ``p/q``."""
        return {
            "fact": self.fact,
            "chapter": self.chapter,
            "indicator": self.indicator,
            "dims": format_dims(self.dims),
            "role": self.role,
            "display": self.display,
            "value": exact_text(self.value),
            "numerator": exact_text(self.numerator),
            "denominator": exact_text(self.denominator),
            "unit": self.unit,
            "period": self.period,
            "status": self.status,
            "sources": ";".join(self.sources),
        }


_EXEMPT = re.compile(
    r"""
      \d{4}年\d{1,2}—\d{1,2}月 | \d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?(?:度)? | \d{4}(?:统计年度|自然年度?) | \d{1,2}月\d{1,2}日 | \d{4}—\d{4}年
    | \d{4}-\d{2}(?:-\d{2})? | \bhalf\ of\ \d{4}\b | (?:\b\d{1,2}\ )?\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\ \d{4}\b
    | \b(?:[Ss]tatistical\ year|[Ii]n|[Yy]ear)\ (?:19|20)\d{2}\b
    | \((?:19|20)\d{2}\) | （(?:19|20)\d{2}）
    | 女=100 | per\ 100\ females
    | 〔\d{4}〕\d+号? | GB(?:/T)?\ ?\d+(?:\.\d+)?(?:[—-]\d{4})? | 第[\d一二三四五六七八九十]+[条款项版] | 卫统\d+(?:[—-]\d+)?表? | 国人口统\d+表?
    | [A-Za-z0-9_.\-/]+\.(?:xlsx|md|yml)(?::\d+)? | [^\s\d!，。；、（）]*\d*![A-Z]{1,3}\d+ | [A-Za-z]+[-/]?\d[A-Za-z0-9_.]*
    """,
    re.VERBOSE,
)
_JOINS = re.compile(r"[A-Za-z0-9年月日号时]")
"""What a hyphen joins to the number after it (3月-5月); after anything else it is a minus sign."""
_NUMBER = re.compile(r"[-\u2212]?\d+(?:\.\d+)?[%‰]?")


def numbers_in(text: str) -> list[str]:
    """Return the printed numbers of a text that must be facts, in order, exceptions left out."""
    return [piece for piece, number in split_numbers(text) if number]


def split_numbers(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a text; True marks a number that must be a fact."""
    place = 0
    while place < len(text):
        exempt = _EXEMPT.search(text, place)
        number = _NUMBER.search(text, place)
        if number is None:
            break
        if exempt is not None and exempt.start() <= number.start():
            yield text[place : exempt.end()], False
            place = exempt.end()
            continue
        start = number.start()
        if text[start] == "-" and start > 0 and _JOINS.match(text[start - 1]):
            start += 1
        if start > place:
            yield text[place:start], False
        yield text[start : number.end()], True
        place = number.end()
    if place < len(text):
        yield text[place:], False


class FactBook:
    """Registers the facts of one chapter and hands out the runs that print them."""

    def __init__(self, chapter: str) -> None:
        self.chapter = chapter
        self.facts: dict[str, Fact] = {}

    def add(self, fact: Fact) -> Run:
        """Register ``fact`` (once) and return the run that prints it.

        Raises:
            ValueError: the same identifier was registered with another display, which would make the trace ambiguous.
        """
        known = self.facts.setdefault(fact.fact, fact)
        if known.display != fact.display:
            raise ValueError(f"fact {fact.fact!r} printed as {known.display!r} and as {fact.display!r}")
        return run(fact.display, fact=fact.fact)

    def words(self, text: str, *, source: str, role: str = "text", subject: str = "") -> list[Run]:
        """Return a text of the params or of the office as runs, its numbers registered as facts with ``source``.

        ``role`` says what kind of text it is (``label``, ``definition``, ``office``, ``finding``); ``subject`` what it belongs to.
        """
        made: list[Run] = []
        for piece, number in split_numbers(text):
            if not number:
                made.append(run(piece))
                continue
            written = piece.replace(MINUS, "-")
            value = Fraction(written.rstrip("%‰"))
            made.append(
                self.add(
                    Fact(
                        fact=f"{self.chapter}:{subject or source}:{role}:{written}",
                        chapter=self.chapter,
                        indicator=subject,
                        dims=(),
                        role=role,
                        display=piece,
                        value=value,
                        status="stated",
                        sources=(source,),
                    )
                )
            )
        return made

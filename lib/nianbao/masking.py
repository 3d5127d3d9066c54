"""How a path or a message is printed: whatever names a person in it stands as ``***``.

Findings hide what they quote by themselves; this is for names of files and folders, and for words somebody typed, which messages repeat.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from nianbao.files.personal import Personal, personal_number

HIDDEN = "***"
_SEPARATORS = re.compile(r"([/\\])")
_TYPED = re.compile(r"[/\\=]")
_ENDING = re.compile(r"\.[A-Za-z]{2,5}$")
_NUMERALS = frozenset("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖")
_BETWEEN = frozenset("+-_.()xXeE")
"""What may stand in a number of a person beside digits, blanks, dashes and invisible characters."""


def person_in_name(name: str) -> Personal | None:
    """Return what kind of personal number the name of a file or folder holds; a dot in a name divides words, not a figure."""
    return personal_number(name) or personal_number(name.replace(".", " "))


def masked_path(path: str) -> str:
    """Return a path with every folder and file name that holds a personal number as ``***``; the ending of a file stays.

    A name goes as a whole: beside the number it often holds the name of the person.
    """
    shown = "".join(_name(part) for part in _SEPARATORS.split(path))
    return HIDDEN if person_in_name(shown) else shown


def masked(text: str) -> str:
    """Return a message with every personal number as ``***``; for words, not for figures, which may be built alike."""
    return "\n".join(_line(line) for line in text.split("\n"))


def without_typed(text: str, arguments: Iterable[str]) -> str:
    """Return a text in which no word of a command line that holds a personal number stands, whatever else the text is."""
    for word in _typed_of_persons(tuple(arguments)):
        shown = masked_path(word)
        for written in dict.fromkeys((word, repr(word)[1:-1])):
            text = text.replace(written, shown)
    return text


@lru_cache(maxsize=4)
def _typed_of_persons(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a command line that hold a personal number, the longest first; asked for every line that is printed."""
    words = {piece for argument in arguments for piece in (argument, *_TYPED.split(argument)) if person_in_name(piece)}
    return tuple(sorted(words, key=lambda word: (len(word), word), reverse=True))


def _name(part: str) -> str:
    if not person_in_name(part):
        return part
    ending = _ENDING.search(part)
    return HIDDEN + (ending[0] if ending else "")


def _line(line: str) -> str:
    if not personal_number(line):
        return line
    shown = ""
    for numeric, characters in groupby(line, _may_belong):
        run = "".join(characters)
        if numeric and personal_number(run):
            run = f"{' ' * run.startswith(' ')}{HIDDEN}{' ' * run.endswith(' ')}"
        shown += run
    return HIDDEN if personal_number(shown) else shown


def _may_belong(character: str) -> bool:
    """True for what a number of a person may be written with."""
    return all(
        one.isdigit() or one.isspace() or one in _NUMERALS or one in _BETWEEN or unicodedata.category(one) in ("Pd", "Cf", "Sm")
        for one in unicodedata.normalize("NFKC", character)
    )

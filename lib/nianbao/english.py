"""English noun phrases made of the catalogue's labels: which are plural, what one of them is called, and how things are listed."""

from __future__ import annotations

import re
from collections.abc import Sequence

_JOINT = re.compile(r" (?:at|of|per|under) ")
_HEAD_ENDS = re.compile(
    r" (?:of|in|on|at|for|with|from|to|by|under|per|given|without|whose|who|that|away|using|made|due|aged|not|as|the|under|against|\w+ing) "
)
"""What may follow the noun a label counts: cases | of illegal practice, people | at free clinics."""
_PARTICIPLE = re.compile(
    r" (?:\w+(?:ed|ing)|newly|in|out|given|done|found|sent|five|drawn|twice|use|time|planned|paid|(?:\d|<|≥)\S*)$"
)
"""What may stand behind that noun without a preposition: cases transferred, women delivering, persons moved in."""
_IRREGULAR = {"people": "person", "persons": "person", "women": "woman", "children": "child", "men": "man", "infants": "infant"}
_PLURAL = frozenset((*_IRREGULAR, "staff"))
_CALLED = re.compile(r"\b(?:rate|ratio|share)\b")


def noun(label: str) -> str:
    """Return the words of a label up to and with the noun it counts: ``cases`` of ``cases of illegal practice``."""
    found = _HEAD_ENDS.search(f"{label} ")
    head = label[: found.start()] if found else label
    while (cut := _PARTICIPLE.search(head)) is not None:
        head = head[: cut.start()]
    return head


def is_plural(label: str) -> bool:
    """True where the noun of a label is a plural, so that a number may stand before it: births, people at free clinics."""
    last = noun(label).split(" ")[-1]
    return last in _PLURAL or (last.endswith("s") and not last.endswith(("ss", "us", "is")))


def one_of(label: str) -> str:
    """Return a plural label for one: ``infant death``, ``case of illegal practice``, ``person at free clinics``."""
    head = noun(label)
    before, space, last = head.rpartition(" ")
    return f"{before}{space}{_IRREGULAR.get(last) or singular(last)}{label[len(head) :]}"


def singular(words: str) -> str:
    """Return an English counting word for one: person, copy, case at law, unit under supervision."""
    head, joint, rest = words, "", ""
    if found := _JOINT.search(words):
        head, joint, rest = words[: found.start()], found[0], words[found.end() :]
    if head.endswith("ies"):
        head = head[:-3] + "y"
    elif head.endswith(("sses", "ches", "shes", "xes")):
        head = head[:-2]
    elif head.endswith("s") and not head.endswith("ss"):
        head = head[:-1]
    return f"{head}{joint}{rest}"


def with_article(label: str) -> str:
    """Return the name of a rate as a sentence opens with it: ``the health record rate``, but ``coverage with BCG``."""
    return f"the {label}" if _CALLED.search(label) else label


def without_participle(label: str, verb: str) -> str:
    """Return a label without the participle that a verb before it says: distributed health leaflets, gave vaccine doses."""
    done = {"gave": "given", "saw": "seen"}.get(verb, verb)
    return label.removesuffix(f" {done}")


def indefinite(label: str) -> str:
    """Return a singular label with a or an."""
    return f"{'an' if label[:1] in 'aeio' else 'a'} {label}"


def ends(count: int, *, comma: str = ", ") -> Sequence[str]:
    """Return what stands before each of ``count`` things listed: nothing, commas, then and."""
    return ["" if place == 0 else " and " if place == count - 1 else comma for place in range(count)]

"""How formulas, params, human text and messages name figures: ``births``, ``births[parity=1]``, ``-deaths@previous``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BeforeValidator

from nianbao.fields import Dims, Model


class Term(Model):
    """One addend of a formula: an entry with fixed dimension values, with sign, of the report year or ``back`` years before."""

    entry: str
    dims: Dims = ()
    sign: Literal[1, -1] = 1
    back: int = 0
    optional: bool = False


_TERM = re.compile(
    r"^(?P<sign>-?)(?P<entry>[a-z][a-z0-9_]*)(?:\[(?P<dims>[^\]]*)\])?(?P<optional>\??)(?:@(?:(?P<previous>previous)|-(?P<back>[1-9])))?$"
)


def parse_term(text: object) -> object:
    """Return the term ``text`` spells: ``[-]entry[key=value;...][?][@previous]``; ``?`` marks a part a place need not
    have, ``@-3`` the like window three years before.

    Raises:
        ValueError: the text is no term.
    """
    if not isinstance(text, str):
        return text
    found = _TERM.match(text.replace(" ", ""))
    if not found:
        raise ValueError(f"{text!r} is no term; write for example births[parity=1] or -deaths or births@previous")
    return Term(
        entry=found["entry"],
        dims=parse_dims(found["dims"] or ""),
        sign=-1 if found["sign"] else 1,
        back=1 if found["previous"] else int(found["back"] or 0),
        optional=bool(found["optional"]),
    )


def as_terms(value: object) -> object:
    """Take a term, or a list of terms, as text."""
    if isinstance(value, str):
        return (parse_term(value),)
    return tuple(parse_term(item) for item in value) if isinstance(value, list) else value


Terms = Annotated[tuple[Term, ...], BeforeValidator(as_terms)]


@lru_cache(maxsize=4096)
def parse_dims(text: str) -> Dims:
    """Return the dimension values ``key=value;key=value`` names, in key order.

    Raises:
        ValueError: a part lacks ``=``, or a key occurs twice.
    """
    pairs: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not (key and equals and value):
            raise ValueError(f"{part!r} is no dimension; write key=value")
        if key in pairs:
            raise ValueError(f"dimension {key!r} occurs twice")
        pairs[key] = value
    return tuple(sorted(pairs.items()))


def format_dims(dims: Iterable[tuple[str, str]]) -> str:
    """Return ``key=value;key=value`` in key order."""
    return ";".join(f"{key}={value}" for key, value in sorted(dims))


def reference(entry: str, dims: Dims = ()) -> str:
    """Return the way formulas, human text and messages name an entry: ``births`` or ``births[parity=1]``."""
    return f"{entry}[{format_dims(dims)}]" if dims else entry


def split_reference(ref: str) -> tuple[str, Dims]:
    """Return entry and dimension values of a reference, the values in key order: the way back from :func:`reference`.

    Raises:
        ValueError: the brackets hold no dimension values, or do not close.
    """
    entry, opened, inside = ref.partition("[")
    if opened and not inside.endswith("]"):
        raise ValueError(f"{ref!r} does not close its bracket")
    return entry.strip(), parse_dims(inside.removesuffix("]"))


_PLACEHOLDER = re.compile(r"\{(0|-\d)\}")


def dated(dims: Dims, year: int) -> Dims:
    """Return dimension values with relative years filled in: ``{-3}-{-1}`` of 2015 is ``2012-2014``."""
    return tuple((key, _PLACEHOLDER.sub(lambda found: str(year + int(found[1])), value)) for key, value in dims)

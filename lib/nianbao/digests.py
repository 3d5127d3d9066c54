"""One digest for what a query of the data answers: it covers everything the answer holds, and is the same in every process.

Objects of params and figures are hashed once and remembered, for one result stands in the answers of many queries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePath

from pydantic import BaseModel

SIZE = 24
"""How many hexadecimal digits a digest has: 96 bits, which no accident brings together."""


class Digester:
    """Hashes values; objects it has met are held, so that none can take the place of another in its memory."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def digest(self, value: object) -> str:
        """Return the digest of a value made of params, figures, plain values and containers of these.

        The order of a mapping counts, that of a set does not.

        Raises:
            TypeError: the value holds something of another kind, whose content nobody can vouch for.
        """
        return _hashed(self._text(value))

    def _text(self, value: object) -> str:
        if value is None or isinstance(value, bool):
            return f"{value};"
        if isinstance(value, Enum):
            return f"{type(value).__name__}.{value.name};"
        if isinstance(value, str):
            return f"s{len(value)}:{value}"
        if isinstance(value, (int, float, Fraction, Decimal)):
            return f"{type(value).__name__[0]}{value!r};"
        if isinstance(value, date):
            return f"d{value.isoformat()};"
        if isinstance(value, PurePath):
            return self._text(value.as_posix())
        if isinstance(value, Mapping):
            return "{" + "".join(self._text(part) for pair in value.items() for part in pair) + "}"
        if isinstance(value, (set, frozenset)):
            return "<" + "".join(sorted(self._text(part) for part in value)) + ">"
        if isinstance(value, (tuple, list)):
            return "[" + "".join(self._text(part) for part in value) + "]"
        return self._object(value)

    def _object(self, value: object) -> str:
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        if isinstance(value, BaseModel):
            content = self._text((value.__dict__, value.__pydantic_private__))
        elif is_dataclass(value) and not isinstance(value, type):
            content = self._text([getattr(value, one.name) for one in fields(value)])
        else:
            raise TypeError(f"a {type(value).__name__} has no digest")
        made = f"#{_hashed(type(value).__name__ + content)}"
        self._known[id(value)] = (value, made)
        return made


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:SIZE]

"""What a params file may spell for a field: lists for tuples, words for members of an enum, text for exact numbers.

Params are read strictly, so that nothing is converted unasked; these are the conversions asked for.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from nianbao.errors import did_you_mean

Dims = tuple[tuple[str, str], ...]
"""Dimension values in key order, e.g. ``(("parity", "2+"), ("policy", "in"))``."""


class Model(BaseModel):
    """A params object: unknown keys are errors, nothing is converted, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def enum_of(kind: type[StrEnum]) -> BeforeValidator:
    """Let YAML spell an enum by its value; strict mode would want the member itself."""

    def convert(value: object) -> object:
        if isinstance(value, str):
            if value in set(kind):
                return kind(value)
            raise ValueError(
                f"{value!r} is none of {', '.join(sorted(str(member) for member in kind))}{did_you_mean(value, [str(member) for member in kind])}"
            )
        return value

    return BeforeValidator(convert)


def as_decimal(value: object) -> object:
    """Take whole numbers, and decimals written as text, so that no target passes through binary floating point."""
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no number")
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    return value


def as_tuple(value: object) -> object:
    """Take a list for a tuple."""
    return tuple(value) if isinstance(value, list) else value


Strings = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


def as_tuples(value: object) -> object:
    """Take a list of lists for a tuple of tuples."""
    return tuple(tuple(item) for item in value) if isinstance(value, list) else value


def as_value_lists(value: object) -> object:
    """Take lists of dimension values, by dimension."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()} if isinstance(value, dict) else value


def as_dims(value: object) -> object:
    """Take fixed dimension values; a value must be text."""
    if not isinstance(value, dict):
        return value
    if bad := [v for v in value.values() if not isinstance(v, str)]:
        raise ValueError(f"dimension values are text; quote {bad[0]!r}")
    return tuple(sorted(value.items()))


DimValues = Annotated[dict[str, tuple[str, ...]], BeforeValidator(as_value_lists)]


def as_fraction(value: object) -> object:
    """Take a whole number, or a fraction written as text ("1/100")."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return value
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{value!r} is no whole number or fraction such as '1/100'") from error


Multiplier = Annotated[Fraction, BeforeValidator(as_fraction)]
FixedDims = Annotated[Dims, BeforeValidator(as_dims)]
Number = Annotated[Decimal, BeforeValidator(as_decimal)]

"""The unit money is printed in, one a table: yuan, 万元 or 亿元, the largest that prints every figure exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from nianbao.values import Status, display

DECIMALS = 4
"""Digits after the point a figure may need in a larger unit; one yuan is 0.0001 of 万元."""


@dataclass(frozen=True)
class Money:
    """A unit of the catalogue and how many yuan it holds."""

    unit: str
    factor: int

    def text(self, amount: Fraction, *, status: Status, lang: str, raw: str = "") -> str:
        """Return ``amount`` (in yuan) as a table prints it under a head that names the unit: every digit, no unit."""
        places = next(n for n in range(DECIMALS + 1) if (amount / self.factor * 10**n).denominator == 1)
        return display(amount / self.factor, decimals=places, status=status, rounding=_never_rounds, lang=lang, raw=raw)


YUAN, WAN, YI = Money("yuan", 1), Money("wan_yuan", 10**4), Money("yi_yuan", 10**8)


def money_unit(amounts: Iterable[Fraction], *, large: bool) -> Money:
    """Return the unit for a table of ``amounts`` (in yuan).

    ``large`` tells that the jurisdiction writes 万元 (its ``money`` is ``wan``).  A larger unit is taken only when the largest amount
    reaches one of it and every amount is exact in at most four decimals; otherwise the table stays in yuan.  亿元 is taken only when
    every amount reaches one, for nobody reads 0.1089亿元.
    """
    known = [abs(amount) for amount in amounts if amount]
    if not large or not known:
        return YUAN
    for unit in (YI, WAN):
        if unit is YI and min(known) < YI.factor:
            continue
        if max(known) >= unit.factor and all((amount / unit.factor * 10**DECIMALS).denominator == 1 for amount in known):
            return unit
    return YUAN


def _never_rounds(value: Fraction, decimals: int) -> Decimal:
    """Return a value that is exact at ``decimals`` as a decimal; anything else would be rounded in secret, so it is refused."""
    shifted = value * 10**decimals
    if shifted.denominator != 1:
        raise ValueError(f"{value} is not exact at {decimals} decimals")
    return Decimal(shifted.numerator).scaleb(-decimals)

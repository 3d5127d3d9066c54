"""One figure of a return with the cells it stands in, and a return read: observations, plans and findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from nianbao.errors import Cell, Finding, Severity
from nianbao.fields import Dims
from nianbao.formulas import reference
from nianbao.periods import Period
from nianbao.values import Status

YEARS_BACK = 4
"""How many earlier years a return may give figures of: pooled ratios need three, the change one."""


@dataclass(frozen=True)
class Observation:
    """One figure of a return: what it is, for which period, how sure, and the cell it stands in.

    ``value`` is exact, in the unit of the catalogue (money in yuan, rates in per cent), None where ``status`` carries none.
    ``total`` marks a reported total, which is checked against its parts and never added.
    """

    entry: str
    dims: Dims
    period: Period
    value: Fraction | None
    status: Status
    unit: str
    unit_word: str
    raw: str
    note: str
    cell: Cell
    total: bool = False
    further: tuple[Cell, ...] = ()
    """The other cells of a figure that a town's return gives in several: the county's figure of the town."""

    factor: Fraction = Fraction(1)
    """What the unit of the return multiplies the cell's number by: 10000 for 万元."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell the figure stands in."""
        return (self.cell, *self.further)

    @property
    def ref(self) -> str:
        """The way formulas name it, e.g. ``births[parity=1]``."""
        return reference(self.entry, self.dims)


class CellText(NamedTuple):
    """What stands in a cell that holds a figure, and what the unit of the return multiplies its number by."""

    raw: str
    factor: Fraction


class Observed:
    """What stands in the cells of observations; of two observations that name one cell the later one counts."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self._by_cell = {item.cell: CellText(item.raw, item.factor) for item in observations}

    @cached_property
    def _by_address(self) -> Mapping[str, Cell]:
        return {str(cell): cell for cell in self._by_cell}

    def at(self, cell: Cell) -> CellText | None:
        """Return what stands in a cell, None where it holds no figure."""
        return self._by_cell.get(cell)

    def named(self, address: str) -> Cell | None:
        """Return the cell with a figure that an address names (``file!sheet!F9``), None where it names none."""
        return self._by_address.get(address)


@dataclass(frozen=True)
class Intake:
    """A return read: observations in sheet order, findings in the order they were met, and the file's identity.

    ``plans`` are figures planned for the year after; they are no observations, so that nothing sums, compares or divides them.
    """

    township: str
    year: int
    file: str
    sha256: str
    observations: tuple[Observation, ...]
    findings: tuple[Finding, ...]
    plans: tuple[Observation, ...] = ()

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stop a report."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.BLOCK)

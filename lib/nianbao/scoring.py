"""Scoring of an assessment: rules as data, every line with its arithmetic.

A scheme (``params/schemes/<key>.yml``) lists items; each takes one result and a rule.  Points are exact fractions, rounded once when
printed.  A veto is a recorded fact about a unit, never a computed judgement, and a bonus needs the document that grants it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from nianbao.errors import ParamsError, UserError, did_you_mean
from nianbao.fields import Model, Number, enum_of
from nianbao.indicators import Result, Results
from nianbao.project import township_keys
from nianbao.values import EXACT, exact_text
from nianbao.yamlfile import read_params


class RuleKind(StrEnum):
    """How points follow from a value.

    ``linear``: points x min(1, value / target).  ``step``: full points at the target, ``deduct`` for every ``step`` short of it, after
    ``flat`` for missing it at all.  ``gate``: nothing below ``minimum``, full points from it.  ``bands``: the points of the band the
    value falls in.  ``per_case``: ``deduct`` for every case counted.
    """

    LINEAR = "linear"
    STEP = "step"
    GATE = "gate"
    BANDS = "bands"
    PER_CASE = "per_case"


class Band(Model):
    """A half-open band of values, ``at_least`` included, ``below`` not; None is unbounded."""

    at_least: Number | None = None
    below: Number | None = None
    points: Number


class Rule(Model):
    """One rule; which fields it needs depends on its kind."""

    kind: Annotated[RuleKind, enum_of(RuleKind)]
    target: Number | None = None
    step: Number | None = None
    deduct: Number | None = None
    flat: Number | None = None
    minimum: Number | None = None
    lower_is_better: bool = False
    bands: Annotated[tuple[Band, ...], BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)] = ()

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Rule:
        if faults := list(_rule_faults(self)):
            raise ValueError("; ".join(faults))
        return self


class Item(Model):
    """One line of a score sheet."""

    id: str
    zh: str
    en: str
    of: str
    """Reference of the result that is scored, e.g. ``policy_compliance_rate``."""
    points: Number
    rule: Rule


class Bonus(Model):
    """Extra points of one unit with the document that grants them; a scheme is shared, a grant is not."""

    unit: Annotated[str, Field(min_length=1)]
    """The key of the place the document names, a file of ``params/townships``."""
    zh: str
    en: str
    points: Number
    document: Annotated[str, Field(min_length=1)]
    date: dt.date | None = None


class Veto(Model):
    """A recorded veto (一票否决) of a unit, with its ground; a fact of the year, never computed."""

    unit_zh: str
    unit_en: str
    ground_zh: str
    ground_en: str


class Scheme(Model):
    """An assessment scheme of one year."""

    key: str
    zh: str
    en: str
    source: str
    items: Annotated[tuple[Item, ...], BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)] = ()
    bonuses: Annotated[tuple[Bonus, ...], BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)] = ()
    vetoes: Annotated[tuple[Veto, ...], BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)] = ()

    def bonuses_of(self, unit: str) -> tuple[Bonus, ...]:
        """Return the bonuses granted to the place with that key."""
        return tuple(bonus for bonus in self.bonuses if bonus.unit == unit)


@dataclass(frozen=True)
class Score:
    """A scored line: points won, the working that leads to them, and the result behind them; points None where no value is known."""

    item: Item
    result: Result | None
    points: Fraction | None
    working: str


def load_scheme(root: Path, key: str) -> Scheme:
    """Return the scheme ``key`` from ``params/schemes``.

    Raises:
        UserError: there is none of that name.
        ParamsError: its file has faults, all of them listed; a bonus of a place that does not exist is one.
    """
    folder = root / "params" / "schemes"
    known = sorted(path.stem for path in folder.glob("*.yml"))
    if key not in known:
        raise UserError(f"no scheme {key!r} in params/schemes{did_you_mean(key, known)} (known: {', '.join(known) or 'none'})")
    faults: list[str] = []
    scheme = read_params(folder / f"{key}.yml", root, Scheme, faults, inject={"key": key})
    if scheme is not None:
        places = township_keys(root)
        faults += [
            f"params/schemes/{key}.yml: bonuses.{place}.unit: no township {bonus.unit!r}{did_you_mean(bonus.unit, places)}"
            for place, bonus in enumerate(scheme.bonuses)
            if bonus.unit not in places
        ]
    if scheme is None or faults:
        raise ParamsError("\n".join(faults))
    return scheme


def _rule_faults(rule: Rule) -> Iterable[str]:
    needed = {
        RuleKind.LINEAR: ("target",),
        RuleKind.STEP: ("target", "step", "deduct"),
        RuleKind.GATE: ("minimum",),
        RuleKind.BANDS: ("bands",),
        RuleKind.PER_CASE: ("deduct",),
    }
    for name in needed[rule.kind]:
        if getattr(rule, name) in (None, ()):
            yield f"a {rule.kind.value} rule needs {name}"
    if rule.step is not None and rule.step <= 0:
        yield "step must be above zero"
    if rule.kind is RuleKind.LINEAR and rule.target is not None and rule.target <= 0:
        yield "target must be above zero"


def _printer(results: Results, result: Result | None) -> Printed:
    decimals = result.entry.decimals if result is not None else 2
    return lambda value: f"{results.rounding(value, decimals):f}"


def score_sheet(scheme: Scheme, results: Results) -> tuple[Score, ...]:
    """Return every line of the sheet scored, in the scheme's order.

    Raises:
        UserError: a line scores an entry the catalogue does not have; a figure a place did not report is only not scored.
    """
    for item in scheme.items:
        results.catalogue.entry(item.of.partition("[")[0])
    return tuple(
        score_item(item, results.get(item.of), rounding=_printer(results, results.get(item.of))) for item in scheme.items
    )


Printed = Callable[[Fraction], str]
Award = tuple[Fraction, str]


def _linear(rule: Rule, value: Fraction, full: Fraction, shown: Printed) -> Award:
    target = Fraction(rule.target or 0)
    if rule.lower_is_better and not value:
        return full, exact_text(full)
    share = target / value if rule.lower_is_better else value / target
    ratio = f"{shown(target)}÷{shown(value)}" if rule.lower_is_better else f"{shown(value)}÷{shown(target)}"
    return full * min(Fraction(1), share), f"{exact_text(full)}×min(1, {ratio})"


def _step(rule: Rule, value: Fraction, full: Fraction, shown: Printed) -> Award:
    target, step, deduct = Fraction(rule.target or 0), Fraction(rule.step or 1), Fraction(rule.deduct or 0)
    sign = -1 if rule.lower_is_better else 1
    short = sign * (target - value)
    if short <= 0:
        return full, exact_text(full)
    steps, flat = math.floor(short / step), Fraction(rule.flat or 0)
    figure = shown(value)
    if math.floor(sign * (target - Fraction(figure)) / step) != steps:
        figure = f"{value.numerator}/{value.denominator}"  # rounded, it would lie on the other side of a step
    sides = (figure, exact_text(target)) if rule.lower_is_better else (exact_text(target), figure)
    working = f"{exact_text(full)}-{exact_text(flat)}" if flat else exact_text(full)
    counted = f"INT(({'-'.join(sides)})÷{exact_text(step)})"
    return full - flat - steps * deduct, f"{working}-{counted}×{exact_text(deduct)}"


def _gate(rule: Rule, value: Fraction, full: Fraction, shown: Printed) -> Award:
    minimum = Fraction(rule.minimum or 0)
    passed = value <= minimum if rule.lower_is_better else value >= minimum
    sign = ("≤" if passed else ">") if rule.lower_is_better else ("≥" if passed else "<")
    return (full if passed else Fraction(0)), f"{shown(value)}{sign}{shown(minimum)}"


def _bands(rule: Rule, value: Fraction, full: Fraction, shown: Printed) -> Award:
    for band in rule.bands:
        above = band.at_least is None or value >= Fraction(band.at_least)
        if above and (band.below is None or value < Fraction(band.below)):
            low = "" if band.at_least is None else f"{exact_text(Fraction(band.at_least))}≤"
            high = "" if band.below is None else f"<{exact_text(Fraction(band.below))}"
            points = Fraction(band.points)
            cap = f": min({exact_text(full)}, {exact_text(points)})" if points > full else ""
            return points, f"{low}{shown(value)}{high}{cap}"
    return Fraction(0), shown(value)


def _per_case(rule: Rule, value: Fraction, full: Fraction, shown: Printed) -> Award:
    deduct = Fraction(rule.deduct or 0)
    return full - value * deduct, f"{exact_text(full)}-{shown(value)}×{exact_text(deduct)}"


_POINTS: Mapping[RuleKind, Callable[[Rule, Fraction, Fraction, Printed], Award]] = {
    RuleKind.LINEAR: _linear,
    RuleKind.STEP: _step,
    RuleKind.GATE: _gate,
    RuleKind.BANDS: _bands,
    RuleKind.PER_CASE: _per_case,
}


def score_item(item: Item, result: Result | None, *, rounding: Printed) -> Score:
    """Return one line scored by its rule, between nothing and full points; ``rounding`` prints a figure in the working.

    In the working ``INT`` counts whole steps, and ``min``, ``max`` show where full points or nothing cut the award.

    A value that is missing, a bound or an approximation is not scored.
    """
    if result is None or result.value is None or result.status not in EXACT:
        return Score(item, result, None, "")
    value, full = result.value, Fraction(item.points)
    points, working = _POINTS[item.rule.kind](item.rule, value, full, rounding)
    if points < 0:
        working = f"max(0, {working})"
    return Score(item, result, max(Fraction(0), min(full, points)), working)


def total(scores: Iterable[Score], bonuses: Iterable[Bonus] = ()) -> Fraction | None:
    """Return the sum of all points; None when a line could not be scored, for a missing score is not zero.

    ``bonuses`` are those of the unit scored (:meth:`Scheme.bonuses_of`), not all of a scheme that several units share.
    """
    won = [score.points for score in scores]
    if any(points is None for points in won):
        return None
    return sum((points for points in won if points is not None), Fraction(0)) + sum(
        (Fraction(bonus.points) for bonus in bonuses), Fraction(0)
    )

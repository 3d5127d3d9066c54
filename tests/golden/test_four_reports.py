"""Four published reports, figure by figure: a town of 2019 (A), Maolin 2020 (B), a town of 2015 (D), Bagongshan district 2019 (G).

``published_figures.csv`` holds all 334 figures of the four texts, in the order of the text.  A primary figure must come out of the return
as it was published.  A derived one must be recomputed and, rounded at the published decimals, equal the published number, unless a table
below says why it cannot.  A figure is named by its report and number: ``D21``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from built import rows
from county import REPOSITORY
from nianbao.dataset import Dataset, open_dataset, result_row
from nianbao.fields import Dims
from nianbao.formulas import format_dims, parse_dims, reference
from nianbao.indicators import Result, Results, compute
from nianbao.observation import Observation
from nianbao.stats import round_half_up, truncate
from nianbao.values import BLANK, INEXACT, Status

SAMPLES = {"A": ("town-a", 2019), "B": ("maolin", 2020), "D": ("town-d", 2015), "G": ("bagongshan", 2019)}
PUBLISHED = {f"{row['report']}{row['seq']}": row for row in rows(Path(__file__).with_name("published_figures.csv"))}

COUNTS = {
    "A": {"primary": 29, "matched": 16, "known fault": 0, "reported only": 4},
    "B": {"primary": 51, "matched": 9, "known fault": 1, "reported only": 8},
    "D": {"primary": 46, "matched": 13, "known fault": 5, "reported only": 11},
    "G": {"primary": 93, "matched": 24, "known fault": 2, "reported only": 22},
}
"""What becomes of the figures of each report; only ``known fault`` and ``reported only`` are not recomputed as published."""

CHAIN = "the ratio of the pooled years was cut off at 96.71 (it is 96.716) and the printed figures were reckoned on from there"
KNOWN_FAULTS = {
    "B27": (
        "1530758",
        "the eight items sum to 1530758; the published 1535536 is 4778 more, the head count of the pension subsidy added as yuan",
    ),
    "D12": ("108.69", CHAIN),
    "D21": ("96.72", "324/335 is 96.716: cut off, not rounded"),
    "D23": ("38.69", CHAIN),
    "D30": ("108.69", CHAIN + "; the sum is printed a second time"),
    "D32": ("1.69", CHAIN),
    "G8": ("85.07", "published twice with two values, 85.27 to November and 85.07 for the year, neither with its counts"),
    "G26": ("2.3", "4084 of 178000 are 2.294 %: cut off at 2.2, while every other signing rate is rounded"),
}
"""Derived figures that were published wrong: what the product prints instead at the published decimals, and why."""

REPORTED_ONLY = {
    "A14": "no counts published",
    "A23": "no counts published",
    "A46": "an estimate over schemes two of which have no published standard",
    "A47": "the text takes the special assistance head count for the families paired; a count of its own here",
    "B22": "no counts published; 66 % fits none the other figures allow unless 2/3 was cut off",
    "B26": "no numerator published, and no whole number over 4278 rounds to it",
    "B40": "number done not published",
    "B42": "number done not published",
    "B44": "number done not published",
    "B46": "number done not published",
    "B56": "a hundred per cent in words; no enterprises counted",
    "B62": "a hundred per cent in words",
    "D28": "a weight the assessment rules set; that both weights make 100 is how they were set, not a computation",
    "D36": "out-of-policy first births are not stated, so the parities make no complete set",
    "D42": "no counts published",
    "D50": "no counts published",
    "D54": "no departments counted",
    "D55": "no migrants counted",
    "D57": "no migrants counted",
    "D61": "money received is reported beside the budget; that both agree is a finding about them",
    "D63": "no posts counted",
    "D64": "a floor without counts, in the heading",
    "D65": "a floor without counts",
    "G9": "no counts published",
    "G14": "no counts published",
    "G15": "no counts published",
    "G50": "no counts published",
    "G51": "no counts published",
    "G52": "no counts published",
    "G54": "no counts published",
    "G55": "a floor without counts",
    "G59": "no units counted",
    "G60": "no tests counted",
    "G62": "the number inspected is not published",
    "G67": "the task is not published",
    "G77": "a floor without counts",
    "G78": "a floor without counts",
    "G81": "no counts published",
    "G82": "no counts published",
    "G85": "no counts published",
    "G86": "no counts published",
    "G97": "no counts published; 15 of 23 and 30 of 46 both fit",
    "G99": "no counts published",
    "G127": "repeats G105 in words; one figure of the return",
    "G128": "repeats G100 in words; one figure of the return",
}
"""Derived figures the text gives no numbers for, or which are figures of the return: they pass through as reported, and why."""

STANDS_AS = {
    "A33": ("reward_assistance_recipients", "value"),
    "D19": ("sex_ratio_at_birth[years=2012-2014]", "numerator"),
    "D20": ("sex_ratio_at_birth[years=2012-2014]", "denominator"),
}
"""Derived figures that are an aspect of another result: the cumulative total over all standards, the pooled counts of a ratio."""

ZERO_WORDS = {"未发现", "暂未发现"}
BOUNDS = {"q=ge": Status.FLOOR, "q=le": Status.CEILING, "q=approx": Status.ESTIMATED}


@dataclass(frozen=True)
class Figure:
    """One published figure, and where the product has it."""

    name: str
    row: Mapping[str, str]
    entry: str
    dims: Dims
    year: int

    @property
    def ref(self) -> str:
        return reference(self.entry, self.dims)

    @property
    def derived(self) -> bool:
        return self.row["is_derived"] == "yes"

    @property
    def decimals(self) -> int:
        """Decimals of the published string; money is held in yuan whatever unit was printed."""
        return 0 if self.row["kind"] == "money_yuan" else int(self.row["decimals"] or 0)


@cache
def sample(report: str) -> Dataset:
    township, year = SAMPLES[report]
    return open_dataset(REPOSITORY, township=township, year=year)


@cache
def figures(report: str) -> tuple[Figure, ...]:
    """Return the figures of a report; a repetition in the text is the same figure, and an earlier year is a period, no dimension."""
    found = []
    for name, row in PUBLISHED.items():
        if row["report"] != report:
            continue
        dims = {key: value for key, value in parse_dims(row["dims"]) if key != "occurrence"}
        year = int(dims.pop("year", SAMPLES[report][1]))
        if row["period"].startswith("calendar_year:"):
            year = int(row["period"].removeprefix("calendar_year:"))
        found.append(Figure(name, row, row["element"], tuple(sorted(dims.items())), year))
    return tuple(found)


def observed(observations: tuple[Observation, ...], figure: Figure) -> Observation | None:
    """Return the observation of a figure in its own year."""
    found = [
        item for item in observations if (item.entry, item.dims, item.period.year) == (figure.entry, figure.dims, figure.year)
    ]
    return found[0] if found else None


def fault_of_primary(figure: Figure, said: Observation | Result) -> str:
    """Return how a figure of the return differs from the published one, or nothing."""
    published, value = figure.row["published"], figure.row["value"]
    if figure.row["kind"] == "text_range":
        return "" if said.raw == published else f"says {said.raw}, published {published}"
    if not value:
        return "" if said.status is Status.MASKED and said.value is None else f"is {said.status}, published {published}"
    if said.value != Fraction(value):
        return f"is {said.value}, published {published}"
    bound = next((status for mark, status in BOUNDS.items() if figure.row["note"].startswith(mark)), None)
    if bound is not None or published in ZERO_WORDS:
        wanted = bound or Status.ZERO
        return "" if said.status is wanted else f"is {said.status}, published {published}"
    return f"is {said.status}, published {published}" if said.status in (*BLANK, *INEXACT) else ""


def recomputed(result: Result) -> bool:
    """Return whether a result was worked out from other figures and not taken over from one that states it."""
    return bool(result.parts) and result.status in (Status.COMPUTED, Status.IMPLIED, Status.FLOOR)


def differences(report: str, observations: tuple[Observation, ...], results: Results) -> Iterator[tuple[str, str]]:
    """Yield number and nature of every way the results differ from the published figures, the tables of exceptions applied."""
    for figure in figures(report):
        fault = difference(figure, observations, results)
        if fault:
            yield figure.name, f"{figure.ref} {fault}"


def difference(figure: Figure, observations: tuple[Observation, ...], results: Results) -> str:
    if not figure.derived:
        return primary_difference(figure, observations, results)
    ref, aspect = STANDS_AS.get(figure.name, (figure.ref, "value"))
    result = results.get(ref)
    if result is None:
        return "has no result"
    value = getattr(result, aspect)
    if value is None:
        return f"has no {aspect}: {result.status} {result.reason}"
    shown = round_half_up(value, figure.decimals)
    if figure.name in KNOWN_FAULTS:
        expected = KNOWN_FAULTS[figure.name][0]
        return "" if f"{shown:f}" == expected else f"is {shown}, known to be {expected}"
    if Fraction(shown) != Fraction(figure.row["value"]):
        return f"is {shown}, published {figure.row['published']}"
    if recomputed(result) == (figure.name in REPORTED_ONLY):
        return f"is {result.status}, which the tables of exceptions deny"
    return ""


def primary_difference(figure: Figure, observations: tuple[Observation, ...], results: Results) -> str:
    if figure.year != results.year:  # kept for comparison and pooling, without a result of its own
        said = observed(observations, figure)
        return fault_of_primary(figure, said) if said is not None else f"was not observed in {figure.year}"
    result = results.get(figure.ref)
    if result is None:
        return "has no result"
    both = [fault_of_primary(figure, result), fault_of_primary(figure, result.reported) if result.reported else ""]
    return next(filter(None, both), "")


@pytest.mark.parametrize("report", SAMPLES)
def test_the_published_figures_come_out(report: str) -> None:
    data = sample(report)
    assert dict(differences(report, data.observations, data.results)) == {}


@pytest.mark.parametrize("report", SAMPLES)
def test_every_figure_is_accounted_for(report: str) -> None:
    found: Counter[str] = Counter(dict.fromkeys(COUNTS[report], 0))
    for figure in figures(report):
        if not figure.derived:
            found["primary"] += 1
        elif figure.name in KNOWN_FAULTS:
            found["known fault"] += 1
        else:
            found["reported only" if figure.name in REPORTED_ONLY else "matched"] += 1
    assert dict(found) == COUNTS[report]


def test_all_334_figures_and_no_others() -> None:
    assert sum(sum(counts.values()) for counts in COUNTS.values()) == len(PUBLISHED) == 334
    derived = {name for name, row in PUBLISHED.items() if row["is_derived"] == "yes"}
    tables = [set(KNOWN_FAULTS), set(REPORTED_ONLY), set(STANDS_AS)]
    assert set().union(*tables) <= derived
    assert sum(len(table) for table in tables) == len(set().union(*tables)), "a figure stands in two tables"


def test_what_is_said_to_be_underivable_is_recomputed_only_from_what_the_text_implies() -> None:
    """The deviations of D follow from targets they imply themselves; the changes of B from the year before they imply."""
    underivable = {name for name, row in PUBLISHED.items() if row["verdict"] == "underivable"}
    assert underivable - set(REPORTED_ONLY) - set(KNOWN_FAULTS) == {"B17", "B20", "D56", "D58"}


@pytest.mark.parametrize("name", KNOWN_FAULTS)
def test_known_faults_are_still_faults(name: str) -> None:
    assert Fraction(KNOWN_FAULTS[name][0]) != Fraction(PUBLISHED[name]["value"])


@pytest.mark.parametrize("name", ["D21", "G26"])
def test_figures_said_to_be_cut_off_are(name: str) -> None:
    figure = next(item for item in figures(name[0]) if item.name == name)
    value = sample(name[0]).results.named(figure.ref).value
    assert value is not None
    assert Fraction(truncate(value, figure.decimals)) == Fraction(figure.row["value"])


def test_the_printed_chain_of_d_follows_from_the_ratio_cut_off() -> None:
    """96.71 x 40 % + 70.00 = 108.68, 1.68 above 107: right by its own printed numbers, wrong by its births."""
    component = round_half_up(Fraction("96.71") * Fraction(40, 100), 2)
    assert Fraction(component) == Fraction(PUBLISHED["D23"]["value"])
    composite = Fraction(component) + 70
    assert composite == Fraction(PUBLISHED["D12"]["value"]) == Fraction(PUBLISHED["D30"]["value"])
    assert composite - 107 == Fraction(PUBLISHED["D32"]["value"])


def test_births_of_the_pooled_years_are_observations_of_their_own_year() -> None:
    data = sample("D")
    births = {
        (item.period.code, format_dims(item.dims)): item.value
        for item in data.observations
        if item.entry == "births" and item.period.year < 2015
    }
    assert births == {
        (f"statistical_year:{year - 1}-10-01/{year}-09-30", f"sex={sex}"): count
        for year, boys, girls in ((2012, 128, 141), (2013, 125, 126), (2014, 71, 68))
        for sex, count in (("male", boys), ("female", girls))
    }
    pooled = data.results.named("sex_ratio_at_birth[years=2012-2014]")
    assert (pooled.numerator, pooled.denominator) == (324, 335)


def test_both_values_of_a_figure_published_twice_are_kept() -> None:
    said = {
        item.period.code: item.value for item in sample("G").observations if item.entry == "maternal_system_management_rate"
    }
    assert said == {
        "month_range:2019-01-01/2019-11-30": Fraction("85.27"),
        "calendar_year:2019-01-01/2019-12-31": Fraction("85.07"),
    }


# --- the twin: a changed primary figure is noticed ------------------------------------------------------------------------------


def perturbed(report: str, target: Observation) -> set[str]:
    """Return which published figures no longer come out when one figure of the return is one more than it was."""
    data = sample(report)
    assert target.value is not None
    changed = tuple(replace(item, value=target.value + 1) if item is target else item for item in data.observations)
    results = compute(changed, catalogue=data.catalogue, township=data.township, year=data.year)
    return {name for name, _ in differences(report, changed, results)}


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("A3", {"A2", "A3", "A9", "A10", "A12"}),
        ("A34", {"A33", "A34"}),
        ("B50", {"B50"}),
        ("B28", {"B27", "B28"}),
        ("D13", {"D12", "D13", "D19", "D21", "D23", "D30", "D32"}),
        ("D26", {"D12", "D26", "D27", "D29", "D30", "D32"}),
        ("D46", {"D43", "D45", "D46"}),
        ("G2", {"G2", "G3", "G4", "G5"}),
        ("G102", {"G101", "G102"}),
    ],
)
def test_a_changed_figure_takes_along_what_is_computed_from_it(name: str, touched: set[str]) -> None:
    figure = next(item for item in figures(name[0]) if item.name == name)
    target = observed(sample(name[0]).observations, figure)
    assert target is not None
    assert perturbed(name[0], target) == touched


@pytest.mark.parametrize("report", SAMPLES)
def test_no_primary_figure_can_change_unnoticed(report: str) -> None:
    data = sample(report)
    for figure in figures(report):
        target = None if figure.derived else observed(data.observations, figure)
        if target is None or target.value is None:
            continue
        assert figure.name in perturbed(report, target), f"{figure.name} {figure.ref} does not matter"


# --- two populations ------------------------------------------------------------------------------------------------------------


def rates_of_bagongshan() -> list[dict[str, str]]:
    data = sample("G")
    return [result_row(data, item) for item in data.results if recomputed(item) and item.denominator is not None]


def test_every_rate_of_the_district_prints_its_counts_and_its_base() -> None:
    found = rates_of_bagongshan()
    assert len(found) >= 24
    for row in found:
        assert row["numerator"], row["indicator"]
        assert row["denominator"], row["indicator"]
        assert row["base"] in set(sample("G").catalogue.bases) - {"none"}, row["indicator"]


def test_the_two_populations_are_two_named_bases() -> None:
    found = {(row["indicator"], row["dims"]): row for row in rates_of_bagongshan()}
    over = {base: {key for key, row in found.items() if row["denominator"] == base} for base in ("178000", "164800")}
    assert over["178000"] == {
        ("family_doctor_signing_rate", ""),
        ("family_doctor_signing_rate", "type=paid"),
        ("family_doctor_signing_rate", "disease=hypertension;type=paid"),
        ("family_doctor_signing_rate", "disease=diabetes;type=paid"),
        ("health_record_rate", ""),
    }
    assert over["164800"] == {("crude_birth_rate", "")}
    bases = {base: {found[key]["base"] for key in keys} for base, keys in over.items()}
    assert bases["178000"].isdisjoint(bases["164800"])
    results = sample("G").results
    assert (results.named("population_resident").value, results.named("population_total").value) == (178000, 164800)
    assert results.named("population_resident").entry.base != results.named("population_total").entry.base

"""The report Maolin published for 2020, figure by figure, against what nianbao makes of its primary figures.

``maolin_2020_published.csv`` holds all 69 figures of the published text.  A primary figure must come out as it went in; a derived one
must be recomputed and equal the published number at its published decimals, unless a table below says why it cannot.
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist

import pytest

from built import Built, copy_project, fill, nianbao, rows
from nianbao.stats import round_half_up

PUBLISHED = rows(Path(__file__).with_name("maolin_2020_published.csv"))
Key = tuple[str, str]

REPORTED_ONLY = {
    ("out_of_policy_share", "parity=3+"): (
        "reported",
        "66%",
        "printed without numbers; 66% fits no count the other figures allow unless 2/3 was cut off",
    ),
    ("contraceptive_prevalence_rate", ""): (
        "reported",
        "92.28%",
        "printed without a numerator; no whole number over 4278 rounds to it",
    ),
    ("premarital_exam_completion_rate", ""): ("reported", "100%", "number done not published"),
    ("two_cancer_screening_completion_rate", ""): ("reported", "100%", "number done not published"),
    ("folic_acid_completion_rate", ""): ("reported", "100%", "number done not published"),
    ("preconception_exam_completion_rate", ""): ("reported", "100%", "number done not published"),
    ("occupational_hazard_declaration_rate", ""): ("full", "全部完成", "a hundred per cent in words; no enterprises counted"),
    ("livestock_penned_rate", ""): ("full", "全部", "a hundred per cent in words"),
}
"""Derived figures the published text gives no numbers for: they pass through with this status and display, and why."""

KNOWN_FAULTS = {
    ("incentive_funds_total", "scope=all"): (
        "1530758",
        "the eight items sum to 1530758; the published 1535536 is 4778 more, the head count of the pension subsidy added as yuan",
    ),
}
"""Published figures that are wrong: what nianbao prints instead, and why."""

WORDS = {"未发现": ("zero", "0"), "202_元": ("masked", ""), "60岁以上": ("reported", ""), "一百多位": ("floor", "100")}
"""Status and exact value of published figures that are no plain numbers."""


def key_of(row: dict[str, str], *, entry: str) -> Key:
    """Return entry and dims, the dims in key order as results hold them."""
    return row[entry], ";".join(sorted(filter(None, row["dims"].split(";"))))


DERIVED = {key_of(row, entry="element"): row for row in PUBLISHED if row["is_derived"] == "yes"}
PRIMARY = {key_of(row, entry="element"): row for row in PUBLISHED if row["is_derived"] == "no"}
RECOMPUTED = {key: row for key, row in DERIVED.items() if key not in REPORTED_ONLY and key not in KNOWN_FAULTS}


def wanted_of(row: dict[str, str]) -> tuple[str, str]:
    """Return the status and exact value a primary figure must have."""
    if row["published"] in WORDS:
        return WORDS[row["published"]]
    return ("floor" if "lower bound" in row["note"] else "reported"), row["value"]


def differences(results: list[dict[str, str]]) -> list[str]:
    """Return every way the results differ from the published figures, the two tables of exceptions applied."""
    found = {key_of(row, entry="indicator"): row for row in results}
    said = []
    for key, row in PRIMARY.items():
        status, value = wanted_of(row)
        result = found.get(key)
        if result is None:
            said.append(f"{key}: not in the results")
        elif (result["status"], result["value"]) != (status, value):
            said.append(f"{key}: {result['status']} {result['value']}, published {status} {value}")
    for key, row in RECOMPUTED.items():
        result = found.get(key)
        if result is None or not result["value"]:
            said.append(f"{key}: not computed")
            continue
        printed = f"{round_half_up(Fraction(result['value']), int(row['decimals'])):f}"
        if printed != row["value"] or not recomputed(result):
            said.append(f"{key}: {result['status']} {printed}, published {row['value']}")
    for key, (printed, _reason) in KNOWN_FAULTS.items():
        if found[key]["display"] != printed:
            said.append(f"{key}: {found[key]['display']}, known to be {printed}")
    for key, (status, display, _reason) in REPORTED_ONLY.items():
        if (found[key]["status"], found[key]["display"]) != (status, display):
            said.append(f"{key}: {found[key]['status']} {found[key]['display']}, published {status} {display}")
    return said


def recomputed(result: dict[str, str]) -> bool:
    """Return whether a result was worked out from other cells and not taken over from one that states it."""
    return len(result["sources"].split(";")) > 1 and result["status"] in ("computed", "implied", "floor")


def test_all_69_figures_are_accounted_for() -> None:
    assert (len(PUBLISHED), len(PRIMARY), len(DERIVED)) == (69, 51, 18)
    assert (len(RECOMPUTED), len(REPORTED_ONLY), len(KNOWN_FAULTS)) == (9, 8, 1)
    assert set(REPORTED_ONLY) | set(KNOWN_FAULTS) <= set(DERIVED)


def test_the_published_figures_come_out(built: Built) -> None:
    assert differences(built.results) == []


def test_exceptions_are_still_needed(built: Built) -> None:
    """A figure in the tables of exceptions that came out right would hide a fault from then on."""
    found = {key_of(row, entry="indicator"): row for row in built.results}
    assert not [key for key in REPORTED_ONLY if recomputed(found[key])]
    assert not [key for key in KNOWN_FAULTS if found[key]["value"] == DERIVED[key]["value"]]


@pytest.mark.parametrize(
    ("ref", "dims", "shown"),
    [
        ("births", "", "151"),
        ("births_change_yoy", "parity=1", "−15"),
        ("births_change_yoy_pct", "parity=1", "−18%"),
        ("births_change_yoy", "parity=2+", "−17"),
        ("births_change_yoy_pct", "parity=2+", "−17%"),
        ("pregnancy_known_rate", "parity=1", "89.71%"),
        ("early_pregnancy_detection_rate", "parity=2+;policy=in", "66.67%"),
        ("pregnancy_known_rate", "parity=2+;policy=in", "89.74%"),
        ("health_education_events", "", "25余"),
        ("incentive_funds_total", "scope=all", "1530758"),
    ],
)
def test_displays_are_those_of_the_published_text(built: Built, ref: str, dims: str, shown: str) -> None:
    [row] = [row for row in built.results if (row["indicator"], row["dims"]) == (ref, dims)]
    assert row["display"] == shown


@pytest.mark.parametrize(
    ("entry", "dims", "value", "touched"),
    [
        (
            "births",
            "parity=1",
            69,
            {"births", "births_change_yoy", "births_change_yoy_pct", "pregnancy_known_rate"},
        ),
        ("medical_insurance_paid_amount", "", 21840, {"medical_insurance_paid_amount", "incentive_funds_total"}),
        ("livestock_stock", "animal=sheep;village=2", None, {"livestock_stock"}),
        ("epidemic_stock", "item=hand_sanitiser;unit=bottle", "30余", {"epidemic_stock"}),
    ],
)
def test_a_changed_primary_figure_is_noticed(
    tmp_path: Path, entry: str, dims: str, value: str | int | None, touched: set[str]
) -> None:
    project = copy_project(tmp_path / "project")
    fill(project, entry, value, dims=dims, period="2020")
    done = nianbao(project, "results", "maolin", "--year", "2020", "--format", "csv")
    assert done.code == 0, done.said
    (tmp_path / "results.csv").write_text(done.out, encoding="utf-8")
    said = differences(rows(tmp_path / "results.csv"))
    assert {line.split("'")[1] for line in said} == touched


def test_the_wrong_total_is_a_finding_that_names_the_head_count(built: Built) -> None:
    findings = {row["code"]: row for row in rows(built.folder / "findings.csv")}
    wrong = findings["total-differs"]
    counted = [row for row in built.results if row["indicator"] == "pension_insurance_subsidy_recipients"]
    head_count = counted[0]["sources"]
    assert head_count in wrong["cells"].split(";")
    for lang in ("zh", "en"):
        message = wrong[f"message_{lang}"]
        assert all(number in message for number in ("1530758", "1535536", "4778"))
        assert head_count.split("!", 1)[1] in message
        assert wrong[f"remedy_{lang}"]


def test_the_impossible_rate_is_a_finding(built: Built) -> None:
    findings = {row["code"]: row for row in rows(built.folder / "findings.csv")}
    message = findings["rate-impossible"]["message_zh"]
    assert all(number in message for number in ("92.28%", "4278", "3948"))
    assert sorted(row["code"] for row in rows(built.folder / "findings.csv")) == [
        "masked",
        "masked",
        "rate-impossible",
        "total-differs",
        "village-missing",
    ]


def wilson(n: int, total: int) -> tuple[float, float]:
    """Return the Wilson score interval in per cent as the two roots of its quadratic, worked out here on its own."""
    z = NormalDist().inv_cdf(0.975)
    a, b, c = total + z * z, -(2 * n + z * z), n * n / total
    root = math.sqrt(b * b - 4 * a * c)
    return 100 * (-b - root) / (2 * a), 100 * (-b + root) / (2 * a)


@pytest.mark.parametrize(
    ("indicator", "dims", "n", "total"),
    [
        ("pregnancy_known_rate", "parity=1", 61, 68),
        ("pregnancy_known_rate", "parity=2+;policy=in", 70, 78),
        ("early_pregnancy_detection_rate", "parity=2+;policy=in", 52, 78),
    ],
)
def test_intervals_of_the_rates(built: Built, indicator: str, dims: str, n: int, total: int) -> None:
    [row] = [row for row in built.results if (row["indicator"], row["dims"]) == (indicator, dims)]
    assert (row["numerator"], row["denominator"]) == (str(n), str(total))
    assert (float(row["lower"]), float(row["upper"])) == pytest.approx(wilson(n, total), abs=1e-9)


@pytest.mark.parametrize(("now", "before"), [(151, 183), (68, 83), (83, 100)])
def test_the_changes_in_births_are_within_chance_and_the_text_says_so(built: Built, now: int, before: int) -> None:
    """Given their sum, the count of one of two equal years is binomial with one half: the two-sided exact test of no change."""
    both = now + before
    tail = sum(math.comb(both, k) for k in range(min(now, before) + 1))
    assert Fraction(2 * tail, 2**both) > Fraction(5, 100)
    [sentence] = [tag.get_text() for tag in built.soup.select("#population-births + p")]
    assert "从统计上看上述增减变化不明显" in sentence

"""Estimated numbers of persons: exact and fractional in results, whole wherever a reader meets them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from county import REPOSITORY, YEAR, observe_all, place, shipped_catalogue
from nianbao import composer
from nianbao.blocks import BLOCK_MIME, Block, plain
from nianbao.chapter import Chapter
from nianbao.dataset import Dataset, result_row
from nianbao.observation import Intake

FIGURES = {"residents_18_plus": 8001, "hypertension_prevalence": "25.2%", "hypertension_registered": 1512}
RATE = "hypertension_enrolment_rate"


@pytest.fixture
def data() -> Dataset:
    given = tuple(observe_all(FIGURES))
    return Dataset(REPOSITORY, place(), YEAR, shipped_catalogue(), (Intake("qingxi", YEAR, "data/x.xlsx", "", given, ()),))


def test_the_estimate_is_exact_in_results_and_whole_in_print(data: Dataset) -> None:
    row = result_row(data, data.results.named("hypertension_patients_estimated"))
    assert (row["value"], row["display"], row["decimals"]) == ("2016.252", "2016", "0")


def test_the_rate_is_over_the_exact_estimate(data: Dataset) -> None:
    result = data.results.named(RATE)
    assert (result.numerator, result.denominator) == (1512, Fraction("2016.252"))
    row = result_row(data, result)
    assert row["denominator"] == "2016.252"
    assert row["display"] == "74.99%"  # 1512 of the printed 2016 would be 75.00 %


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_n_and_the_denominator_are_printed_whole(data: Dataset, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Block] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))
    chapter = Chapter("basic_public_health", data, lang=lang, edition="internal")
    chapter.table("慢性病", "Chronic diseases", RATE)
    [row] = [row for block in seen for row in block["rows"]]
    assert [plain(cell) for cell in row["cells"]][1:4] == ["1512", "2016", "74.99%"]
    assert "2016.252" not in str(seen)

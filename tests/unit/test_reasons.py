"""Reasons in both languages: one list, every result's reason is in it, and a chain tells it in the reader's language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from built import ROOT
from county import results_of
from nianbao.dataset import open_dataset
from nianbao.reasons import REASONS, reason, told
from nianbao.trace import Tracer

FIGURES = {
    "parts": "births[parity=1], births[parity=2+]",
    "one": "statistical_year:2020",
    "other": "calendar_year:2020",
    "year": "2018",
}


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_is_told_in_both_languages_with_its_figures(code: str) -> None:
    named = re.findall(r"\{(\w+)\}", REASONS[code][0])
    assert named == re.findall(r"\{(\w+)\}", REASONS[code][1])
    english = reason(code, **{name: FIGURES[name] for name in named})
    chinese = told(english, "zh")
    assert told(english, "en") == english
    assert chinese == REASONS[code][1].format(**{name: FIGURES[name].replace(", ", "、") for name in named})


def test_a_reason_that_is_not_in_the_list_is_noticed() -> None:
    assert told("", "zh") == ""
    with pytest.raises(ValueError, match="no reason of the list"):
        told("because", "zh")


def test_indicators_take_every_reason_from_the_list() -> None:
    tree = ast.parse((ROOT / "lib" / "nianbao" / "indicators.py").read_text(encoding="utf-8"))
    words = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "reason" and isinstance(node.value, (ast.Constant, ast.JoinedStr))
    ]
    assert words == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "data").glob("*/20??.xlsx")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_every_reason_of_a_shipped_return_has_its_chinese(path: Path) -> None:
    data = open_dataset(ROOT, township=path.parent.name, year=int(path.stem))
    reasons = [result.reason for result in data.results if result.reason]
    assert [text for text in reasons if not re.search(r"[\u4e00-\u9fff]", told(text, "zh"))] == []


def test_a_chain_tells_why_in_the_language_asked_for() -> None:
    results = results_of({"births[parity=1]": 68, "births[parity=2+]": None})
    rate = {lang: "\n".join(Tracer(results, (), lang=lang).result("births").lines(lang)) for lang in ("zh", "en")}
    assert "缺：births[parity=2+]" in rate["zh"]
    assert "missing: " not in rate["zh"]
    assert "missing: births[parity=2+]" in rate["en"]

"""What a clerk writes of a situation: facts on one side, the sentence expected of them on the other, both written by hand.

``tests/spec/style/*.yml`` holds the situations by kind.  ``given`` is what the return holds, named as formulas name it, a figure or
``[figure, kind, period]``; ``do`` the way of telling; ``of`` what is told; ``zh`` and ``en`` the sentences.  The sentences follow the
rules on digits, per cent and rounding of official Chinese; none was copied from what the program printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from county import REPOSITORY, observe_all, place, shipped_catalogue
from nianbao.blocks import plain
from nianbao.catalogue import load_catalogue
from nianbao.chapter import Chapter
from nianbao.dataset import Dataset
from nianbao.facts import FactBook, numbers_in
from nianbao.indicators import Results, compute
from nianbao.narrative import Narrator
from nianbao.nextsteps import next_steps
from nianbao.observation import Intake
from nianbao.values import BLANK
from nianbao.villages import funnels

FOLDER = Path(__file__).parent / "style"
ENOUGH = 150
YEAR = 2020


def situations() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.yml")):
        for kind, cases in yaml.safe_load(path.read_text("utf-8")).items():
            for number, case in enumerate(cases, start=1):
                yield pytest.param(case, id=f"{kind}-{number}")


def results_of(case: dict[str, Any]) -> Results:
    figures = {name: tuple(value) if isinstance(value, list) else value for name, value in case["given"].items()}
    town = place().model_copy(update={"money": case.get("money", "yuan"), "variants": case.get("variant", {})})
    catalogue = load_catalogue(REPOSITORY, township=town) if "variant" in case else shipped_catalogue()
    return compute(observe_all(figures), catalogue=catalogue, township=town, year=YEAR)


def told(case: dict[str, Any], *, lang: str) -> list[Any]:
    """Return the runs the narrator makes of a situation."""
    results = results_of(case)
    tell = Narrator(results, FactBook("chapter"), lang=lang)
    found = [results.named(ref) for ref in case["of"]]
    match case["do"]:
        case "villages":
            intake = Intake("qingxi", YEAR, "data/qingxi/2020.xlsx", "", tuple(observe_all(case["given"])), ())
            data = Dataset(REPOSITORY, place(), YEAR, shipped_catalogue(), (intake,))
            chapter = Chapter("basic_public_health", data, lang=lang, edition="internal")
            return chapter._comparison(funnels(data.results, areas=("basic_public_health",)), "x")
        case "next_steps":
            blank = [item for item in observe_all(case["given"]) if item.status in BLANK] if "blank" in case else []
            return next_steps(tell, blank=blank, doubtful=())
        case "stated" | "shortfall" | "against_target" as way:
            return list(getattr(tell, way)(found[0]))
        case "development":
            return tell.development(found[0], found[1:])
        case "funds":
            return tell.funds(found[0], [part for part in found[0].parts if part.status not in BLANK])
        case "funds_without_total":
            return tell.funds_without_total(found[0], found[0].parts)
        case way:
            return list(getattr(tell, way)(found))


def test_there_are_enough_situations_and_each_says_something_else() -> None:
    cases = [param.values[0] for param in situations()]
    assert len(cases) >= ENOUGH
    assert len({(str(case["given"]), case["do"]) for case in cases}) == len(cases)


@pytest.mark.parametrize("case", list(situations()))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sentence_is_the_clerks(case: dict[str, Any], lang: str) -> None:
    runs = told(case, lang=lang)
    assert plain(runs) == case[lang]
    assert [number for run in runs if "fact" not in run for number in numbers_in(run["text"])] == []

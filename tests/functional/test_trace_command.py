"""``nianbao trace``: the chain of a figure as text and as JSON, and what is said of a name that leads nowhere."""

from __future__ import annotations

import hashlib
import json

import pytest

from built import RETURN, Built, nianbao
from county import FIGURES, Project

ASKED = ("--year", "2020")


def test_the_chain_of_a_change_leads_to_the_cells_of_both_years(built: Built) -> None:
    done = nianbao(built.project, "trace", "maolin", "births:change", *ASKED)
    assert done.code == 0, done.said
    lines = done.out.splitlines()
    digest = hashlib.sha256((built.project / RETURN).read_bytes()).hexdigest()
    assert lines[0] == "出生（比上年增减）：−32 = 151 − 183（2020统计年度，计算得出）  [births:change]"
    assert [line.strip() for line in lines if "←" in line] == [
        f"← {RETURN}!人口监测!{cell}  “{raw}”" for cell, raw in (("E7", 68), ("E8", 83), ("E9", 83), ("E10", 100))
    ]
    assert lines[-1] == f"{RETURN}  SHA-256 {digest}"


def test_the_chain_speaks_english(built: Built) -> None:
    done = nianbao(built.project, "trace", "maolin", "population:births:value", *ASKED, "--lang", "en")
    assert done.out.startswith("births: 151 = 68 + 83 (statistical year 2020, computed)  [births]\n")


def test_json_holds_the_whole_chain(built: Built) -> None:
    done = nianbao(built.project, "trace", "maolin", "pregnancy_known_rate[parity=1]", *ASKED, "--format", "json")
    record = json.loads(done.out)
    assert list(record) == ["township", "year", "figure", "files", "chain"]
    chain = record["chain"]
    assert (chain["display"], chain["formula"]) == ("89.71%", "61 ÷ 68 × 100")
    assert [step["sources"][0]["raw"] for step in chain["steps"]] == ["61", "68"]
    assert chain["steps"][0]["sources"][0]["sha256"] == record["files"][RETURN]


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("birth", "did you mean 'births'"),
        ("births:foo", "births has no role 'foo'"),
        ("bogus:births", "'bogus' is no chapter and no element or indicator"),
        ("births:numerator", "births has no numerator"),
        ("overview:figures-reported:items", "is a number in words"),
    ],
)
def test_a_name_that_leads_nowhere_is_exit_1_with_one_message(built: Built, figure: str, said: str) -> None:
    done = nianbao(built.project, "trace", "maolin", figure, *ASKED, "--lang", "en")
    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("lang", "why"), [("zh", "（2020统计年度，未报，缺：births[parity=2+]）"), ("en", "missing, missing: births[parity=2+])")]
)
def test_the_chain_says_why_there_is_no_figure(lang: str, why: str, project: Project) -> None:
    project.write({**FIGURES, "births[parity=2+]": None})
    done = nianbao(project.root, "trace", "qingxi", "births", *ASKED, "--lang", lang)
    assert done.code == 0, done.said
    assert why in done.out.splitlines()[0]

"""``nianbao check`` and ``nianbao results`` end to end."""

from __future__ import annotations

import csv
import io
import json

import pytest

from built import RETURN, Built, fill, nianbao, rows

TARGETS = (("maolin", "--year", "2020"), (RETURN,))


@pytest.mark.parametrize("target", TARGETS)
def test_check_lists_every_finding_with_what_to_do(built: Built, target: tuple[str, ...]) -> None:
    done = nianbao(built.project, "check", *target)
    assert done.code == 0, done.said
    found = rows(built.folder / "findings.csv")
    assert f"待核实{len(found)}处" in done.out
    for finding in found:
        assert finding["code"] in done.out
        assert finding["message_zh"] in done.out
        assert finding["remedy_zh"] in done.out
        assert finding["cells"].split(";")[0].split("!", 1)[1] in done.out


@pytest.mark.parametrize("target", TARGETS)
def test_check_as_json_is_the_findings_of_the_report(built: Built, target: tuple[str, ...]) -> None:
    done = nianbao(built.project, "check", *target, "--format", "json")
    assert done.code == 0, done.said
    assert json.loads(done.out) == rows(built.folder / "findings.csv")


def test_check_speaks_english(built: Built) -> None:
    done = nianbao(built.project, "check", "maolin", "--year", "2020", "--lang", "en")
    assert all(finding["message_en"] in done.out for finding in rows(built.folder / "findings.csv"))


def test_check_of_a_blocking_fault_is_exit_1(workshop: Built) -> None:
    address = fill(workshop.project, "births", "很多", dims="parity=1", period="2020")
    for target in TARGETS:
        done = nianbao(workshop.project, "check", *target, "--format", "json")
        assert done.code == 1
        [blocking] = [finding for finding in json.loads(done.out) if finding["severity"] == "block"]
        assert blocking["code"] == "not-a-number"
        assert blocking["cells"] == f"{RETURN}!{address}"


def test_results_are_those_of_the_report(built: Built) -> None:
    as_csv = nianbao(built.project, "results", "maolin", "--year", "2020", "--format", "csv")
    assert as_csv.code == 0, as_csv.said
    assert as_csv.out == (built.folder / "results.csv").read_text("utf-8")
    as_json = nianbao(built.project, "results", "maolin", "--year", "2020", "--format", "json")
    assert json.loads(as_json.out) == list(csv.DictReader(io.StringIO(as_csv.out)))


def test_results_as_a_table_show_name_display_and_numbers(built: Built) -> None:
    lines = nianbao(built.project, "results", "maolin", "--year", "2020").out.splitlines()
    assert len(lines) == len(built.results)
    [rate] = [line for line in lines if line.startswith("pregnancy_known_rate[parity=1]")]
    assert rate.split()[-3:] == ["89.71%", "61/68", "由公布的比率反推"]
    assert "91" in nianbao(built.project, "results", "maolin", "--year", "2020", "--lang", "en").out


def test_results_of_a_faulty_return_are_refused(workshop: Built) -> None:
    fill(workshop.project, "births", -1, dims="parity=1", period="2020")
    done = nianbao(workshop.project, "results", "maolin", "--year", "2020", "--lang", "en")
    assert done.code == 1
    assert done.out == ""
    assert "-1 is negative" in done.err

"""Wrong input: one clear message with address and remedy, exit code 1 (2 for the command line), and nothing earlier touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from built import FIRST_ROW, RETURN, VALUE, Built, fill, hashes, nianbao

REPORT = ("report", "maolin", "--year", "2020", "--lang", "en")
ID_NUMBER = "11010519491231002X"


def emptied(project: Path) -> str:
    """Leave every figure of the return blank."""
    book = openpyxl.load_workbook(project / RETURN)
    for sheet in book.worksheets[1:]:
        for row in range(FIRST_ROW, sheet.max_row + 1):
            sheet.cell(row, VALUE).value = None
    book.save(project / RETURN)
    return RETURN


def removed(project: Path) -> str:
    """Take the return away."""
    (project / RETURN).unlink()
    return RETURN


def scrambled(project: Path) -> str:
    """Put something else in place of the workbook."""
    (project / RETURN).write_bytes(b"PK\x03\x04 but no workbook")
    return RETURN


def without_code(project: Path) -> str:
    """Misspell an element's code."""
    book = openpyxl.load_workbook(project / RETURN)
    sheet = book["人口监测"]
    sheet["B4"] = "population_totl"
    book.save(project / RETURN)
    return "人口监测!"


def unknown_reference(project: Path) -> str:
    """Refer to a figure that does not exist in the office's own text."""
    path = project / "data/maolin/2020.md"
    path.write_text(path.read_text("utf-8").replace("{{ births }}", "{{ birthz }}"), encoding="utf-8")
    return "data/maolin/2020.md:7"


def broken_params(project: Path) -> str:
    """Misspell a key of a catalogue entry."""
    path = project / "params/catalogue/elderly.yml"
    path.write_text(path.read_text("utf-8").replace("  en:", "  eng:", 1), encoding="utf-8")
    return "params/catalogue/elderly.yml:"


FAULTS: dict[str, tuple[Callable[[Path], str], tuple[str, ...]]] = {
    "missing file": (removed, ("return not found", "put it there")),
    "no workbook": (scrambled, ("the file is cut off", "have it sent again")),
    "empty return": (emptied, ("no figure", "fill")),
    "text for a number": (
        lambda project: fill(project, "births", "很多", dims="parity=1", period="2020"),
        ("text stands where a number belongs", "found 很多", "write a number"),
    ),
    "negative count": (
        lambda project: fill(project, "births", -5, dims="parity=1", period="2020"),
        ("-5 is negative", "mend it"),
    ),
    "n above N": (
        lambda project: fill(project, "births_pregnancy_known", 90, dims="parity=1"),
        ("the numerator 90 exceeds the denominator 68", "check both figures"),
    ),
    "half a person": (
        lambda project: fill(project, "births", 68.5, dims="parity=1", period="2020"),
        ("68.5 is no whole number", "write the count as a whole number"),
    ),
    "count as a percentage": (
        lambda project: fill(project, "population_outflow", "35%"),
        ("a percent sign", "write"),
    ),
    "unknown code": (without_code, ("population_totl", "population_total")),
    "unknown reference": (unknown_reference, ("birthz", "births")),
    "broken params": (broken_params, ("eng", "en")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_wrong_input_is_refused_with_address_and_remedy(workshop: Built, fault: str) -> None:
    spoil, words = FAULTS[fault]
    address = spoil(workshop.project)
    before = hashes(workshop.folder)
    done = nianbao(workshop.project, *REPORT)
    assert done.code == 1
    assert "Traceback" not in done.said
    assert done.out == ""
    assert address in done.err
    assert [word for word in words if word not in done.err] == []
    assert hashes(workshop.folder) == before
    assert not list(workshop.folder.parent.glob(".maolin*"))


def test_a_resident_id_is_refused_and_not_repeated(workshop: Built) -> None:
    address = fill(workshop.project, "births", ID_NUMBER, dims="parity=1", period="2020")
    before = hashes(workshop.folder)
    for command in (REPORT, ("check", "maolin", "--year", "2020"), ("check", RETURN, "--format", "json")):
        done = nianbao(workshop.project, *command)
        assert done.code == 1
        assert address in done.said
        assert ID_NUMBER not in done.said
        assert ID_NUMBER[:17] not in done.said
    assert hashes(workshop.folder) == before


def test_a_resident_id_written_as_a_number_is_not_repeated_either(workshop: Built) -> None:
    address = fill(workshop.project, "population_outflow", "110105194912310021")
    done = nianbao(workshop.project, *REPORT)
    assert done.code == 1
    assert address in done.err
    assert "110105194912310021" not in done.said


@pytest.mark.parametrize("command", ["report", "check", "results"])
def test_an_unknown_township_is_refused_with_the_nearest_name(workshop: Built, command: str) -> None:
    before = hashes(workshop.folder.parent)
    done = nianbao(workshop.project, command, "maolim", "--year", "2020", "--lang", "en")
    assert done.code == 1
    assert "Traceback" not in done.said
    assert "township 'maolim' does not exist" in done.err
    assert "did you mean 'maolin'?" in done.err
    assert hashes(workshop.folder.parent) == before


def test_a_good_township_is_built_beside_a_bad_one(workshop: Built) -> None:
    done = nianbao(workshop.project, "report", "maolim", "maolin", "--year", "2020")
    assert done.code == 1
    assert "maolim 2020: refused" in done.err
    assert "maolin 2020: up to date" in done.out
    assert "1 refused; 1 up to date" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("report", "maolin", "--year", "2020", "--too", "html"), "No such option"),
        (("report", "maolin", "--year", "2020", "--to", "htm"), "did you mean 'html'?"),
        (("report", "maolin", "--year", "2020", "--lang", "fr"), "'zh', 'en'"),
        (("report", "maolin", "--year", "twenty"), "integer"),
        (("report", "maolin"), "--year"),
        (("report", "--year", "2020"), "--all"),
        (("report", "maolin", "--all", "--year", "2020"), "--all"),
        (("check", "maolin"), "--year"),
        (("results", "maolin", "--year", "2020", "--format", "xml"), "'csv'"),
        (("rapport",), "No such command"),
    ],
)
def test_a_wrong_command_line_is_exit_2_and_names_the_fault(built: Built, arguments: tuple[str, ...], words: str) -> None:
    done = nianbao(built.project, *arguments)
    assert done.code == 2
    assert words in done.err
    assert done.out == ""
    assert "Traceback" not in done.err


def test_outside_a_project_the_message_says_where_to_go(tmp_path: Path) -> None:
    done = nianbao(tmp_path, *REPORT)
    assert done.code == 1
    assert "is not inside a nianbao project" in done.err
    assert "Traceback" not in done.err

"""Whatever passes the gate is matched with fifty forms, read and answered in bounded time and memory, or told that it is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_tables import FILES, forms

from corpus.test_files import CATALOGUE, TOWN, form_file
from corpus.test_hostile_files import KILOBYTES, SECONDS, peak
from nianbao.errors import GateError
from nianbao.intake import forms_of, read_return

ROOT = Path(__file__).resolve().parents[2]
FORMS = 50


@pytest.fixture(scope="module", params=("fifty forms", "one form"))
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project: one form and the shipped register, or all shipped forms and many that know the words of these files."""
    made = tmp_path_factory.mktemp("project")
    folder = made / "params" / "forms"
    folder.mkdir(parents=True)
    table, side = map(form_file, forms())
    shipped = sorted((ROOT / "params" / "forms").glob("*.yml"))
    many = request.param == "fifty forms"
    for path in shipped if many else [path for path in shipped if path.stem == "birth_register"]:
        (folder / path.name).write_bytes(path.read_bytes())
    for place in range(FORMS - len(shipped) if many else 1):
        (folder / f"z{place}.yml").write_text(side if place % 2 else table, encoding="utf-8")
    forms_of(made, CATALOGUE)  # read once for every file of a year
    return made


def busy() -> float:
    """Return the processor seconds of this process and of the children it has waited for: what other programs do is left out."""
    return sum(os.times()[:4])


@pytest.mark.parametrize(("name", "code", "make"), FILES, ids=[name for name, _, _ in FILES])
def test_a_file_is_answered_in_time(name: str, code: str, make: Callable[[], bytes], root: Path) -> None:
    path = root / "data" / TOWN.key / "2020" / f"{name}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make())
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, began = peak(), busy()
    try:
        intake = read_return(path, root=root, township=TOWN, year=2020, catalogue=CATALOGUE)
        codes, read = {finding.code for finding in intake.findings}, len(intake.observations)
    except GateError as refused:
        codes, read = {refused.code}, 0
    assert busy() - began < SECONDS
    assert peak() - before < KILOBYTES
    alone = len(list((root / "params" / "forms").iterdir())) == 2
    if not code:
        assert (codes - {"no-cover"}, read) == (set(), 9)
    elif alone and code != "header-too-large":
        assert code in codes
    elif not alone:
        assert codes & {code, "header-too-large", "form-ambiguous", "unknown-sheet"}

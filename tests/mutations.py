"""Random changes to a project's sources, and a report built again after each: as far as needed, and from nothing, to be compared byte for byte."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import openpyxl

from county import Project
from nianbao import notebook
from nianbao.pipeline import Options, Outcome, build_report

YEAR = 2020
_NUMBERS = (0, 1, 3, 7, 12, 48, 97, 131, 2024, "10余", "约30", "未发现", None)


@dataclass
class Campaign:
    """A project of some places, built in two ways: ``kept`` holds the builds that are made again as far as needed, ``anew`` those from nothing."""

    project: Project
    places: tuple[str, ...]
    kept: Options
    anew: Options
    executed: int = 0
    """Chapters that were run again."""
    needed: int = 0
    """Those of them that came out differently."""
    taken_over: int = 0
    log: list[str] = field(default_factory=list)

    def build(self) -> dict[str, Outcome]:
        """Build every place in both ways and return what became of the builds made as far as needed.

        Raises:
            AssertionError: a file differs, or one way refuses what the other builds.
        """
        made = {}
        for place in self.places:
            before = self._chapters(place)
            told = build_report(self.project.root, place, self.kept)
            clean = build_report(self.project.root, place, replace(self.anew, force=True))
            state = "built" if told.state == "up to date" else told.state
            assert state == clean.state, (self.log, place, told, clean)
            if clean.state == "built":
                self._compare(place)
                after = self._chapters(place)
                self.executed += len(told.executed)
                self.needed += sum(before.get(name) != after[name] for name in told.executed)
                self.taken_over += len(told.kept)
            made[place] = told
        return made

    def _compare(self, place: str) -> None:
        one, other = (_content(options.out / str(YEAR) / place) for options in (self.kept, self.anew))
        assert sorted(one) == sorted(other), (self.log, place)
        differ = [name for name in one if one[name] != other[name]]
        assert differ == [], (self.log, place)

    def _chapters(self, place: str) -> dict[str, bytes]:
        folder = self.kept.out / str(YEAR) / place / "chapters"
        return {path.stem: path.read_bytes() for path in folder.glob("*.ipynb")}


def campaign(project: Project, places: tuple[str, ...], *, edition: str = "internal") -> Campaign:
    """Return a campaign over places of a project; ``html`` alone is made, for the other documents come of the same blocks."""
    options = Options(YEAR, ("html",), edition="public" if edition == "public" else "internal")
    out = project.root / "outputs"
    return Campaign(project, places, replace(options, out=out / "kept"), replace(options, out=out / "anew"))


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- changes ---------------------------------------------------------------------------------------------------------

Change = Callable[[Project, random.Random], str]


def cell(project: Project, chance: random.Random) -> str:
    """Write another figure into a cell of a return, or empty it."""
    path = chance.choice(sorted((project.root / "data").glob("*/*.xlsx")))
    book = openpyxl.load_workbook(path)
    found = [
        (sheet, row[4])
        for sheet in book
        for row in sheet.iter_rows(min_row=4, max_col=9)
        if len(row) > 4 and row[1].value and row[4].value is not None
    ]
    sheet, at = chance.choice(found)
    before, at.value = at.value, chance.choice(_NUMBERS)
    book.save(path)
    return f"{path.parent.name} {sheet.title}!{at.coordinate} {before} -> {at.value}"


def remark(project: Project, chance: random.Random) -> str:
    """Write a remark beside a figure of a return."""
    path = chance.choice(sorted((project.root / "data").glob("*/*.xlsx")))
    book = openpyxl.load_workbook(path)
    found = [row[8] for sheet in book for row in sheet.iter_rows(min_row=4, max_col=9) if len(row) > 8 and row[1].value]
    at = chance.choice(found)
    at.value = "核对过"
    book.save(path)
    return f"{path.parent.name}: remark at {at.coordinate}"


def text(project: Project, chance: random.Random) -> str:
    """Add a line to the office's text, or take one away."""
    path = project.root / "data" / "qingxi" / f"{YEAR}.md"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    if lines and chance.random() < 0.3:
        path.unlink()
        return "text removed"
    section = chance.choice(("population", "plans", "health_education", "overview"))
    words = chance.choice(("工作扎实推进。", "全年出生{{ births }}人。", "举办讲座{{ health_lectures }}场。"))
    path.write_text(
        "\n".join([*lines, f"## {section}", "", words, ""]) if f"## {section}" not in lines else "\n".join([*lines, words, ""]),
        "utf-8",
    )
    return f"text {section}: {words}"


def entry(project: Project, chance: random.Random) -> str:
    """Change the words of an entry of the catalogue."""
    path = chance.choice(
        sorted(path for path in (project.root / "params" / "catalogue").glob("*.yml") if path.name != "_shared.yml")
    )
    lines = path.read_text("utf-8").splitlines()
    places = [place for place, line in enumerate(lines) if re.match(r"\s+(definition|inclusion)_zh: [^\"'|>]", line)]
    if not places:
        return shifted(project, chance)
    place = chance.choice(places)
    lines[place] += "（口径）"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return f"{path.name}:{place + 1} reworded"


def shifted(project: Project, chance: random.Random) -> str:
    """Put a comment into a file of the catalogue, so that the lines below it move."""
    path = chance.choice(sorted((project.root / "params" / "catalogue").glob("*.yml")))
    lines = path.read_text("utf-8").splitlines()
    place = chance.choice([place for place, line in enumerate(lines) if line and not line.startswith((" ", "#"))])
    path.write_text("\n".join([*lines[:place], "# checked", *lines[place:], ""]), "utf-8")
    return f"{path.name}: comment at {place + 1}"


def param(project: Project, chance: random.Random) -> str:
    """Change a setting of a place."""
    path = project.root / "params" / "townships" / "qingxi.yml"
    before = path.read_text("utf-8")
    found = chance.choice(
        (
            ("value: 92", "value: 95"),
            ("value: 95", "value: 92"),
            ("上湾村", "上塘村"),
            ("上塘村", "上湾村"),
            ("卫生健康办公室", "卫健办"),
        )
    )
    path.write_text(before.replace(*found), "utf-8")
    return f"param {found[0]} -> {found[1]}"


def shared(project: Project, chance: random.Random) -> str:
    """Change a setting every report depends on."""
    path = project.root / "params" / "report.yml"
    before = path.read_text("utf-8")
    found = re.search(r"^minimum_denominator: (\d+)$", before, re.M)
    assert found is not None
    value = chance.choice([size for size in ("10", "20", "30", "50") if size != found[1]])
    path.write_text(before.replace(found[0], f"minimum_denominator: {value}"), "utf-8")
    return f"minimum_denominator {found[1]} -> {value}"


def chapter(project: Project, chance: random.Random) -> str:
    """Add a remark to a notebook."""
    path = chance.choice(sorted((project.root / "notebooks").glob("[a-df-z]*.ipynb")))
    raw = json.loads(path.read_text("utf-8"))
    raw["cells"].append({"cell_type": "markdown", "id": f"m{chance.randrange(10**6)}", "metadata": {}, "source": "备注"})
    raw["cells"].insert(len(raw["cells"]) - 2, raw["cells"].pop())  # the chapter is closed by its last cell
    path.write_text(json.dumps(raw, ensure_ascii=False), "utf-8")
    notebook.only_narrates(path)
    return f"notebook {path.name}"


def earlier(project: Project, chance: random.Random) -> str:
    """Hand in the return of an earlier year, or take it back."""
    year = chance.choice((YEAR - 1, YEAR - 2))
    path = project.path(year=year)
    if path.exists():
        path.unlink()
        return f"{year} taken back"
    project.write({"births[parity=1]": 70, "births[parity=2+]": 90, "population_mean": 10900}, year=year)
    return f"{year} handed in"


CHANGES: tuple[Change, ...] = (cell, cell, cell, cell, text, entry, param, chapter, remark, shifted, earlier, shared)
"""Each once in a round; cells, which change most, oftener."""

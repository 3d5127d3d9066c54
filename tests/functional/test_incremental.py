"""A report made again as far as needed is, file by file, the report made from nothing; what is not needed is not run, and why is said."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from county import FIGURES, TOWNSHIPS, Project, build_project
from mutations import CHANGES, Campaign, campaign, cell, entry
from nianbao import assembly, memory, reads, store
from nianbao.builddiff import differences
from nianbao.errors import UserError
from nianbao.pipeline import build_report, fresh

ROUNDS = int(os.environ.get("NIANBAO_CAMPAIGN", "1"))
"""How many rounds of a dozen changes are tried; more by the environment."""
MEMBERS = ("qingxi", "baishi")


def county(folder: Path) -> Project:
    """Return a project of two towns and the county above them, each town with a return."""
    project = build_project(folder)
    path = folder / "params" / "townships" / "liuhe.yml"
    path.write_text(TOWNSHIPS["liuhe"] + f"members: [{', '.join(MEMBERS)}]\n", encoding="utf-8")
    project.write({**FIGURES, "births[parity=1;village=1]": 30, "births[parity=1;village=2]": 38})
    project.write(
        {"births[parity=1]": 40, "births[parity=2+]": 31, "population_mean": 5600, "health_lectures": 9}, town="baishi"
    )
    return project


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_after_any_change_the_report_is_the_one_made_from_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    found = campaign(county(tmp_path), (*MEMBERS, "liuhe"))
    found.build()
    assert found.taken_over == 0
    found.executed = found.needed = 0
    for change in chance.sample(CHANGES, len(CHANGES)):
        found.log.append(change(found.project, chance))
        found.build()
    print("\n".join(found.log))
    print(f"run {found.executed}, of these changed {found.needed}, taken over {found.taken_over}")
    assert found.taken_over > found.executed


def test_the_public_edition_too(tmp_path: Path) -> None:
    chance = random.Random(7)
    found = campaign(county(tmp_path), ("qingxi",), edition="public")
    found.build()
    for change in (cell, entry, cell):
        found.log.append(change(found.project, chance))
        found.build()
    assert found.taken_over


def test_a_wrong_digest_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = campaign(county(tmp_path), ("qingxi",))
    found.build()
    answered = reads.Answers._answer

    def blind(self: reads.Answers, query: reads.Query) -> object:
        return "always the same" if query[0] in ("area", "cells", "result", "results-of") else answered(self, query)

    monkeypatch.setattr(reads.Answers, "_answer", blind)
    change_lectures(found.project, 16)
    found.build()  # from here on the memory holds the wrong digests
    change_lectures(found.project, 17)
    with pytest.raises(AssertionError):
        found.build()


def change_lectures(project: Project, value: object) -> None:
    """Write another number of lectures into the return of the town."""
    project.write({**FIGURES, "health_lectures": value})


@pytest.fixture
def town(tmp_path: Path) -> Campaign:
    """Return a town built once, html alone."""
    project = build_project(tmp_path)
    project.write()
    made = campaign(project, ("qingxi",))
    assert build_report(project.root, "qingxi", made.kept).state == "built"
    return made


def test_one_changed_cell_runs_the_chapters_that_read_it_and_says_which(town: Campaign) -> None:
    change_lectures(town.project, 16)
    assert fresh(town.project.root, "qingxi", town.kept) is None
    made = build_report(town.project.root, "qingxi", town.kept)
    assert made.state == "built"
    assert "health_education" in made.executed
    assert {"population", "family_planning", "incentives"} <= set(made.kept)
    assert len(made.reasons) == 1
    assert made.reasons[0].startswith("青溪镇 健康教育")
    assert made.reasons[0].endswith("15→16")


EDITS: dict[str, tuple[str, str, str, str]] = {
    "params": ("params/townships/qingxi.yml", "上湾村", "上塘村", "params/townships/qingxi.yml: villages changed"),
    "an entry": (
        "params/catalogue/health_education.yml",
        "zh: 健康讲座",
        "zh: 健康知识讲座",
        "catalogue entry health_lectures edited",
    ),
    "the outline": (
        "params/report.yml",
        "minimum_denominator: 20",
        "minimum_denominator: 30",
        "input params/report.yml changed",
    ),
    "a notebook": ("notebooks/elderly.ipynb", "Elderly health", "Health of the old", "input notebooks/elderly.ipynb changed"),
}


@pytest.mark.parametrize("what", EDITS)
def test_the_reason_names_what_was_edited(town: Campaign, what: str) -> None:
    name, before, after, said = EDITS[what]
    path = town.project.root / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    planned = build_report(town.project.root, "qingxi", replace(town.kept, dry_run=True))
    assert planned.state == "planned"
    assert any("有改动" in one for one in planned.reasons)
    in_english = memory.plan(**plan_of(town))  # type: ignore[arg-type]
    assert any(said in str(reason) for reason in in_english.causes), in_english.causes


def plan_of(town: Campaign) -> dict[str, object]:
    """Return what the plan of the town's next build is made from."""
    data = town.project.dataset()
    final = town.kept.out / "2020" / "qingxi"
    inputs = assembly.inputs_of(data)
    manifest = store.read_manifest(final)
    return {
        "data": data,
        "chapters": assembly.chapters_of(data),
        "options": town.kept,
        "final": final,
        "inputs": inputs,
        "manifest": manifest,
        "reasons": store.stale(manifest, wanted_inputs=inputs, wanted_options=town.kept.key(), folder=final),
        "answers": reads.Answers(data, inputs),
    }


def test_a_comment_in_a_file_of_the_catalogue_runs_only_chapters_that_print_its_lines(town: Campaign) -> None:
    path = town.project.root / "params" / "catalogue" / "childcare.yml"
    path.write_text("# checked\n" + path.read_text("utf-8"), "utf-8")
    made = build_report(town.project.root, "qingxi", town.kept)
    assert made.executed == ()
    assert made.reasons == ("params/catalogue/childcare.yml有改动",)


def test_a_chapter_altered_on_the_disk_is_run_again_and_another_format_runs_none(town: Campaign) -> None:
    path = town.kept.out / "2020" / "qingxi" / "chapters" / "population.ipynb"
    path.write_bytes(path.read_bytes() + b"\n")
    made = build_report(town.project.root, "qingxi", town.kept)
    assert made.executed == ("population",)
    assert "population.ipynb" in made.reasons[0]
    more = build_report(town.project.root, "qingxi", replace(town.kept, formats=("html", "docx")))
    assert more.executed == ()
    assert more.folder is not None
    assert (more.folder / "report.docx").exists()


def test_another_language_and_force_run_everything(town: Campaign) -> None:
    forced = build_report(town.project.root, "qingxi", replace(town.kept, force=True))
    assert forced.kept == ()
    english = build_report(town.project.root, "qingxi", replace(town.kept, lang="en"))
    assert english.kept == ()
    assert english.reasons == ('option lang was "zh", now "en"',)


def test_a_notebook_that_may_read_more_than_its_chapter_knows_is_run_whenever_anything_changed(town: Campaign) -> None:
    path = town.project.root / "notebooks" / "elderly.ipynb"
    raw = json.loads(path.read_text("utf-8"))
    raw["cells"][-1]["source"] = ["import os\n", "chapter.close()"]
    path.write_text(json.dumps(raw, ensure_ascii=False), "utf-8")
    assert build_report(town.project.root, "qingxi", town.kept).executed == ("elderly",)
    change_lectures(town.project, 16)
    assert "elderly" in build_report(town.project.root, "qingxi", town.kept).executed


def test_the_published_notebook_says_nothing_of_what_was_read_and_the_public_state_holds_no_cell(town: Campaign) -> None:
    public = replace(town.kept, edition="public", out=town.kept.out.parent / "public")
    made = build_report(town.project.root, "qingxi", public)
    assert made.folder is not None
    found = memory.read_memory(made.folder)
    assert found is not None
    assert not found.cells
    asked = {query[0] for chapter in found.chapters.values() for query in chapter.queries}
    assert "result" in asked
    assert not asked & {"cells", "named", "behind"}
    manifest = store.read_manifest(made.folder)
    assert manifest is not None
    assert all("cells" not in chapter for chapter in manifest.chapters.values())
    for path in (made.folder / "chapters").glob("*.ipynb"):
        assert '"reads"' not in path.read_text("utf-8")


def test_two_builds_are_compared_figure_by_figure_with_the_cell_that_changed(town: Campaign) -> None:
    old = town.kept.out / "2020" / "qingxi"
    new = build_report(town.project.root, "qingxi", replace(town.kept, out=town.anew.out)).folder
    assert new is not None
    assert differences(old, new) == []
    change_lectures(town.project, 16)
    assert build_report(town.project.root, "qingxi", replace(town.kept, out=town.anew.out)).state == "built"
    found = {one.figure: one for one in differences(old, new)}
    lectures = found["health_lectures"]
    assert (lectures.table, lectures.area, lectures.before, lectures.now) == ("results", "health_education", "15", "16")
    assert str(lectures.causes[0]).endswith("15→16")
    assert lectures.as_data("zh")["causes"][0].startswith("data/qingxi/2020.xlsx!")
    with pytest.raises(UserError, match="no built report"):
        differences(old, town.project.root)

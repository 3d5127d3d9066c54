"""``nianbao report`` end to end: what it builds, what it leaves alone, and that the same input gives the same bytes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest

from built import RETURN, Built, copy_project, fill, hashes, nianbao
from nianbao import store
from nianbao.catalogue import load_catalogue, load_township
from nianbao.errors import ParameterError
from nianbao.facts import numbers_in
from nianbao.notebook import execute
from printed import docx_text, every_text, html_text

REPORT = ("report", "maolin", "--year", "2020")
MARKED = "what a cell computed"
"""Stands for data that an error message could carry out of a notebook."""
PERSONAL = {
    "resident ID": re.compile(r"(?<![0-9A-Za-z./+])\d{17}[\dXx](?![0-9A-Za-z./+])"),
    "mobile": re.compile(r"(?<![0-9A-Za-z./+])1[3-9]\d{9}(?![0-9A-Za-z./+])"),
}
HAN = re.compile(r"[⺀-鿿豈-﫿𠀀-𯿿\u3000-\u303f\uff00-\uffef～]+")


def chapters_run(said: str) -> list[str]:
    """Return the chapters whose notebook was run, as the progress tells."""
    return re.findall(r"chapter \d+/\d+ (\w+)", said)


def test_a_report_has_the_files_of_the_contract(built: Built) -> None:
    files = set(hashes(built.folder))
    assert {
        "report.html",
        "report.pdf",
        "report.docx",
        "report.xlsx",
        "results.csv",
        "facts.csv",
        "findings.csv",
        "manifest.json",
    } <= files
    chapters = {Path(name).stem for name in files if name.startswith("chapters/")}
    assert chapters == set(load_township(built.project, "maolin").years[2020].report.chapters)
    assert set(files) - {f"chapters/{name}.ipynb" for name in chapters} == {
        "report.html",
        "report.pdf",
        "report.docx",
        "report.xlsx",
        "results.csv",
        "facts.csv",
        "findings.csv",
        "manifest.json",
    }
    assert not list(built.folder.parent.glob(".maolin*"))


def test_a_second_run_does_no_work(workshop: Built) -> None:
    before = hashes(workshop.folder)
    place = workshop.folder.stat().st_ino
    done = nianbao(workshop.project, *REPORT)
    assert done.code == 0
    assert "maolin 2020: up to date" in done.out
    assert "no notebook was run" in done.out
    assert str(workshop.folder / "report.pdf") in done.out
    assert chapters_run(done.said) == []
    assert hashes(workshop.folder) == before
    assert workshop.folder.stat().st_ino == place


def test_the_annex_alone_can_be_asked_for_and_is_no_return(workshop: Built) -> None:
    done = nianbao(workshop.project, *REPORT, "--to", "xlsx")
    assert done.code == 0, done.said
    assert {path.name for path in workshop.folder.glob("report.*")} == {"report.xlsx"}
    (workshop.project / RETURN).write_bytes((workshop.folder / "report.xlsx").read_bytes())
    refused = nianbao(workshop.project, *REPORT)
    assert refused.code == 1
    assert f"{RETURN}: this is the spreadsheet annex of a report" in refused.err
    assert "Traceback" not in refused.err
    assert (workshop.folder / "report.xlsx").is_file()


def test_a_changed_cell_is_planned_then_built_and_the_reason_named(workshop: Built) -> None:
    fill(workshop.project, "population_outflow", 7650, period="2020")
    before = hashes(workshop.folder)
    planned = nianbao(workshop.project, *REPORT, "--dry-run")
    assert planned.code == 0
    why = "茂林镇 人口监测：流出人口 人口监测!E6 7649→7650"
    assert f"maolin 2020: would be built: {why}; 将重新生成15章中的" in planned.out
    assert "人口监测 (population)" in planned.out
    assert "(blood_donation)" not in planned.out
    assert chapters_run(planned.said) == []
    assert hashes(workshop.folder) == before
    done = nianbao(workshop.project, *REPORT, "--to", "html")
    assert done.code == 0
    assert f"({why}; 选项formats原为" in done.out
    assert "blood_donation" not in chapters_run(done.said)
    assert "7650" in workshop.html
    after = hashes(workshop.folder)
    assert {name for name in after if name.startswith("report.")} == {"report.html"}
    changed = {name for name in after if before[name] != after[name]}
    assert {"report.html", "facts.csv", "results.csv", "manifest.json", "chapters/population.ipynb"} <= changed
    assert "chapters/blood_donation.ipynb" not in changed


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        (
            "data/maolin/2020.md",
            "\n\n四是继续做好统计。\n",
            "单位文字有改动（data/maolin/2020.md：plans）; 将重新生成15章中的1章; problems",
        ),
        ("params/townships/maolin.yml", "\n# a comment\n", "params/townships/maolin.yml有改动; 将重新生成15章中的0章"),
        ("notebooks/elderly.ipynb", "\n", "notebooks/elderly.ipynb有改动; 将重新生成15章中的1章; 老龄健康与银龄安康 (elderly)"),
    ],
)
def test_every_input_counts(workshop: Built, part: str, text: str, said: str) -> None:
    path = workshop.project / part
    path.write_text(path.read_text("utf-8") + text, encoding="utf-8")
    planned = nianbao(workshop.project, *REPORT, "--dry-run")
    assert planned.out.startswith(f"maolin 2020: would be built: {said}; 文件：report.html, ")


def test_an_altered_output_is_built_again(workshop: Built) -> None:
    with (workshop.folder / "report.html").open("a", encoding="utf-8") as page:
        page.write("<!-- by hand -->")
    planned = nianbao(workshop.project, *REPORT, "--dry-run")
    assert planned.out.startswith("maolin 2020: would be built: 生成的文件report.html后来被改动; 将重新生成15章中的0章; 文件：")


def test_two_clean_builds_are_the_same_bytes_anywhere(built: Built, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    project = copy_project(tmp_path / "a" / "deeper folder" / "项目")
    env = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "HOME": str(home), "LANG": "C", "LC_ALL": "C"}
    done = nianbao(project, *REPORT, env=env)
    assert done.code == 0, done.said
    again = hashes(project / "outputs" / "2020" / "maolin")
    first = hashes(built.folder)
    assert {name for name in first.keys() | again.keys() if first.get(name) != again.get(name)} == set()


def test_a_failing_notebook_is_said_on_page_one_and_built_again_next_time(workshop: Built) -> None:
    path = workshop.project / "notebooks" / "epidemic.ipynb"
    sound = path.read_bytes()
    notebook = json.loads(sound)
    notebook["cells"][-1]["source"] = [f"raise RuntimeError('{MARKED}')\n", *notebook["cells"][-1]["source"]]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    failed = nianbao(workshop.project, *REPORT, "--to", "html,pdf")
    assert failed.code == 1
    assert "Traceback" not in failed.said
    assert "maolin 2020: failed" in failed.err
    assert "epidemic.ipynb" in failed.err
    assert "RuntimeError" in failed.err
    assert MARKED not in failed.said
    page = html_text((workshop.folder / "report.html").read_text("utf-8"))
    assert "疫情防控" in (workshop.folder / "report.html").read_text("utf-8").split("<nav", 1)[0]
    assert "三、人口监测" in page
    document = pypdfium2.PdfDocument((workshop.folder / "report.pdf").read_bytes())
    first_page = document[0].get_textpage().get_text_bounded().replace("\r\n", "")
    document.close()
    assert "草稿" in first_page
    assert MARKED not in "".join(text for name, text in every_text(workshop.folder) if not name.startswith("chapters/"))
    assert json.loads((workshop.folder / "manifest.json").read_text("utf-8"))["status"] == "failed"
    path.write_bytes(sound)
    mended = nianbao(workshop.project, *REPORT, "--to", "html,pdf", "--dry-run")
    assert mended.out.startswith("maolin 2020: would be built: 上次生成没有成功; 将重新生成15章中的1章; 疫情防控")


def test_a_build_that_failed_is_never_up_to_date(workshop: Built) -> None:
    path = workshop.folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**manifest, "status": "failed"}), encoding="utf-8")
    planned = nianbao(workshop.project, *REPORT, "--dry-run")
    assert planned.out.startswith("maolin 2020: would be built: 上次生成没有成功; 将重新生成15章中的15章; 文件：")


def test_a_misspelt_notebook_parameter_names_the_nearest(built: Built) -> None:
    with pytest.raises(ParameterError, match=r"'townshp' is not a parameter; did you mean 'township'\?"):
        execute(
            built.project / "notebooks" / "population.ipynb",
            parameters={"townshp": "maolin", "year": 2020},
            cwd=built.project,
        )
    with pytest.raises(ParameterError, match="year takes an int"):
        execute(
            built.project / "notebooks" / "population.ipynb",
            parameters={"township": "maolin", "year": "2020"},
            cwd=built.project,
        )


def test_a_second_run_at_the_same_time_is_refused(workshop: Built) -> None:
    before = hashes(workshop.folder)
    with store.lock(workshop.folder):
        done = nianbao(workshop.project, *REPORT, "--force", "--lang", "en")
    assert done.code == 1
    assert f"another nianbao run is writing here (process {os.getpid()}, since " in done.err
    assert "; wait until it has finished" in done.err
    assert "Traceback" not in done.said
    assert hashes(workshop.folder) == before
    after = nianbao(workshop.project, *REPORT)
    assert "up to date" in after.out


def test_no_output_holds_a_personal_number(built: Built) -> None:
    texts = dict(every_text(built.folder))
    assert len(texts) > 25
    for name, text in texts.items():
        plain = re.sub(r"base64,[A-Za-z0-9+/=]+", "", text)
        for kind, pattern in PERSONAL.items():
            found = pattern.search(plain)
            assert found is None, (name, kind, found and found[0])


def test_no_output_tells_where_it_was_built(built: Built) -> None:
    for name, text in every_text(built.folder):
        assert str(built.project) not in text, name
        assert str(Path.home()) not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", text), name


@pytest.fixture(scope="module")
def english(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the same report in English, in a folder of its own."""
    out = tmp_path_factory.mktemp("english")
    done = nianbao(built.project, *REPORT, "--lang", "en", "--out", str(out))
    assert done.code == 0, done.said
    return Built(built.project, out / "2020" / "maolin")


def test_an_english_report_is_english(english: Built) -> None:
    """Chinese is left only where something is called by its name: sheets, cells, the documents definitions rest on.

    The office's own text stays as the office wrote it.
    """
    soup = english.soup
    assert soup.html is not None
    assert str(soup.html["lang"]).startswith("en")
    assert soup.h1 is not None
    assert load_township(english.project, "maolin").en in soup.h1.get_text()
    assert "、" not in " ".join(card.get_text() for card in soup.select("section.origins [popover]"))
    for tag in soup.select('style, [data-origin="office"], section.origins p'):  # a card quotes what stands in the cells
        tag.decompose()
    catalogue = load_catalogue(english.project, township=load_township(english.project, "maolin"))
    names = [area.zh for area in catalogue.areas.values()]
    names += [entry.source for entry in catalogue.entries.values() if entry.source]
    text = soup.get_text()  # unseparated: a figure within the name of a document is a span of its own
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    assert [line for line in text.splitlines() if HAN.search(line)] == []


@pytest.mark.parametrize("fmt", ["html", "docx"])
def test_the_numbers_of_an_english_report_are_facts_too(english: Built, fmt: str) -> None:
    text = html_text(english.html) if fmt == "html" else docx_text((english.folder / "report.docx").read_bytes())
    known = {number for fact in english.facts for number in numbers_in(fact["display"])}
    assert [number for number in numbers_in(text) if number not in known] == []


def test_both_languages_print_the_same_figures(built: Built, english: Built) -> None:
    exact = [{**row, "display": ""} for row in built.results]
    assert [{**row, "display": ""} for row in english.results] == exact

"""What a clerk runs into in the first weeks: a path that may not be written, a file saved by another program, a slip of the hand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from built import Run, copy_project, nianbao
from nianbao.dataset import open_dataset
from nianbao.errors import UserError
from nianbao.trace import Tracer, resolve

ASKED = ("maolin", "--year", "2020")
UNWRITABLE = "没有权限"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project of its own; a test that changes it puts it right again."""
    return copy_project(tmp_path_factory.mktemp("mistakes") / "project")


def without_powers(project: Path, *arguments: str) -> Run:
    """Run the command line as somebody whom permissions bind, which they do not for root."""
    command = [sys.executable, "-m", "nianbao.cli", *arguments]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            (pytest.fail if os.environ.get("NIANBAO_CI") == "1" else pytest.skip)(
                "root needs setpriv to be bound by permissions"
            )
        dropped = "-dac_override,-dac_read_search"
        command = [setpriv, f"--bounding-set={dropped}", f"--inh-caps={dropped}", *command]
    done = subprocess.run(command, cwd=project, capture_output=True, timeout=300, check=False)
    return Run(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def test_every_figure_that_results_lists_can_be_traced(office: Path) -> None:
    for key, year in (("maolin", 2020), ("bagongshan", 2019)):
        data = open_dataset(office, township=key, year=year)
        for lang in ("zh", "en"):
            tracer = Tracer(data.results, data.given, lang=lang, behind=data.rolled_up.behind)
            for result in data.results:
                for role in ("", ":previous", ":change", ":change_pct", ":numerator", ":denominator"):
                    try:
                        step = resolve(tracer, result.ref + role)
                    except UserError:
                        assert role  # a figure without this aspect; the figure itself always has a chain
                        continue
                    assert list(step.lines(lang))
                    assert step.as_data({})["reason"] == step.reason


def test_a_rate_without_denominator_says_what_is_missing(office: Path) -> None:
    done = nianbao(office, "trace", "maolin", "crude_birth_rate", "--year", "2020")
    assert done.code == 0, done.said
    assert done.out.startswith("出生率：—（2020统计年度，未报，缺分母）")


@pytest.mark.parametrize(
    ("command", "year"),
    [*(("template", year) for year in ("20233", "99", "0", "-1", "1800")), ("report", "20233"), ("check", "99")],
)
def test_a_year_that_is_none_is_a_usage_error(office: Path, command: str, year: str) -> None:
    more = ("-o", "x.xlsx") if command == "template" else ()
    done = nianbao(office, command, "maolin", "--year", year, *more)
    assert done.code == 2, done.said
    assert "--year" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_params_file_saved_by_another_editor_is_named_with_its_line(office: Path, encoding: str) -> None:
    path = office / "params" / "townships" / "maolin.yml"
    before = path.read_bytes()
    try:
        path.write_bytes(before.decode("utf-8").encode(encoding))
        done = nianbao(office, "check", *ASKED)
    finally:
        path.write_bytes(before)
    assert done.code == 1
    assert "params/townships/maolin.yml:1: not in UTF-8" in done.err
    assert "Save As" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("closed", "arguments", "named"),
    [
        ("data/maolin", ("template", *ASKED[:2], "2021", "-o", "data/maolin/2021.xlsx"), "data/maolin"),
        ("params/townships", ("new", "elsewhere", "--code", "340405121"), "params/townships"),
        ("data", ("new", "elsewhere", "--code", "340405121"), "data/elsewhere"),
        ("closed", ("check", *ASKED, "--annotate", "closed/a.xlsx"), "closed"),
        ("closed", ("report", *ASKED, "--out", "closed"), "closed"),
    ],
)
def test_a_folder_that_may_not_be_written_is_one_message(
    office: Path, closed: str, arguments: tuple[str, ...], named: str
) -> None:
    folder = office / closed
    folder.mkdir(exist_ok=True)
    folder.chmod(0o555)
    try:
        done = without_powers(office, *arguments)
    finally:
        folder.chmod(0o755)
    assert done.code == 1
    assert UNWRITABLE in done.err
    assert named in done.err
    assert "Traceback" not in done.err
    assert not (office / "params" / "townships" / "elsewhere.yml").exists()
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_params_file_that_may_not_be_read_is_one_message(office: Path) -> None:
    path = office / "params" / "townships" / "maolin.yml"
    path.chmod(0)
    try:
        done = without_powers(office, "check", *ASKED)
    finally:
        path.chmod(0o644)
    assert (done.code, "params/townships/maolin.yml: Permission denied" in done.err) == (1, True)
    assert "Traceback" not in done.err


@pytest.mark.parametrize("inside", ["", "maolin", "maolin/chapters"])
def test_a_closed_folder_of_the_earlier_report_is_told_before_any_chapter_runs(office: Path, inside: str) -> None:
    year = office / "outputs" / "2020"
    (year / "maolin" / "chapters").mkdir(parents=True)
    (year / "maolin" / "chapters" / "earlier.txt").write_text("the earlier report", encoding="utf-8")
    (year / ".lock-maolin").touch()
    folder = year / inside
    folder.chmod(0o555)
    try:
        done = without_powers(office, "report", *ASKED)
        left = sorted(path.name for path in year.iterdir() if path.name not in (".runs", ".state"))
        kept = (year / "maolin" / "chapters" / "earlier.txt").read_text("utf-8")
    finally:
        folder.chmod(0o755)
        shutil.rmtree(office / "outputs")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "chapter " not in done.err  # nothing was run
    assert ("不允许改动" if inside else UNWRITABLE) in done.err
    assert (left, kept) == ([".lock-maolin", "maolin"], "the earlier report")


@pytest.mark.parametrize("out", ["a-file", "/proc/nianbao"])
def test_an_output_folder_that_cannot_be_is_one_message(office: Path, out: str) -> None:
    (office / "a-file").write_text("x", encoding="utf-8")
    done = nianbao(office, "report", *ASKED, "--out", f"{out}/below" if out == "a-file" else out)
    assert done.code == 1
    assert "请检查路径" in done.err
    assert "Traceback" not in done.err
    assert "chapter " not in done.err


def test_a_sheet_read_with_doubts_still_gets_a_proposal(office: Path) -> None:
    rows = [
        ["2020年人口基本情况"],
        ["村名", "总人口", "已婚育龄妇女", "出生", "死亡", "高龄津贴人数"],
        ["奎峰村", 900, 140, 9, 5, 30],
    ]
    path = office / "overview.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")
    asked = ("check", path.name, "--suggest", "--year", "2020", "--township", "maolin")
    done = nianbao(office, *asked)
    assert done.code == 0, done.said
    assert "read by params/forms/population_overview.yml, with 1 doubts" in done.out
    assert "save as params/forms/" in done.out
    path.write_text("\n".join(",".join(map(str, row[:5])) for row in rows), encoding="utf-8")
    sure = nianbao(office, *asked)
    assert sure.out == "overview.csv: no sheet needs a form\n"


# ---- refusals in the reader's language ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("results", "maolinn", "--year", "2020"), "是不是“maolin”？"),
        (("report", "maolin", "--year", "2031"), "没有找到maolin 2031年的报表"),
        (("template", "maolin", "--year", "2031", "-o", "x.docx"), "文件名应以.xlsx结尾"),
        (("template", "maolin", "--year", "2031", "-o", "nowhere/x.xlsx"), "没有文件夹nowhere"),
        (("check", "maolin", "--year", "2020", "--annotate", "nowhere/x.xlsx"), "没有文件夹nowhere"),
        (("check", "nowhere.xlsx"), "没有这个文件"),
        (("check", "nowhere/"), "没有这个文件"),
        (("check", "data/maolin"), "nianbao check maolin --year"),
        (("trace", "maolin", "birth", "--year", "2020"), "是不是“births”？"),
        (("new", "maolin", "--code", "341823101"), "已经存在"),
    ],
)
def test_a_refusal_is_chinese_unless_english_is_asked_for(office: Path, arguments: tuple[str, ...], said: str) -> None:
    done = nianbao(office, *arguments)
    assert done.code == 1
    assert said in done.err
    english = nianbao(office, *arguments, "--lang", "en")
    assert english.code == 1
    assert not any("\u4e00" <= character <= "\u9fff" for character in english.err), english.err
    assert not (office / "nowhere").exists()


def test_what_check_tells_report_tells_in_the_same_words(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / "data" / "maolin" / "2020").mkdir()
    (project / "data" / "maolin" / "2020" / "more.csv").write_text(
        "指标,编码,分组,分组编码,数值,单位,统计期间,数据性质,备注\n出生,birthz,,,5,人,2020统计年度,实报,\n", encoding="utf-8"
    )
    checked = nianbao(project, "check", *ASKED)
    told = next(line.strip() for line in checked.out.splitlines() if "birthz" in line)
    refused = nianbao(project, "report", *ASKED)
    assert told in refused.err
    assert "data/maolin/2020/more.csv：有1处问题" in refused.err  # the file at fault, not another one of the year
    assert "data/maolin/2020/more.csv: 1 problem stops" in nianbao(project, "report", *ASKED, "--lang", "en").err


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("2031 (1).xlsx", "如果2031 (1).xlsx就是该年报表，请改名为2031.xlsx"),
        ("2031.XLSX", "请改名为2031.xlsx"),
        ("2031年.xlsx", "请改名为2031.xlsx"),
        ("2031.docx", "2031.docx不是表格"),
        ("2031/", "文件夹2031/里没有表格"),
        ("~$2031.xlsx", "只是表格打开时的临时文件"),
    ],
)
def test_what_lies_beside_the_place_of_a_return_is_told_with_what_to_do(office: Path, beside: str, said: str) -> None:
    folder = office / "data" / "town-a"
    path = folder / beside
    held = office / "held"
    shutil.move(folder, held)
    folder.mkdir()
    try:
        if beside.endswith("/"):
            path.mkdir()
        else:
            path.write_bytes(b"")
        done = nianbao(office, "results", "town-a", "--year", "2031")
    finally:
        shutil.rmtree(folder)
        shutil.move(held, folder)
    assert (done.code, said in done.err) == (1, True), done.err


def test_an_open_workbook_is_told(office: Path) -> None:
    lock = office / "data" / "maolin" / "~$2020.xlsx"
    lock.touch()
    try:
        told = nianbao(office, "results", *ASKED).err
        english = nianbao(office, "check", "data/maolin/2020.xlsx", "--lang", "en").err
    finally:
        lock.unlink()
    assert "data/maolin/2020.xlsx：该表格似乎正在Excel或WPS中打开，尚未保存的改动没有读入" in told
    assert "changes not saved yet were not read" in english
    assert "打开" not in nianbao(office, "results", *ASKED).err


def test_the_folder_of_a_return_may_be_named(office: Path) -> None:
    by_key = nianbao(office, "check", *ASKED)
    assert nianbao(office, "check", "data/maolin", "--year", "2020").out == by_key.out


def test_a_figure_may_be_called_by_its_chinese_name(office: Path) -> None:
    assert (
        nianbao(office, "trace", "maolin", "出生", "--year", "2020").out
        == nianbao(office, "trace", "maolin", "births", "--year", "2020").out
    )


def test_a_return_of_another_year_is_told_once(office: Path) -> None:
    path = office / "data" / "maolin" / "2031.xlsx"
    shutil.copy2(office / "data" / "maolin" / "2020.xlsx", path)
    try:
        done = nianbao(office, "check", "maolin", "--year", "2031", "--format", "json")
    finally:
        path.unlink()
    found = [item for item in json.loads(done.out) if item["code"] == "wrong-year"]
    assert [item["cells"].rpartition("!")[0].rpartition("!")[2] for item in found] == ["封面"]

"""The gate: what a file is by its content, whether it may be opened, and what the user is told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nianbao.errors import GateError, ReturnError, Severity
from nianbao.files import gate
from nianbao.files.confined import _forked, read_book
from nianbao.files.refusals import NOTICES, REFUSALS
from spreadsheets import compound, ods, sheet_xml, small_xlsx, xlsx_parts, zipped


def code_of(content: bytes) -> str:
    """Return the code the bytes are refused with, or their kind."""
    try:
        return gate.admit_bytes(content).kind
    except GateError as error:
        return error.code


def test_a_sound_file_is_known_by_its_content() -> None:
    assert code_of(small_xlsx()) == "xlsx"
    assert code_of(zipped(xlsx_parts(sheet_xml(""), kind="macro"))) == "xlsm"
    assert code_of(ods("")) == "ods"
    assert code_of(compound("Workbook")) == "xls"
    assert code_of("指标,数值\n".encode("gb18030")) == "csv"


def test_an_error_says_where_what_was_found_what_was_expected_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(b"%PDF-1.4")
    with pytest.raises(ReturnError) as caught:
        gate.admit(path, "data/maolin/表.xlsx")
    assert str(caught.value) == (
        "data/maolin/表.xlsx: this is a PDF; expected a spreadsheet (.xlsx, .xls, .ods or .csv); "
        "send the workbook it was printed from"
    )
    assert isinstance(caught.value, GateError)
    assert caught.value.code == "pdf"
    (finding,) = caught.value.findings
    assert (finding.code, finding.severity) == ("pdf", Severity.BLOCK)
    assert finding.message("zh") == "这是PDF文件；应为.xlsx、.xls、.ods或.csv表格"
    assert finding.remedy("zh") == "请提交生成该PDF的原表格"


def test_the_gate_takes_milliseconds_for_a_bomb() -> None:
    content = small_xlsx(**{"xl__worksheets__sheet1.xml": sheet_xml("", after=" " * 50_000_000)})
    began = time.process_time()
    assert code_of(content) == "bomb"
    assert time.process_time() - began < 0.3


def test_a_compression_ratio_is_judged_only_when_the_part_is_large() -> None:
    assert code_of(small_xlsx(**{"xl__theme__theme1.xml": "<a>" + " " * 1_900_000 + "</a>"})) == "xlsx"
    assert code_of(small_xlsx(**{"xl__theme__theme1.xml": "<a>" + " " * 2_100_000 + "</a>"})) == "bomb"


@pytest.mark.parametrize(
    ("text", "encoding", "as_read"),
    [
        ("指标,数值\n一,1\n", "utf-8", "utf-8"),
        ("指标,数值\n一,1\n", "utf-8-sig", "utf-8"),
        ("指标,数值\n一,1\n", "gb18030", "gb18030"),
        ("指标,数值\n一,1\n", "utf-16", "utf-16-le"),
        ("指标,数值\n一,1\n", "utf-16-le", "utf-16-le"),
        ("指标,数值\n一,1\n", "utf-16-be", "utf-16-be"),
        ("一\t一\n一\t一\u3000\n", "utf-16-le", "utf-16-le"),
        ("plain,ascii\n", "ascii", "utf-8"),
        ("镇,\U00020000\n", "gb18030", "gb18030"),
    ],
)
def test_the_encoding_of_text_is_found(text: str, encoding: str, as_read: str) -> None:
    assert gate.decoded(text.encode(encoding)) == (text, as_read)


def test_a_wrong_byte_is_named() -> None:
    with pytest.raises(GateError, match="neither UTF-8, UTF-16 nor GB18030"):
        gate.decoded("指标\n".encode() + b"\xff\xff\n")


def test_a_workbook_under_another_workbook_name_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(small_xlsx())
    assert [notice.code for notice in read_book(path).notices] == ["workbook-extension"]
    path = path.rename(tmp_path / "a.csv")
    with pytest.raises(GateError, match=r"ends in .csv but the content is an Excel workbook"):
        read_book(path)


# ---- the child ------------------------------------------------------------------------------------------------------


def hang() -> bytes:
    while True:
        pass


def crash() -> bytes:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGSEGV)
    return b""


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: bytes(700_000_000), "out-of-memory"),
        (hang, "too-slow"),
        (lambda: str(time.sleep(9)).encode(), "too-slow"),
        (crash, "out-of-memory"),
        (lambda: {}["x"], "reader-died"),
        (lambda: b"", "reader-died"),
    ],
    ids=["memory", "processor", "asleep", "crash", "raises", "silent"],
)
def test_whatever_the_child_does_the_parent_goes_on(work: object, code: str) -> None:
    began = time.perf_counter()
    with pytest.raises(GateError) as caught:
        _forked(work, 0.5, "a.xlsx")  # type: ignore[arg-type]
    assert caught.value.code == code
    assert time.perf_counter() - began < 3


def test_the_child_can_write_no_file(tmp_path: Path) -> None:
    with pytest.raises(GateError, match=r"signal 25|exit 1"):  # SIGXFSZ, or the error where that signal is ignored
        _forked(lambda: str((tmp_path / "x").write_bytes(b"1")).encode(), 1, "a.xlsx")
    assert not (tmp_path / "x").exists() or (tmp_path / "x").read_bytes() == b""


def test_a_large_answer_comes_whole() -> None:
    assert _forked(lambda: b"ab" * 5_000_000, 5, "a.xlsx") == b"ab" * 5_000_000


def test_without_fork_a_fresh_interpreter_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(small_xlsx())
    forked = read_book(path)
    monkeypatch.delattr("os.fork")
    assert read_book(path) == forked
    path.write_bytes(small_xlsx(**{"xl__worksheets__sheet1.xml": "<worksheet><sheetData>"}))
    with pytest.raises(GateError) as caught:
        read_book(path)
    assert caught.value.code == "damaged"


def test_the_guide_to_files_names_every_cause() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "howto" / "files.md").read_text(encoding="utf-8")
    for code, sentence in {**REFUSALS, **NOTICES}.items():
        assert f"| `{code}` | {sentence.en.split('; expected')[0]}" in guide
        assert sentence.en_remedy in guide

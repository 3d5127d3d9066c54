"""The office's own text: sections, passages, references, and what is said of lines that fit nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from nianbao.errors import TextError
from nianbao.officetext import OfficeText, parse_reference, read_text, text_path

CHAPTERS = {"population": "人口监测", "epidemic": "疫情防控", "problems": "存在的问题"}


def read(root: Path, content: str | bytes) -> OfficeText:
    path = text_path(root, "qingxi", 2020)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_text(path, root=root, chapters=CHAPTERS)


def test_no_file_is_no_text(tmp_path: Path) -> None:
    found = read_text(text_path(tmp_path, "qingxi", 2020), root=tmp_path, chapters=CHAPTERS)
    assert (found.file, dict(found.sections)) == ("data/qingxi/2020.md", {})


def test_sections_headings_and_paragraphs_with_their_lines(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "# 青溪镇\n\n## population\n第一行，\n接第二行。\n\n### 主要做法\n另一段。\n\n## 疫情防控\n设卡{{ epidemic_checkpoints }}处。\n",
    )
    assert [(passage.kind, passage.text, passage.line) for passage in found.sections["population"]] == [
        ("paragraph", "第一行，接第二行。", 4),
        ("heading", "主要做法", 7),
        ("paragraph", "另一段。", 8),
    ]
    assert [passage.text for passage in found.sections["epidemic"]] == ["设卡{{ epidemic_checkpoints }}处。"]


def test_key_and_chinese_name_head_the_same_section(tmp_path: Path) -> None:
    found = read(tmp_path, "## population\n甲。\n\n## 人口监测\n乙。\n")
    assert [passage.text for passage in found.sections["population"]] == ["甲。", "乙。"]


def test_comments_vanish_and_lines_still_count(tmp_path: Path) -> None:
    found = read(tmp_path, "<!-- 说明\n两行 -->\n## population\n甲。<!-- 旁注 -->\n")
    assert [(passage.text, passage.line) for passage in found.sections["population"]] == [("甲。", 4)]


def test_windows_line_ends_and_byte_order_mark_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, "\ufeff## population\r\n甲。\r\n")
    assert [passage.text for passage in found.sections["population"]] == ["甲。"]


def test_an_unknown_section_names_the_line_and_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(TextError, match=r"data/qingxi/2020\.md:3: .*'popluation'; did you mean 'population'\?"):
        read(tmp_path, "## epidemic\n甲。\n## popluation\n乙。\n")


def test_a_chinese_section_name_gets_the_nearest_chinese_one(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="did you mean '疫情防控'"):
        read(tmp_path, "## 疫情防空\n甲。\n")


def test_text_before_the_first_section_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(TextError, match=r"2020\.md:2: text before the first section"):
        read(tmp_path, "\n今年以来……\n## population\n甲。\n")


def test_all_faults_of_a_file_come_together(tmp_path: Path) -> None:
    with pytest.raises(TextError) as raised:
        read(tmp_path, "前言。\n\n## nothing-like-it\n甲。\n\n## popluation\n")
    assert [line.split(":")[1] for line in str(raised.value).splitlines()] == ["1", "3", "6"]


def test_a_file_in_another_encoding_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TextError, match=r"2020\.md:2: .*UTF-8"):
        read(tmp_path, "## population\n全镇出生一百人。\n".encode("gbk"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("births", ("births", "value")),
        ("births[parity=1]", ("births[parity=1]", "value")),
        ("births[parity=1].previous", ("births[parity=1]", "previous")),
        ("births[ parity=1 ].gap", ("births[parity=1]", "gap")),
    ],
)
def test_references(text: str, expected: tuple[str, str]) -> None:
    assert parse_reference(text, where="2020.md:4") == expected


@pytest.mark.parametrize("text", ["", "出生", "births[parity=1", "births.previous.more", "Births"])
def test_what_is_no_reference_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(TextError, match=r"2020\.md:4: .*births\[parity=1\]"):
        parse_reference(text, where="2020.md:4")


def test_an_unknown_role_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="no role 'previus'; did you mean 'previous'"):
        parse_reference("births.previus", where="2020.md:4")

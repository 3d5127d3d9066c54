"""The two shells of a report: what params may say of them, and where a letter has its parts in PDF and Word."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docx
import pypdfium2  # type: ignore[import-untyped]
import pytest
import report_fixture as fixture
from bs4 import BeautifulSoup
from docx.oxml.ns import qn
from pydantic import ValidationError

from county import TOWN, YEAR, Project, build_project
from nianbao import assembly, pipeline
from nianbao.arrangement import Letter, PartHeading, with_parts
from nianbao.blocks import BLOCK_MIME, Block, column, heading, paragraph, plain, row, run, table
from nianbao.catalogue import load_catalogue, load_township
from nianbao.errors import ParamsError, ReportError
from nianbao.report import ReportInfo, assemble, render, render_all
from nianbao.shells import Attachment, ReportParams, ShellParams

MM = 72 / 25.4
LINE = 28.95
CHARACTER = 15.79
WORDS = "村卫生室按月核对随访记录缺项当月补齐核对情况由镇卫生院每季度通报一次组织村医入户走访" * 8


# ---- params ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["青卫〔2020〕3号", "示卫办发〔2024〕106号", ""])
def test_a_document_number_of_the_standard_is_taken(number: str) -> None:
    assert ReportParams(number=number).number == number


@pytest.mark.parametrize(
    "number", ["青卫[2020]3号", "青卫（2020）3号", "青卫【2020】3号", "青卫〔2020〕第3号", "青卫〔2020〕03号", "青卫〔20〕3号"]
)
def test_another_number_is_refused_with_the_form_it_should_have(number: str) -> None:
    with pytest.raises(ValidationError, match="six-corner brackets"):
        ReportParams(number=number)


def test_recipient_and_titles_bring_no_punctuation_of_their_own() -> None:
    with pytest.raises(ValidationError, match="the report sets the colon"):
        ShellParams(recipient_zh="县卫生健康委员会：")
    with pytest.raises(ValidationError, match="without punctuation"):
        Attachment(zh="数据来源。", en="Sources")


def test_a_year_says_what_differs_from_all_years() -> None:
    usual = ShellParams(shell="report", recipient_zh="县卫健委", seal=True)
    year = ReportParams(number="青卫〔2020〕3号", seal=False, date=date(2020, 12, 5)).over(usual)
    assert (year.shell, year.recipient_zh, year.seal, year.number) == ("report", "县卫健委", False, "青卫〔2020〕3号")
    assert ReportParams(shell="summary").over(usual).shell == "summary"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return build_project(tmp_path / "project")


def said(project: Project, text: str) -> tuple[Any, int]:
    """Return what a run knows of the town with ``text`` as its report's params of all years, and the line of ``report``."""
    path = project.root / "params" / "townships" / f"{TOWN}.yml"
    kept = path.read_text("utf-8")
    path.write_text(f"{kept}report:\n{text}", encoding="utf-8")
    known = {"root": project.root, "township": project.township(), "catalogue": project.catalogue(), "year": YEAR}
    return SimpleNamespace(**known), len(kept.splitlines()) + 1


def test_the_letter_is_what_params_say(project: Project) -> None:
    data, _ = said(
        project,
        "  shell: report\n  recipient_zh: 县卫健委\n  recipient_en: The County\n  letterhead_zh: 镇卫健办文件\n  seal: true\n",
    )
    made = assembly.letter_of(data, "zh")
    assert made is not None
    assert (made.recipient, made.letterhead, made.seal, made.closing) == ("县卫健委", "镇卫健办文件", True, True)
    assert [area for area, _ in made.attachments] == ["appendix", "source-index"]
    english = assembly.letter_of(data, "en")
    assert english is not None
    assert english.recipient == "The County"


def test_a_letter_is_called_a_report_and_signed_by_the_office_it_names(project: Project) -> None:
    data, _ = said(project, "  shell: report\n  recipient_zh: 县卫健委\n  office_zh: 镇人民政府\n")
    data.part, data.places = None, ()
    made = assembly.report_info(data, pipeline.Options(YEAR))
    assert made.title == f"{data.township.zh}关于{YEAR}年卫生健康工作情况的报告"
    assert made.office == "镇人民政府"
    assert made.letter is not None


def test_a_summary_is_no_letter(project: Project) -> None:
    data, _ = said(project, "  recipient_zh: 县卫健委\n")
    assert assembly.letter_of(data, "zh") is None


def test_a_letter_without_a_recipient_is_refused_with_its_line(project: Project) -> None:
    data, line = said(project, "  shell: report\n")
    with pytest.raises(ParamsError, match=rf"{TOWN}\.yml:{line + 1}: report\.shell: .*add recipient_zh"):
        assembly.letter_of(data, "zh")


def test_an_attachment_that_is_no_chapter_is_refused_with_the_nearest(project: Project) -> None:
    text = "  shell: report\n  recipient_zh: 县卫健委\n  attachments:\n    apendix: {zh: 口径, en: Definitions}\n"
    data, line = said(project, text)
    with pytest.raises(ParamsError, match=rf"{TOWN}\.yml:{line + 4}: report\.attachments\.apendix: .*did you mean 'appendix'"):
        assembly.letter_of(data, "zh")


def test_faces_come_from_a_folder_of_the_project_alone(project: Project) -> None:
    data, line = said(project, "  fonts: office-fonts\n")
    with pytest.raises(ParamsError, match=rf"{TOWN}\.yml:{line + 1}: report\.fonts: no folder 'office-fonts'"):
        assembly.office_fonts(data)
    (project.root / "office-fonts").mkdir()
    assert assembly.office_fonts(data) == (project.root / "office-fonts").resolve()
    outside, _ = said(build_project(project.root.parent / "other"), "  fonts: ../project/office-fonts\n")
    with pytest.raises(ParamsError, match="no folder"):
        assembly.office_fonts(outside)


def test_an_unknown_key_is_refused_with_the_nearest(project: Project) -> None:
    path = project.root / "params" / "townships" / f"{TOWN}.yml"
    line = len(path.read_text("utf-8").splitlines()) + 2
    path.write_text(path.read_text("utf-8") + "report:\n  recipent_zh: 县卫健委\n", encoding="utf-8")
    with pytest.raises(
        ParamsError, match=rf"{TOWN}\.yml:{line}: report\.recipent_zh: unknown key; did you mean 'recipient_zh'"
    ):
        load_township(project.root, TOWN)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("parts: {{a: [{{zh: 甲, en: A, first: population, last: problms}}]}}", "'problms'; did you mean 'problems'"),
        ("parts: {{a: [{{zh: 甲, en: A, first: problems, last: population}}]}}", "stands after"),
        ("parts: {{a: [{{zh: 甲, en: A}}]}}", "needs first and last, or chapter"),
        ("parts: {{ab: [{{zh: 甲, en: A, chapter: problems}}]}}", "no skeleton 'ab'"),
        ("attachments: {{apendix: {{zh: 甲, en: A}}}}", "did you mean 'appendix'"),
    ],
)
def test_a_part_or_attachment_of_the_outline_that_names_nothing_is_refused(project: Project, entry: str, message: str) -> None:
    path = project.root / "params" / "report.yml"
    lines = path.read_text("utf-8").splitlines()
    kept = lines[: next(place for place, one in enumerate(lines) if one.startswith("# The headings of a skeleton"))]
    kept += lines[next(place for place, one in enumerate(lines) if one.startswith("# What a report calls")) :]
    path.write_text("\n".join([*kept, entry.format()]) + "\n", encoding="utf-8")
    with pytest.raises(ParamsError, match=message) as raised:
        load_catalogue(project.root)
    assert f"params/report.yml:{len(kept) + 1}: " in str(raised.value)


@pytest.mark.parametrize("name", ["a", "b", "c", "d", "g"])
def test_a_skeleton_can_be_chosen_and_brings_its_parts(project: Project, name: str) -> None:
    data, _ = said(project, "  shell: summary\n")
    outline = data.catalogue.outline
    year = data.township.years[data.year]
    chosen = year.model_copy(update={"report": ReportParams(skeleton=name)})
    data.township.years[data.year] = chosen
    assert assembly.chapters_of(data) == outline.skeletons[name]
    parts = assembly.parts_of(data, "zh")
    assert [part.title for part in parts] == [part.zh for part in outline.parts.get(name, ())]
    assert all(part.chapters and set(part.chapters) <= set(outline.skeletons[name]) for part in parts)


# ---- parts ----------------------------------------------------------------------------------------------------------


def chapter(*heads: tuple[int, str, str]) -> list[tuple[Block, dict[str, Any]]]:
    return [(heading(words, level=level, key=key), {}) for level, words, key in heads]


PROBLEMS = chapter(
    (1, "存在的问题和下一步打算", "top"), (2, "存在的问题", "problems"), (3, "队伍", "t"), (2, "打算", "next-steps")
)


def outline_of(chapters: Any) -> list[tuple[int, str]]:
    return [(block["level"], plain(block["runs"])) for _, shown in chapters for block, _ in shown]


def test_a_part_stands_above_its_chapters_each_a_level_deeper() -> None:
    given = [("overview", chapter((1, "概况", "top"))), ("births", chapter((1, "出生", "top"), (2, "性别", "sex")))]
    part = PartHeading("完成情况", ("absent", "births", "deaths"), above=True)
    assert outline_of(with_parts(given, [part])) == [(1, "概况"), (1, "完成情况"), (2, "出生"), (3, "性别")]
    assert outline_of(given) == [(1, "概况"), (1, "出生"), (2, "性别")], "what was given is not changed"


def test_sections_become_chapters_under_the_names_of_the_skeleton() -> None:
    parts = [
        PartHeading("存在的困难", ("problems",), section="problems"),
        PartHeading("工作计划", ("problems",), section="next-steps"),
    ]
    made = with_parts([("problems", PROBLEMS)], parts)
    assert outline_of(made) == [(1, "存在的困难"), (2, "队伍"), (1, "工作计划")]


def test_a_section_that_is_not_there_leaves_the_chapter_its_heading() -> None:
    part = PartHeading("甲", ("problems",), section="absent")
    assert outline_of(with_parts([("problems", PROBLEMS)], [part])) == outline_of([("problems", PROBLEMS)])


# ---- documents ------------------------------------------------------------------------------------------------------


def wide_table() -> Block:
    columns = [column("村", align="left"), *(column(f"第{place}项工作完成数量（人）") for place in range(14))]
    rows = [row([[run(f"第{place}村")], *([[run("12345.67")]] * 14)]) for place in range(30)]
    return table([run("各村工作情况")], key="wide", columns=columns, rows=rows, notes=[[run("注：示例。")]])


def report(letter: Letter | None, *, lang: str = "zh", office: str = "青溪镇卫生健康办公室") -> Any:
    body = fixture.chapter(
        heading("概况", level=1, key="top"),
        *(paragraph([run(WORDS)]) for _ in range(5)),
        heading("分村", level=2, key="villages"),
        wide_table(),
        paragraph([run("各村均已报送。")]),
    )
    appendix = fixture.chapter(
        heading("附录", level=1, key="top"),
        heading("口径", level=2, key="definitions"),
        paragraph([run("从略。")]),
        heading("细目", level=3, key="detail"),
    )
    info = ReportInfo(
        title="关于青溪镇2020年卫生健康工作情况的报告",
        office=office,
        date=date(2020, 12, 5),
        lang="en" if lang == "en" else "zh",
        letter=letter,
    )
    return assemble([("one", body), ("app", appendix), ("more", appendix)], info)


LETTER = Letter(
    "示范县卫生健康委员会",
    number="青卫〔2020〕3号",
    letterhead="青溪镇卫生健康办公室文件",
    signer="某某",
    attachments=(("app", "指标口径和数据核对情况"), ("more", "")),
)


@cache
def rendered() -> dict[Any, bytes]:
    return render_all(report(LETTER), ("pdf", "docx", "html"))


def blocks(made: Any) -> list[Block]:
    return [output["data"][BLOCK_MIME] for cell in made.cells for output in cell.outputs]


def test_attachments_follow_the_signature_and_number_their_headings_anew() -> None:
    made = blocks(report(LETTER))
    heads = [(b.get("mark", ""), b["number"], plain(b["runs"]), b["level"]) for b in made if b["type"] == "heading"]
    assert heads == [
        ("", "一、", "概况", 1),
        ("", "（一）", "分村", 2),
        ("附件1", "", "指标口径和数据核对情况", 1),
        ("", "一、", "口径", 2),
        ("", "（一）", "细目", 3),
        ("附件2", "", "附录", 1),
        ("", "一、", "口径", 2),
        ("", "（一）", "细目", 3),
    ]
    kinds = [block["type"] for block in made]
    assert kinds.index("signature") < kinds.index("heading", kinds.index("signature"))
    assert plain(made[kinds.index("enclosures") - 1]["runs"]) == "特此报告。"
    assert plain(made[kinds.index("enclosures")]["runs"]) == "附件：1.指标口径和数据核对情况 2.附录"


def test_a_single_attachment_has_no_number_and_english_has_its_own_words() -> None:
    one = Letter("The County", attachments=(("app", "Definitions"),))
    made = blocks(report(one, lang="en"))
    assert [b["mark"] for b in made if b.get("mark")] == ["Annex"]
    assert plain(next(b for b in made if b["type"] == "enclosures")["runs"]) == "Annex: Definitions"
    assert made[0]["letter"]["recipient"] == "The County:"


def test_a_chapter_with_two_first_headings_is_no_attachment() -> None:
    twice = fixture.chapter(heading("甲", level=1, key="top"), heading("乙", level=1, key="b"))
    info = ReportInfo(title="报告", letter=Letter("县", attachments=(("app", ""),)))
    with pytest.raises(ReportError, match="has 2 headings of the first level"):
        assemble([("app", twice)], info)


Place = tuple[float, float, float]
"""Left, right and height of the middle of a line, in points from the left and from the top."""


Lines = list[tuple[str, Place]]


def lines_of(content: bytes) -> list[tuple[tuple[float, float], Lines]]:
    """Return of each page its size, and its lines with where they stand, from the top down."""
    found = []
    document = pypdfium2.PdfDocument(content)
    for page in document:
        text = page.get_textpage()
        lines: Lines = []
        height = page.get_height()
        rows: dict[int, list[tuple[float, float, str, float]]] = {}
        for place in range(text.count_chars()):
            character = text.get_text_range(place, 1)
            if character.strip():
                left, bottom, right, top = text.get_charbox(place, loose=True)
                middle = (bottom + top) / 2
                known = next((one for one in rows if abs(one - middle) < 3), round(middle))
                rows.setdefault(known, []).append((left, right, character, height - middle))
        for _, row_ in sorted(rows.items(), reverse=True):
            row_.sort()
            lines.append(("".join(one[2] for one in row_), (row_[0][0], row_[-1][1], row_[0][3])))
        found.append(((page.get_width(), height), lines))
    document.close()
    return found


def page_with(words: str) -> Lines:
    return next(lines for _, lines in lines_of(rendered()["pdf"]) if any(words in line for line, _ in lines))


def starts(lines: Lines, words: str) -> Place:
    return next(place for line, place in lines if line.startswith(words))


def line_number(place: Place) -> float:
    """Return on which of the 22 lines of the type area something stands, counted from 1."""
    return (place[2] - 37 * MM) / LINE + 0.5


def test_full_pages_hold_22_lines_of_28_characters() -> None:
    size, lines = lines_of(rendered()["pdf"])[1]
    assert size == pytest.approx((210 * MM, 297 * MM), abs=0.1)
    text = [line for line, _ in lines if "—" not in line]
    assert len(text) == 22
    assert Counter(map(len, text)).most_common(1)[0][0] == 28


def test_the_first_page_has_its_parts_in_order() -> None:
    first = lines_of(rendered()["pdf"])[0][1]
    head, number = starts(first, "青溪镇卫生健康办公室文件"), starts(first, "青卫〔2020〕3号")
    title, recipient = starts(first, "关于青溪镇"), starts(first, "示范县卫生健康委员会：")
    assert head[2] < number[2] < title[2] < recipient[2]
    assert number[0] == pytest.approx(28 * MM + CHARACTER, abs=1.5), "one character from the left"
    assert number[1] == pytest.approx((210 - 26) * MM - CHARACTER, abs=1.5), "and the issuer one from the right"
    assert (title[0] + title[1]) / 2 == pytest.approx((28 + 156 / 2) * MM, abs=1)
    assert recipient[0] == pytest.approx(28 * MM, abs=1), "flush left"
    assert "— 1 —".replace(" ", "") in "".join(line for line, _ in first)


def test_signature_and_date_stand_as_the_standard_says() -> None:
    page = page_with("特此报告")
    closing, listed, second = starts(page, "特此报告。"), starts(page, "附件：1."), starts(page, "2.附录")
    office, day = starts(page, "青溪镇卫生健康办公室"), starts(page, "2020年12月5日")
    left, right = next(
        (margin, 210 * MM - other)
        for margin, other in ((28 * MM, 26 * MM), (26 * MM, 28 * MM))
        if abs(closing[0] - margin - 2 * CHARACTER) < 2
    )
    assert line_number(listed) - line_number(closing) == pytest.approx(2, abs=0.05), "a blank line above the list"
    assert listed[0] == pytest.approx(left + 2 * CHARACTER, abs=1)
    assert second[0] == pytest.approx(left + 5 * CHARACTER, abs=1.5), "numbers stand below one another"
    assert line_number(office) - line_number(second) == pytest.approx(2, abs=0.05)
    assert line_number(day) - line_number(office) == pytest.approx(1, abs=0.05)
    assert office[1] == pytest.approx(right - 2 * CHARACTER, abs=1.5)
    assert day[0] == pytest.approx(office[0] + 2 * CHARACTER, abs=1.5), "the date begins two characters after the signer"


def where(letter: Letter, *words: str, office: str) -> list[Place]:
    content = render(report(letter, office=office), "pdf")
    page = next(lines for _, lines in lines_of(content) if any("特此报告" in line for line, _ in lines))
    return [starts(page, one) for one in words]


def test_a_short_signer_moves_and_the_date_keeps_its_distance() -> None:
    office, day = where(Letter("县"), "卫健办", "2020年12月5日", office="卫健办")
    assert day[0] == pytest.approx(office[0] + 2 * CHARACTER, abs=1.5)
    assert day[1] < 184 * MM - 1.5 * CHARACTER


def test_with_a_seal_the_signer_is_centred_over_a_date_four_characters_in() -> None:
    office, day = where(Letter("县", seal=True), "青溪镇卫健办", "2020年12月5日", office="青溪镇卫健办")
    assert (office[0] + office[1]) / 2 == pytest.approx((day[0] + day[1]) / 2, abs=1)
    assert min(abs(day[1] - (210 - side) * MM + 4 * CHARACTER) for side in (26, 28)) < 1.5


def test_an_attachment_begins_a_page_and_has_its_title_on_the_third_line() -> None:
    page = page_with("附件2")
    mark, title = starts(page, "附件2"), starts(page, "附录")
    assert line_number(mark) == pytest.approx(1, abs=0.2)
    assert min(abs(mark[0] - side * MM) for side in (26, 28)) < 1
    assert line_number(title) == pytest.approx(3.1, abs=0.2)
    assert (title[0] + title[1]) / 2 == pytest.approx(105 * MM, abs=4)


def test_a_table_no_upright_page_holds_is_turned_with_its_heading_and_its_page_number_stays() -> None:
    pages = lines_of(rendered()["pdf"])
    turned = [(place, lines) for place, (size, lines) in enumerate(pages, start=1) if size[0] > size[1]]
    assert len(turned) == 2
    assert any("（一）分村" in line for line, _ in turned[0][1])
    for number, lines in turned:
        edge = [place for line, place in lines if line[0] in f"—{number}" and place[0] < 28 * MM]
        assert edge, "the number stands at the left edge"
        low = max(place[2] for place in edge) > 105 * MM
        assert low == (number % 2 == 1), "odd numbers at the foot of the edge, which is the right of the upright page"


@cache
def word() -> Any:
    return docx.Document(io.BytesIO(rendered()["docx"]))


def styled(style: str) -> list[Any]:
    return [one for one in word().paragraphs if one.style.name == style]


def test_word_has_the_letter_too() -> None:
    texts = [(one.style.name, one.text) for one in word().paragraphs][:5]
    assert texts == [
        ("Letterhead", "青溪镇卫生健康办公室文件"),
        ("Document Number", "青卫〔2020〕3号\t签发人：某某"),
        ("Report Title", "关于青溪镇2020年卫生健康工作情况的报告"),
        ("Recipient", "示范县卫生健康委员会："),
        ("Heading 1", "一、概况"),
    ]
    assert not [one for one in word().paragraphs if one.style.name.startswith(("toc", "Contents"))]
    assert [one.text for one in styled("Enclosure")] == ["附件：1.\t指标口径和数据核对情况", "2.\t附录"]
    assert [one.text for one in styled("Signature")] == ["青溪镇卫生健康办公室", "2020年12月5日"]


def test_word_indents_signer_and_date_by_characters() -> None:
    office, day = (int(one._p.pPr.find(qn("w:ind")).get(qn("w:right"))) / 20 / 15.75 for one in styled("Signature"))
    assert office == pytest.approx(2, abs=0.01)
    assert day == pytest.approx(10 - 6.5, abs=0.01), "10 characters less the 6.5 of the date: it begins two after the signer"


def test_word_starts_each_attachment_on_a_page_and_keeps_it_in_the_outline() -> None:
    marks = styled("Attachment Mark")
    assert [one.text for one in marks] == ["附件1", "附件2"]
    assert all(one._p.pPr.find(qn("w:pageBreakBefore")) is not None for one in marks)
    assert [one.text for one in styled("Heading Attachment 1")] == ["指标口径和数据核对情况", "附录"]
    assert [one.text for one in styled("Heading Attachment 2")] == ["一、口径"] * 2
    for level, face in ((1, "方正小标宋简体"), (2, "黑体"), (3, "楷体_GB2312")):
        style = word().styles[f"Heading Attachment {level}"].element
        assert style.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) == str(level - 1)
        assert style.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == face


def test_word_turns_the_page_of_a_wide_table_and_numbers_it_where_it_was() -> None:
    sections = list(word().sections)
    assert [round(one.page_width.mm) for one in sections] == [210, 297, 210]
    turned = sections[1]
    margins = [turned.top_margin.mm, turned.right_margin.mm, turned.bottom_margin.mm, turned.left_margin.mm]
    assert margins == pytest.approx([28, 36, 26, 36], abs=0.05), "Word swaps left and right on even pages"
    assert [one._sectPr.find(qn("w:pgNumType")) is not None for one in sections] == [True, False, False]
    for footer, side in ((turned.footer, "right"), (turned.even_page_footer, "left")):
        (held,) = footer.tables
        cell = held._tbl.find(".//" + qn("w:tc"))
        assert cell.tcPr.find(qn("w:textDirection")).get(qn("w:val")) == "tbRl"
        assert held.cell(0, 0).paragraphs[0].text == "— 1 —"
        assert held.cell(0, 0).paragraphs[0]._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side
    assert sections[2].footer.paragraphs[0].text == "— 1 —"


def test_the_page_says_what_the_letter_says() -> None:
    soup = BeautifulSoup(rendered()["html"].decode("utf-8"), "html.parser")
    told: Callable[[str], list[str]] = lambda css: [tag.get_text() for tag in soup.select(css)]  # noqa: E731
    assert told(".recipient") == ["示范县卫生健康委员会："]
    assert told(".enclosures") == ["附件：1.指标口径和数据核对情况2.附录"]
    assert told(".attachment-mark") == ["附件1", "附件2"]
    assert "青溪镇卫生健康办公室" in told(".signature")[0]


def test_all_that_a_letter_prints_is_checked_for_its_characters() -> None:
    with pytest.raises(ReportError, match="U\\+E000"):
        render(report(Letter("县\ue000委")), "pdf")

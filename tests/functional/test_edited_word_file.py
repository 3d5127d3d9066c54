"""An office edits the Word file, the text is taken back, the data change, the report is built again: everything of the office's stands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from built import Built, fill, nianbao, rows
from nianbao.absorb import drop, read_word
from nianbao.dataset import open_dataset
from nianbao.wordmarks import Printed
from programs import libreoffice
from worddoc import WordFile, without_record

PLACE = ("--township", "maolin", "--year", "2020")
TEXT = "data/maolin/2020.md"
MARK = "【此段依据已变："


def absorbed(project: Path, document: Path, *more: str) -> str:
    """Absorb a document and return what was said."""
    done = nianbao(project, "absorb", str(document), *more)
    assert done.code == 0, done.said
    return done.out


def rebuilt(project: Path, *formats: str) -> list[str]:
    """Build the report again and return the words of its Word paragraphs."""
    done = nianbao(project, "report", "maolin", "--year", "2020", "--to", ",".join(formats or ("docx",)))
    assert done.code == 0, done.said
    return WordFile(project / "outputs/2020/maolin/report.docx").texts


class Office:
    """The built Word file in the hands of the office; paragraphs are asked for by chapter and a figure they print."""

    def __init__(self, workshop: Built, folder: Path) -> None:
        self.project = workshop.project
        self.path = Path(shutil.copy(workshop.folder / "report.docx", folder / "edited.docx"))
        self.record, _ = read_word(self.path)
        self.word = WordFile(self.path)
        self.texts = self.word.texts

    def said(self, chapter: str, ref: str = "", *, office: bool = False, place: int = 0) -> str:
        """Return the words of a paragraph."""
        found = [
            one.text
            for one in self.record.printed
            if one.mark and one.key.partition("/")[0] == chapter and one.office == office and (not ref or ref in one.basis)
        ]
        return found[place]

    def printed(self, words: str) -> Printed:
        return next(one for one in self.record.printed if one.mark and one.text == words)

    def save(self) -> Path:
        return self.word.save()


@pytest.fixture
def office(workshop: Built, tmp_path: Path) -> Office:
    return Office(workshop, tmp_path)


def edit(office: Office) -> dict[str, str]:
    """Do ten edits and return a telling stretch of each, as it must be found again."""
    word, said = office.word, office.said
    births, people = said("population", "births[parity=1]"), said("population", "population_outflow")
    funds, helped = said("incentives"), said("health_assistance")
    goods, aged, clinics = said("epidemic", place=-1), said("elderly"), said("medical_services")
    cattle, housed = said("disease_control", place=0), said("disease_control", place=-1)
    plan = said("problems", office=True)
    assert cattle != housed
    word.change(births, "。", "，与近年走势一致。")
    word.change(funds, "。", "，全部通过一卡通发放到户。")
    word.change(people, "7649", "7650")
    word.change(helped, "。", "，由镇村两级核实。")
    word.add(goods, "防疫物资由镇中心仓库统一保管。")
    word.add(aged, "重阳节期间走访慰问老人，服务满意度较高。")
    word.delete(clinics)
    word.move(cattle, after=housed)
    word.move(aged, after="由镇村两级核实")
    word.change(plan, "补齐数据", "尽快补齐数据")
    office.save()
    return {
        "births": "与近年走势一致",
        "funds": "全部通过一卡通发放到户",
        "people": "7650人",
        "helped": "由镇村两级核实",
        "goods": "防疫物资由镇中心仓库统一保管。",
        "aged": "重阳节期间走访慰问老人，服务满意度较高。",
        "clinics": clinics,
        "cattle": "牛存栏",
        "moved": "60岁以上",
        "plan": "尽快补齐数据",
    }


def through_libreoffice(document: Path, folder: Path) -> Path:
    """Open a document in LibreOffice, save it again as .docx, and return the copy."""
    return libreoffice(document, "docx", folder)


@pytest.mark.parametrize("rounds", [0, 1], ids=["as edited", "saved by LibreOffice"])
def test_ten_edits_stand_and_two_are_marked_when_their_figures_move(office: Office, rounds: int, tmp_path: Path) -> None:
    project = office.project
    told = edit(office)
    document = through_libreoffice(office.path, tmp_path / "again") if rounds else office.path
    said = absorbed(project, document)
    verbs = [line.split()[0] for line in said.splitlines()]
    assert [verbs.count(verb) for verb in ("changed", "added", "deleted", "moved")] == [5, 2, 1, 2], said
    assert "not absorbed" not in said
    assert "it says 7650" in said
    assert absorbed(project, document).splitlines()[-1] == f"{TEXT}: nothing to change"

    texts = rebuilt(project)
    check_places(texts, told)
    assert not any(MARK in text for text in texts)

    fill(project, "births", 70, dims="parity=1", period="2020")
    fill(project, "livestock_stock", 52, dims="animal=cattle;village=3", period="2020")
    texts = rebuilt(project, "docx", "html", "pdf")
    check_places(texts, told)
    marked = [text for text in texts if MARK in text]
    assert len(marked) == 2, marked
    births = next(text for text in marked if told["births"] in text)
    assert "151→153" in births
    assert "68→70" in births
    assert "出生153人" in births, "a figure that still stands follows the data"
    cattle = next(text for text in marked if told["cattle"] in text)
    assert "86→88" in cattle
    assert "存栏88头" in cattle
    found = rows(project / "outputs/2020/maolin/findings.csv")
    codes = [row["code"] for row in found]
    assert (codes.count("text-outdated"), codes.count("text-figure-differs"), codes.count("text-unplaced")) == (2, 1, 0)
    differs = next(row for row in found if row["code"] == "text-figure-differs")
    assert "7650" in differs["message_zh"]
    assert "7649" in differs["message_zh"]
    built = project / "outputs/2020/maolin/report.docx"
    first = built.read_bytes()
    done = nianbao(project, "report", "maolin", "--year", "2020", "--to", "docx,html,pdf", "--force")
    assert done.code == 0, done.said
    assert built.read_bytes() == first


def check_places(texts: list[str], told: dict[str, str]) -> None:
    """Find every edit where the office made it, and only there."""
    for name, words in told.items():
        found = [text for text in texts if words in text and "依据：" not in text]
        assert len(found) == (0 if name == "clinics" else 1), (name, found)
    order = [
        next(place for place, text in enumerate(texts) if told[name] in text)
        for name in ("goods", "people", "births", "moved", "aged")
    ]
    assert order == sorted(order)
    place = next(number for number, text in enumerate(texts) if told["cattle"] in text)
    assert "圈养" in texts[place - 1]
    place = next(number for number, text in enumerate(texts) if told["moved"] in text)
    assert "由镇村两级核实" in texts[place - 1]


def test_an_unedited_file_changes_nothing(office: Office) -> None:
    assert absorbed(office.project, office.path) == f"{TEXT}: nothing to change\n"
    assert not (office.project / f"{TEXT}.bak").exists()


def test_a_dry_run_prints_the_plan_and_writes_nothing(office: Office) -> None:
    before = (office.project / TEXT).read_bytes()
    edit(office)
    said = absorbed(office.project, office.path, "--dry-run")
    assert len([line for line in said.splitlines() if line.startswith(("changed", "added", "deleted", "moved"))]) == 10
    assert said.endswith("would be written\n")
    assert (office.project / TEXT).read_bytes() == before


def test_the_earlier_text_is_kept_and_what_is_manual_stays_as_it_was(office: Office) -> None:
    before = (office.project / TEXT).read_text("utf-8")
    edit(office)
    absorbed(office.project, office.path)
    assert (office.project / f"{TEXT}.bak").read_text("utf-8") == before
    after = (office.project / TEXT).read_text("utf-8").splitlines()
    changed = [line for line in before.splitlines() if line not in after]
    assert [line for line in changed if "一是补齐数据" not in line] == []
    assert any("written: 一是补齐数据" in line for line in after), "the paragraph as it was stays in the comment"


def test_a_dropped_paragraph_gives_way_to_the_generated_one(office: Office) -> None:
    told = edit(office)
    absorbed(office.project, office.path)
    listed = nianbao(office.project, "absorb", "--list", *PLACE).out
    assert len(listed.splitlines()) == 10
    for key in [line.split()[1].removesuffix(":") for line in listed.splitlines()]:
        said = drop(open_dataset(office.project, township="maolin", year=2020), key)
        assert said == f"dropped {key}"
    texts = rebuilt(office.project)
    assert told["clinics"] in texts
    assert not any("一卡通" in text for text in texts)
    assert texts == office.texts


def test_confirming_rests_a_paragraph_on_the_figures_of_today(office: Office) -> None:
    births = office.said("population", "births[parity=1]")
    key = office.printed(births).key
    office.word.change(births, "。", "，与近年走势一致。")
    absorbed(office.project, office.save())
    fill(office.project, "births", 70, dims="parity=1", period="2020")
    assert "text-outdated" in nianbao(office.project, "check", "maolin", "--year", "2020").out
    assert "[outdated: " in nianbao(office.project, "absorb", "--list", *PLACE).out
    done = nianbao(office.project, "absorb", "--confirm", key, *PLACE)
    assert done.code == 0, done.said
    assert "text-outdated" not in nianbao(office.project, "check", "maolin", "--year", "2020").out


def test_a_mark_taken_out_in_word_confirms_too_and_a_mark_left_does_not(office: Office, tmp_path: Path) -> None:
    births, people = office.said("population", "births[parity=1]"), office.said("population", "population_outflow")
    office.word.change(births, "。", "，与近年走势一致。")
    office.word.change(people, "。", "，总体平稳。")
    absorbed(office.project, office.save())
    fill(office.project, "births", 70, dims="parity=1", period="2020")
    fill(office.project, "population_outflow", 7700, period="2020")
    texts = rebuilt(office.project)
    marked = [text for text in texts if MARK in text]
    assert len(marked) == 2
    again = WordFile(Path(shutil.copy(office.project / "outputs/2020/maolin/report.docx", tmp_path / "second.docx")))
    whole = next(text for text in marked if "走势" in text)
    again.rewrite(whole, whole.partition(MARK)[0])
    said = absorbed(office.project, again.save())
    assert said.startswith("confirmed "), said
    texts = rebuilt(office.project)
    assert [text.partition(MARK)[0][-6:] for text in texts if MARK in text] == ["，总体平稳。"]
    assert not any("此段依据" in line for line in (office.project / TEXT).read_text("utf-8").splitlines())


def test_paragraphs_are_split_and_joined(office: Office) -> None:
    births, people = office.said("population", "births[parity=1]"), office.said("population", "population_outflow")
    first, second = office.said("family_planning"), office.said("family_planning", "contraceptive_prevalence_rate")
    office.word.split(births, "其中")
    office.word.join(first, second)
    office.word.unmark(people)
    office.word.change(people, "。", "，与上年末相比变化不大。")
    said = absorbed(office.project, office.save())
    assert sorted(line.split()[0] for line in said.splitlines()[:-1]) == ["added", "changed", "changed", "changed", "deleted"]
    fill(office.project, "births", 70, dims="parity=1", period="2020")
    texts = rebuilt(office.project)
    (rest,) = [text for text in texts if text.startswith("其中")]
    assert "70人" in rest
    assert MARK in rest
    assert "153人" in texts[texts.index(rest) - 1]
    assert any(text.startswith(first[:12]) and second[:12] in text for text in texts)


def test_tracked_changes_are_taken_as_accepted(office: Office) -> None:
    people = office.said("population", "population_outflow")
    office.word.track(people, "全镇", "全镇户籍")
    said = absorbed(office.project, office.save())
    assert "2 tracked changes were taken as accepted" in said
    assert "全镇户籍总人口{{ population_total }}人" in (office.project / TEXT).read_text("utf-8")


def test_tables_and_headings_are_told_and_nothing_is_lost(office: Office) -> None:
    table = office.word.document.tables[0]
    table.rows[1].cells[1].paragraphs[0].runs[0].text = "999"
    heading = next(one for one in office.word.document.paragraphs if one.style.name == "Heading 2")
    heading.runs[-1].text = "改过的标题"
    before = (office.project / TEXT).read_bytes()
    said = absorbed(office.project, office.save())
    assert "not absorbed: figures of a table were changed" in said
    assert "not absorbed: a heading was changed" in said
    assert (office.project / TEXT).read_bytes() == before


def test_a_personal_number_is_refused_and_nothing_written(office: Office) -> None:
    before = (office.project / TEXT).read_bytes()
    office.word.add(office.said("elderly"), "联系人手机13800138000。")
    done = nianbao(office.project, "absorb", str(office.save()))
    assert done.code == 1
    assert "mobile" in done.err or "phone" in done.err
    assert "13800138000" not in done.said
    assert (office.project / TEXT).read_bytes() == before


def test_what_cannot_be_absorbed_is_refused_with_what_to_do(office: Office, tmp_path: Path) -> None:
    by_hand = without_record(office.path, tmp_path / "hand.docx")
    damaged = tmp_path / "damaged.docx"
    damaged.write_bytes(office.path.read_bytes()[:20_000])
    old = tmp_path / "old.doc"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    for document, words in (
        (by_hand, "copy the changes into a report.docx that nianbao report built"),
        (damaged, "open it in Word, save it again"),
        (old, "save it as .docx without a password"),
        (tmp_path / "nothing.docx", "give the path of the edited report.docx"),
    ):
        done = nianbao(office.project, "absorb", str(document))
        assert done.code == 1
        assert words in done.err
        assert "Traceback" not in done.err
    done = nianbao(office.project, "absorb", str(office.path), "--township", "town-a")
    assert done.code == 1
    assert "of maolin 2020, not of town-a" in done.err
    assert nianbao(office.project, "absorb").code == 2
    assert nianbao(office.project, "absorb", "--list").code == 2


def test_a_paragraph_edited_again_in_the_same_file_replaces_what_was_absorbed(office: Office) -> None:
    aged = office.said("elderly")
    office.word.add(aged, "重阳节期间走访慰问老人。")
    office.word.change(office.said("problems", office=True), "补齐数据", "尽快补齐数据")
    absorbed(office.project, office.save())
    office.word.rewrite("重阳节期间走访慰问老人。", "重阳节前后走访慰问全部高龄老人。")
    office.word.change("尽快补齐数据", "尽快补齐数据", "年内补齐数据")
    absorbed(office.project, office.save())
    text = (office.project / TEXT).read_text("utf-8")
    assert "\n重阳节前后走访慰问全部高龄老人。\n" in text
    assert "重阳节期间走访慰问老人。" not in text
    assert "\n一是年内补齐数据" in text
    assert "尽快补齐数据" not in text
    office.word.delete("重阳节前后")
    office.word.change("年内补齐数据", "年内补齐数据", "补齐数据")
    said = absorbed(office.project, office.save())
    assert [line.split()[:2] for line in said.splitlines()[:-1]] == [["withdrawn", "edits"], ["withdrawn", "adds"]]
    before = (office.project / f"{TEXT}.bak").read_text("utf-8")
    assert "年内" in before
    assert "nianbao" not in (office.project / TEXT).read_text("utf-8")


@pytest.mark.parametrize(
    "before", [None, "\ufeff# 茂林镇\r\n\r\n## 人口监测\r\n\r\n自拟一段。"], ids=["no file", "from Notepad"]
)
def test_a_text_file_is_begun_or_kept_in_its_spelling(office: Office, before: str | None) -> None:
    file = office.project / TEXT
    if before is None:
        file.unlink()
    else:
        file.write_bytes(before.encode("utf-8"))
    office.word.change(office.said("population", "births[parity=1]"), "。", "，与近年走势一致。")
    office.word.add(office.said("elderly"), "走访慰问老人。")
    absorbed(office.project, office.save())
    content = file.read_bytes()
    if before is None:
        assert content.startswith(b"## population\n\n<!-- nianbao replaces")
    else:
        assert content.startswith(before.encode("utf-8") + b"\r\n\r\n<!-- nianbao replaces")
        assert b"\n" not in content.replace(b"\r\n", b"")
    assert nianbao(office.project, "check", "maolin", "--year", "2020").code == 0
    assert absorbed(office.project, office.path).endswith("nothing to change\n")

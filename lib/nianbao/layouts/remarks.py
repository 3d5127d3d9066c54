"""What is told about an office table: one wording a code, in both languages, and the collector that fills it in."""

from __future__ import annotations

from collections.abc import Sequence

from nianbao.errors import Cell, Finding, Severity
from nianbao.files.personal import personal_number
from nianbao.layouts.forms import Form

_B, _W, _N = Severity.BLOCK, Severity.WARN, Severity.NOTE
HIDDEN = "***"
_LISTED = 4
"""Missing columns that are named."""

WORDING: dict[str, tuple[Severity, str, str, str, str]] = {
    "no-form": (_N, "没有适用于工作表“{sheet}”的表式{why}", "运行 nianbao check 文件 --suggest，按建议建立表式并确认",
                "no form fits sheet {sheet}{why_en}", "run nianbao check FILE --suggest, confirm what it proposes and save it"),
    "form-unsure": (_W, "工作表“{sheet}”像表式“{form}”的表，但{why}，未读取",
                    "如果是该表，改正表头或修改{form_file}；如果是另一种表，运行 nianbao check 文件 --suggest",
                    "sheet {sheet} resembles the form {form_en}, but {why_en}; it was not read",
                    "where it is that table, mend its header or {form_file}; where it is another, run nianbao check FILE --suggest"),
    "form-ambiguous": (_B, "工作表“{sheet}”同时符合多个表式：{forms}", "在表式的 anchors 或 sheets 中写明区别，只留一个",
                       "sheet {sheet} fits several forms alike: {forms}", "tell them apart by anchors or sheets in the forms"),
    "header-not-found": (_B, "工作表“{sheet}”中找不到表式“{form}”的表头", "核对表头文字是否改动；表样已改的，修改{form_file}",
                         "the header of form {form} is not found in sheet {sheet}",
                         "check whether header words were changed; where the table has changed, mend {form_file}"),
    "header-too-large": (_B, "文件中像表头的文字太多，工作表“{sheet}”未与表式比对", "删去与本表无关的文字和工作表，分成几个文件",
                         "the file holds too many header words; sheet {sheet} was not compared with the forms",
                         "delete texts and sheets that are no part of it, or split the file"),
    "header-cut": (_W, "工作表“{sheet}”第{limit}列以后的表头未查看", "把右边的内容移到另一工作表，或删除",
                   "headers beyond column {limit} of sheet {sheet} were not looked at", "move what stands there to another sheet, or delete it"),
    "table-too-long": (_B, "工作表“{sheet}”的表超过{limit}行，未读取", "汇总数按村（居）或项目填写；个人名册请用登记册表式",
                       "the table of sheet {sheet} has more than {limit} rows and was not read",
                       "give totals by village or item; a list of persons needs a register form"),
    "missing-column": (_B, "表头缺少“{column}”", "恢复该列；表样已改的，修改表式{form_file}（有的表没有该列时，在该列后加 optional: true）；如果这不是该表式的表，运行 nianbao check 文件 --suggest",
                       "the header lacks {column}",
                       "restore the column; where the table has changed, mend {form_file} or mark the column optional there; "
                       "where the table is of another kind, run nianbao check FILE --suggest"),
    "unknown-column": (_W, "表头“{column}”在表式中没有说明，该列未读取", "需要时在表式{form_file}的 columns 中补上，不需要的列入 ignore",
                       "the form does not know the header {column}; the column was not read",
                       "add it to the columns of {form_file}, or to its ignore"),
    "column-twice": (_B, "表头“{column}”出现两次，无法区分", "改正其中一个表头",
                     "the header {column} occurs twice and the two cannot be told apart", "mend one of them"),
    "unknown-village": (_B, "“{found}”不在本镇村（居）名单中{near}", "改正名称，或在名单中补充别名",
                        "{found} is none of the township's villages{near_en}", "mend the name, or add it as an alias"),
    "village-ambiguous": (_B, "“{found}”可能是{several}", "写出全称", "{found} may be any of {several}", "write the full name"),
    "village-twice": (_B, "“{found}”出现两行", "合并或删去重复的一行", "{found} has two rows", "merge them or delete one"),
    "no-village-list": (_N, "本镇没有村（居）名单，村名未经核对", "在 params/townships 中补充 villages",
                        "the township lists no villages, so names were not checked", "list its villages in params/townships"),
    "unknown-row": (_B, "行“{found}”在表式中没有说明，未读取{near}", "改正行名，或在表式{form_file}中补上",
                    "the form does not know the row {found}; it was not read{near_en}", "mend the label, or add it to {form_file}"),
    "row-twice": (_B, "行“{found}”出现两次", "合并或删去重复的一行", "the row {found} occurs twice", "merge them or delete one"),
    "row-without-label": (_B, "本行有数字但没有行名，无法归属", "补上行名；如是零散数字请删除",
                          "the row has numbers but no label", "label the row, or delete stray numbers"),
    "missing-row": (_W, "表中没有“{found}”一行", "补上该行；没有数据请留空", "the row {found} is absent", "add it; leave it empty without data"),
    "two-totals": (_W, "有两行合计，只取第一行核对", "只保留一行合计", "there are two total rows; the first is checked", "keep one"),
    "outside-table": (_W, "表外有数字，未读取", "如是数据请移入表内，否则删除", "numbers stand outside the table and were not read",
                      "move them into the table, or delete them"),
    "hidden-sheet": (_W, "工作表“{sheet}”是隐藏的，仍已读取", "确认不是旧表；旧表请删除", "sheet {sheet} is hidden; it was read all the same",
                     "make sure that it is no old copy; delete it if it is"),
    "hidden-cells": (_W, "隐藏的行或列中有数据，仍已读取", "取消隐藏或筛选，核对后保留或删除",
                     "hidden rows or columns hold data; they were read all the same", "unhide them, then keep or delete them"),
    "struck-out": (_B, "单元格内容带删除线，未读取", "确认作废请清空，否则去掉删除线", "the cell is struck through and was not read",
                   "clear it, or take the strike-through off"),
    "merged-figure": (_B, "数值所在单元格是合并的，无法判断属于哪一行哪一列", "取消合并，逐格填写",
                      "the number stands in a merged cell, so its row and column cannot be told", "unmerge it and fill in each cell"),
    "spaced-number": (_B, "{column}：数字中间有空格（填的是“{found}”），可能是两个数", "只填一个数字，去掉空格",
                      "{column}: spaces within {found}; it may be two numbers", "write one number without spaces"),
    "cell-comment": (_N, "单元格有批注", "如批注中有数据，请写入单元格", "the cell carries a comment", "write data of the comment into cells"),
    "cell-error": (_B, "单元格是错误值{found}", "改正公式或直接填写数值", "the cell holds the error {found}", "mend the formula or write the number"),
    "formula-without-value": (_B, "单元格是公式，但文件中没有保存计算结果", "在Excel或WPS中打开并保存一次，或直接填写数值",
                              "the cell is a formula whose result is not stored", "open and save the file once, or write the number"),
    "personal-data": (_B, "单元格中有疑似身份证号或手机号", "删除个人信息后重新提交",
                      "the cell seems to hold a resident ID or mobile number", "delete personal data and submit again"),
    "not-a-number": (_B, "{column}：{why}（填的是“{found}”）", "改填数字；没有数据请留空",
                     "{column}: {why_en} (found {found})", "write a number; leave the cell empty where there is none"),
    "units-several": (_B, "{column}：表上写了几种单位（{found}），无法确定用哪一种", "在列头括号中写明单位",
                      "{column}: the sheet names several units ({found}); which is meant cannot be told", "write the unit in the column's header"),
    "count-huge": (_B, "{column}：填的是{found}，大得不合理", "核对是否误填了编号、证件号的一部分等",
                   "{column}: {found} is too large for a count", "is it part of a code or of an ID number? write the count"),
    "format-shows-otherwise": (_B, "{column}：存的是{found}，单元格格式“{format}”显示的是另一个数或单位", "把格式改为常规，按显示的意思重新填写数值",
                               "{column}: {found} is stored, but its format {format} shows another number or unit",
                               "set the format to General and write the number that is meant"),
    "masked": (_W, "{column}：数字不完整（填的是“{found}”），按不详处理", "查原始记录，补全数字",
               "{column}: digits are missing (found {found}); treated as unknown", "look up the record and complete the number"),
    "negative": (_B, "{column}：填的是{found}，不能为负数", "改正；如是缺失代码，请在表式{form_file}的 missing 中写明",
                 "{column}: {found} is negative", "mend it; if it is a missing code, name it under missing in {form_file}"),
    "not-whole": (_B, "{column}：填的是{found}，应为整数", "按实际数量填写整数", "{column}: {found} is no whole number", "write the whole number"),
    "percent-ambiguous": (_B, "{column}：{found}可能是{found}%，也可能是百分之百的比例", "写成带%的数值，如92.28%",
                          "{column}: {found} may be {found} per cent or a fraction of one", "write it with its sign, such as 92.28%"),
    "percent-small": (_W, "{column}：{found}小于1%，请核实是否把比例当成百分数", "核对后改正",
                      "{column}: {found} is below 1 per cent; a fraction with a percent sign?", "check it"),
    "percent-huge": (_B, "{column}：{found}超过1000%", "核对单元格格式与数值", "{column}: {found} exceeds 1000 per cent",
                     "check the cell's format and value"),
    "permille-in-percent": (_B, "{column}：{found}带‰，而该列是百分比", "换算成百分比", "{column}: {found} is per thousand, the column per cent",
                            "convert it"),
    "wrong-unit": (_B, "{column}：单位是“{found}”，应为“{wanted}”", "换算数值后改正单位，或在表式{form_file}中写明",
                   "{column}: the unit is {found}, expected {wanted}", "convert the figures, or state the unit in {form_file}"),
    "unit-differs": (_W, "{column}：表中单位是“{found}”，表式写的是“{wanted}”，按表中单位读取", "核对后修改表式{form_file}",
                     "{column}: the sheet says {found}, the form {wanted}; read as the sheet says", "check, then mend {form_file}"),
    "unit-unstated": (_B, "{column}：金额没有写明单位，可能是元，也可能是万元", "在表头或“单位：”处写明，或在表式{form_file}中写 unit",
                      "{column}: the amount names no unit and may be in yuan or ten thousand yuan",
                      "state the unit above the table, or as unit in {form_file}"),
    "unit-in-cell": (_B, "{column}：数值后写的单位“{found}”与表头不一致", "只填数字", "{column}: the unit {found} after the number differs",
                     "write the number alone"),
    "unit-twice": (_B, "{column}：“{found}”已带“万”“亿”，表头又写了单位", "只在一处写“万”“亿”",
                   "{column}: {found} carries its scale, and so does the header", "write the scale in one place"),
    "period-unstated": (_W, "表中没有写明统计期间，按“{period}”读取", "在标题或表头上方写明期间",
                        "the sheet names no period; read as {period}", "write the period above the table"),
    "period-missing": (_B, "表中没有写明统计期间，无法读取", "在标题或表头上方写明期间，如“2020年三季度”",
                       "the sheet names no period and cannot be read without", "write it above the table"),
    "period-conflict": (_B, "表中两处写的年份不同", "核对标题与报表时间，只留正确的一处", "two lines of the sheet name different years",
                        "keep the right one"),
    "period-masked": (_B, "标题中的年份不完整", "补全年份", "the year of the title is illegible", "complete the year"),
    "other-year": (_W, "表中期间是“{period}”，不是{year}年", "核对是否放了旧表", "the sheet's period is {period}, not {year}", "is it an old copy?"),
    "wrong-year": (_B, "表中期间是“{period}”，不属于{year}年报告或其往年同期", "核对是否放错文件",
                   "the sheet's period {period} belongs neither to {year} nor to the years before it", "check the file"),
    "bad-row-period": (_B, "“{found}”不是月份或季度", "改正行名", "{found} is no month or quarter", "mend the label"),
    "table-total-differs": (_W, "{column}：合计{found}，各行相加为{wanted}", "核对合计与各行", "{column}: the total is {found}, its rows add up to {wanted}",
                            "check total and rows"),
    "row-sum-differs": (_W, "{column}：填的是{found}，各分项相加为{wanted}", "核对小计与分项", "{column}: {found}, its parts add up to {wanted}",
                        "check subtotal and parts"),
    "part-exceeds-whole": (_B, "{column}：其中数{found}大于总数{wanted}", "核对两处数值", "{column}: the part {found} exceeds its whole {wanted}",
                           "one of the two is wrong"),
    "printed-rate-differs": (_W, "{column}：表中为{found}，按本行数值计算为{wanted}", "核对分子、分母和公式",
                             "{column}: the table prints {found}, its own counts give {wanted}", "check counts and formula"),
    "rate-without-denominator": (_N, "{column}：分母为零，表中仍填{found}", "没有分母时请留空", "{column}: {found} printed over a denominator of zero",
                                 "leave it empty"),
    "uncounted-row": (_W, "有{count}行应计列全部为空，未计入", "补全或删除", "{count} rows have nothing in the columns counted and were left out",
                      "complete or delete them"),
    "count-unknown": (_B, "“{column}”有{count}行为空或无法识别，分类计数不完整", "补全或改正这些单元格",
                      "{column}: {count} rows are empty or unreadable, so counts by it are incomplete", "complete or mend the cells"),
    "outside-period": (_W, "有{count}行日期不在“{period}”内，未计入", "核对日期；补报请另表", "{count} rows are dated outside {period} and were left out",
                       "check the dates"),
    "register-empty": (_W, "登记册没有可计数的行", "核对文件", "the register holds no row to count", "check the file"),
}  # fmt: skip
"""Code to severity, what was found and what to do, in Chinese and English; braces hold the figures of the finding."""


class Remarks:
    """Collects the findings of one sheet, each with its cell addresses; personal numbers never get into a message."""

    def __init__(self, file: str, sheet: str, *, form: str = "") -> None:
        self.file, self.sheet = file, sheet
        self.form_file = f"params/forms/{form}.yml" if form else ""
        """The form the sheet is read by, for remedies that say to mend it."""
        self.findings: list[Finding] = []

    def unread(self, nearest: tuple[int, Form, Sequence[str] | None] | None) -> None:
        """Tell that no form reads the sheet, and which one comes near.

        ``nearest`` is the score of that form, the form, and the columns it needs that the header lacks: None where the sheet's name
        alone speaks for it.
        """
        _, form, lacking = nearest or (0, None, None)
        if form is None or lacking is None:
            why = f"（名称像“{form.zh}”，但表头不符）" if form else ""
            why_en = f" (its name suits {form.key}, its header does not)" if form else ""
            self.add("no-form", ["A1"], sheet=self.sheet, why=why, why_en=why_en)
            return
        listed = "、".join(f"“{column}”" for column in lacking[:_LISTED])
        why = f"表头缺少{listed}" if lacking else "表头的行数或行名与该表式不符"
        why_en = f"its header lacks {', '.join(lacking[:_LISTED])}" if lacking else "its header rows or row labels are others"
        self.form_file = f"params/forms/{form.key}.yml"
        self.add("form-unsure", ["A1"], sheet=self.sheet, form=form.zh, form_en=form.key, why=why, why_en=why_en)

    def cell(self, address: str) -> Cell:
        """Return the address of a cell or range of the sheet."""
        return Cell(self.file, self.sheet, address)

    def add(self, code: str, addresses: Sequence[str], /, *, area: str = "", **figures: str) -> None:
        """Add the finding of that code, with the figures its wording names."""
        severity, zh, remedy_zh, en, remedy_en = WORDING[code]
        if "{form_file}" in remedy_zh:
            figures = {**figures, "form_file": self.form_file}
        shown = {name: HIDDEN if personal_number(text) else text for name, text in figures.items()}
        cells = tuple(self.cell(address) for address in addresses)
        self.findings.append(Finding(code, severity, cells, zh, en, remedy_zh, remedy_en, area, shown))

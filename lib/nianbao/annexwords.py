"""What the spreadsheet annex says in words, Chinese beside English: signs for cells without a figure, statuses, methods, how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nianbao.values import Status

WHY_EMPTY: Mapping[Status, tuple[str, str, str, str]] = {
    Status.MISSING: ("[未报]", "[x]", "报表没有填报，或由此无法算出", "not available: not reported, or not to be worked out from what was"),
    Status.NOT_APPLICABLE: ("[不适用]", "[z]", "本项没有这一内容", "not applicable: there is no such thing for this figure"),
    Status.MASKED: ("[不清]", "[illegible]", "报表中的数字残缺，无法辨认", "digits are missing in the return"),
    Status.SUPPRESSED: ("[不公开]", "[c]", "数目过小，为保护个人隐私不公开", "confidential: withheld, for the number is small"),
    Status.UNDEFINED: ("[分母为零]", "[no denominator]", "分母为零，没有比率", "the denominator is zero, so there is no rate"),
}  # fmt: skip
"""Why a cell holds no figure: the sign in Chinese and in English, and what it means."""
STATUS: Mapping[Status, tuple[str, str]] = {
    Status.REPORTED: ("报表中填报的数", "as it stands in the return"),
    Status.COMPUTED: ("由填报数计算得出", "worked out from reported figures"),
    Status.IMPLIED: ("没有填报人数，由率算出", "worked out from a published rate"),
    Status.ESTIMATED: ("预计或估算的数", "an estimate"),
    Status.ZERO: ("报表用文字说明没有发生", "a zero that the return says in words"),
    Status.FULL: ("报表用文字说明全部完成，即百分之百", "said to be complete in words"),
    Status.FLOOR: ("实际数不低于此数", "the true figure is this or more"),
    Status.CEILING: ("实际数不高于此数", "the true figure is this or less"),
    Status.APPROXIMATE: ("约数", "a round figure"),
    Status.MASKED: ("报表中的数字残缺", "digits are missing in the return"),
    Status.MISSING: ("报表没有填报", "not in the return"),
    Status.NOT_APPLICABLE: ("本地没有这项业务", "the place has no such work"),
    Status.SUPPRESSED: ("数目过小，不公开", "withheld, for the number is small"),
    Status.UNDEFINED: ("分母为零，没有比率", "the denominator is zero"),
}
"""What the words of the column of statuses mean (:meth:`Status.word`), in Chinese and English."""
STATED = ("文中所述", "stated", "文字、名称或参数中写明的数", "a number that a text, a name or the settings state")
"""The same of a number in words, which has no status."""
DIRECTION = {
    "higher": ("越高越好", "higher is better"),
    "lower": ("越低越好", "lower is better"),
    "range": ("有适宜范围", "a range is right"),
    "neutral": ("不作评判", "not judged"),
}
KIND = {
    "statistical_year": ("统计年度", "statistical year"),
    "calendar_year": ("公历年", "calendar year"),
    "month_range": ("若干月累计", "run of months"),
    "half_year": ("半年", "half-year"),
    "since": ("自某日起累计", "count since a day"),
    "as_of": ("时点", "as of a day"),
}
EDITION = {"internal": ("内部版", "internal edition"), "public": ("公开版", "public edition")}


def methods(lang: str, *, share: str, half_up: bool) -> Iterator[tuple[str, str]]:
    """Yield name and text of the notes on methods; ``share`` is the coverage of intervals as printed (95%)."""
    if lang == "zh":
        rule = "四舍五入" if half_up else "按GB/T 8170修约"
        yield "取舍", f"数值未经取舍，单元格格式只影响显示；“印出”一栏由精确值{rule}一次得出，两者显示不同时以“印出”为准。"
        yield "各栏", "一张表中全部没有内容的栏略去。"
        yield "单位", "百分比、千分比等按符号前的数列示，不折成小数。"
        yield "置信区间", f"“置信下限”和“置信上限”为{share}置信区间；登记数为全数，区间表示偶然波动的范围，不是抽样误差。"
        yield "比上年增减", "与上年同一时段相比；率的增减单位为百分点、千分点等；时段不同的不作比较，原因见“说明”一栏。"
        yield "目标", "“与目标相差”为数值减目标；是否达标按指标的方向判断，方向见指标口径。"
        yield "来源", "“来源单元格”写作文件!工作表!单元格，几处以分号隔开。口径及其依据见指标口径。"
        return
    rule = "half up" if half_up else "half to even (GB/T 8170)"
    yield (
        "Rounding",
        "Values are not rounded; the format of a cell acts on what shows. The column Printed is rounded "
        f"{rule}, once, from the exact value, and leads where the two show differently.",
    )
    yield "Columns", "A column that would tell nothing of any row of a sheet is left out there."
    yield "Unit", "Percentages and the like are given as the number that stands before the sign, not as a fraction of one."
    yield (
        "Interval",
        f"Lower and upper limit are those of the {share} interval. Registers are full counts: an interval shows chance "
        "variation, not sampling error.",
    )
    yield (
        "Change",
        "On the like window of the year before; for rates in percentage points or the like. Unlike windows are not compared; "
        "the column Remark says why.",
    )
    yield "Target", "Distance is value minus target; whether it is met depends on the direction, which the definitions give."
    yield "Source", "Source cells are written file!sheet!cell, several with a semicolon between; see also the definitions."


READING = (
    (
        "每页一张表，第一行为标题，第四行为表头；从目录可以转到各表，每页第三行可以返回目录。",
        "One table a sheet, with the title in the first row and the heads in the fourth; the contents lead to every sheet, and the "
        "third row of each leads back.",
    ),
    (
        "表中没有空格：没有数的单元格用方括号中的记号写明原因，记号的含义见说明。",
        "No cell of a table is empty: where there is no figure, a sign in square brackets says why; the notes say what it means.",
    ),
    (
        "“印出”一栏是报告中的写法，“数值”一栏供计算使用。",
        "The column Printed is the text of the report; the column Value is there to reckon with.",
    ),
)
"""The lines of the cover on how to read the workbook."""

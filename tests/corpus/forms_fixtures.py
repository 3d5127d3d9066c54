"""The office tables of a small town as workbooks: merged headers, titles, foots, totals; and what stands in them, written down by hand.

Three villages: 上湾村 is "1", 中湾村 "2", 下湾社区 "3".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Row = Sequence[object]


@dataclass(frozen=True)
class Fixture:
    """A workbook sheet of a form, the figures it must give (``entry[dims]`` to exact text, totals apart), and its findings' codes."""

    form: str
    build: Callable[[], Worksheet]
    figures: Mapping[str, str]
    totals: Mapping[str, str]
    period: str
    codes: tuple[str, ...] = ()


def _sheet(name: str, rows: Sequence[Row], merges: Sequence[str] = (), formats: Mapping[str, str] | None = None) -> Worksheet:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = name
    for index, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(index, column, value)  # type: ignore[arg-type]
    for merged in merges:
        sheet.merge_cells(merged)
    for address, code in (formats or {}).items():
        sheet[address].number_format = code
    return sheet


def population_overview() -> Worksheet:
    """2020年9月; the total row stands first, the town's name in it; a part of the villages by other spellings."""
    return _sheet(
        "基本情况",
        [
            ["青溪镇人口计生基本情况一览表"],
            ["填表单位（章）：青溪镇卫健办", None, None, None, "统计时间：2020统计年度", None, None, None, "单位：人"],
            ["序号", "村 名", "总人口", "育龄妇女", "已婚育龄妇女", "避孕人数", "出生", "死亡", "流出", "流入", "备注"],
            [None, "青溪镇合计", 3600, 930, 700, 610, 36, 24, 410, 31],
            [1, "上湾村民委员会", 1500, 400, 300, 270, 15, 10, 200, 8],
            [2, "中湾村委会", 1200, 310, 240, 210, 13, 8, 120, 11, "含新村组"],
            [3, "下湾社区居委会", 900, 220, 160, 130, 8, 6, 90, 12],
            ["单位负责人：李", None, None, None, "填表人：王", None, None, None, "报表时间：2020年10月8日"],
        ],
        ["A1:K1", "A2:D2", "E2:H2"],
    )


def births() -> Worksheet:
    """Two header rows; the title names a range of days; the printed rate is a formatted fraction."""
    rows: list[Row] = [
        ["2020统计年度出生情况统计表"],
        ["村名", "出生人数", None, None, None, "性别", None, "政策内", None, None, "政策符合率", "备注"],
        [None, "小计", "一孩", "二孩", "多孩", "男", "女", "一孩", "二孩", "多孩"],
        ["上湾村", 15, 7, 6, 2, 8, 7, 7, 6, 1, 0.9333],
        ["中湾村", 13, 6, 6, 1, 6, 7, 6, 5, 0, 0.8462],
        ["下湾社区", 8, 4, 3, 1, 5, 3, 4, 3, 1, 1],
        ["合计", 36, 17, 15, 4, 19, 17, 17, 14, 2, 0.9167],
        ["注：统计年度为2019年10月1日至2020年9月30日。"],
    ]
    formats = {f"K{row}": "0.00%" for row in range(4, 8)}
    merges = ["A1:L1", "A2:A3", "B2:E2", "F2:G2", "H2:J2", "K2:K3", "L2:L3", "A8:L8"]
    return _sheet("出生情况", rows, merges, formats)


def contraception() -> Worksheet:
    """Three header rows, 小计 twice, 皮下埋植 and 合计 twice: only the path tells them apart."""
    first: list[object] = ["村名", "已婚育龄妇女", "本期手术", *[None] * 8, "现有落实", *[None] * 9, "独生子女证", None, None]
    second: list[object] = [None, None, "结扎", None, None, None, None, "放环", None, "皮下埋植", "合计"]
    second += [
        "男扎",
        "女扎",
        "放环",
        "皮下埋植",
        "避孕套",
        "口服药",
        "外用药",
        "其他",
        "合计",
        "节育率",
        "本期",
        "期末",
        "领证率",
    ]
    third: list[object] = [None, None, "小计", "男", "女", "其中二孩", "其中纯二女", "小计", "其中一孩"]
    data = [
        ["上湾村", 300, 3, 1, 2, 1, 1, 5, 3, 1, 9, 10, 90, 110, 5, 40, 10, 3, 2, 270, "90.00%", 2, 60, "20%"],
        ["中湾村", 240, 2, 0, 2, 1, 0, 4, 2, 0, 6, 8, 70, 90, 4, 30, 5, 2, 1, 210, "87.50％", 1, 50, "20.83%"],
        ["下湾社区", 160, 0, 0, 0, 0, 0, 2, 1, 0, 2, 2, 38, 60, 1, 25, 3, 1, 0, 130, 81.25, 3, 40, "25%"],
        ["合计", 700, 5, 1, 4, 2, 1, 11, 6, 1, 17, 20, 198, 260, 10, 95, 18, 6, 3, 610, "87.14%", 6, 150, "21.43%"],
    ]
    merges = ["A1:X1", "A3:A5", "B3:B5", "C3:K3", "L3:U3", "V3:X3", "C4:G4", "H4:I4", "J4:J5", "K4:K5"]
    merges += [f"{letter}4:{letter}5" for letter in "LMNOPQRSTUVWX"]
    rows = [["已婚育龄夫妇节育情况统计表"], ["填报单位：青溪镇", None, "报表时间：2020统计年度"], first, second, third, *data]
    return _sheet("节育情况", rows, merges)


def task_completion() -> Worksheet:
    """Four tasks, each with its rate; one printed rate is wrong; done so far, up to a day."""
    groups = ["“两癌”筛查", "免费婚检", "孕优", "叶酸"]
    head: list[object] = ["村名", *[word for group in groups for word in (group, None, None)], "排名"]
    sub: list[object] = [None, *["任务数", "完成数", "完成率（%）"] * 4]
    data = [
        ["上湾村", 40, 40, 100, 30, 27, 90, 20, 18, 90, 50, 52, 104, 1],
        ["中湾村", 30, 27, 90, 20, 20, 100, 15, 15, 100, 40, 38, 95, 2],
        ["下湾社区", 20, 15, 76, 10, 8, 80, 10, 9, 90, 30, 27, 90, 3],
        ["合计", 90, 82, 91.11, 60, 55, 91.67, 45, 42, 93.33, 120, 117, 97.5],
    ]
    rows = [
        ["2020年民生实事任务分解及完成情况表"],
        ["截至2020年11月30日"],
        head,
        sub,
        *data,
        ["审核：张", None, None, "制表：赵"],
    ]
    merges = ["A1:N1", "A2:N2", "A3:A4", "B3:D3", "E3:G3", "H3:J3", "K3:M3", "N3:N4"]
    return _sheet("任务分解及完成情况", rows, merges)


def incentive_funds() -> Worksheet:
    """Amounts in 万元 as the line above the header says."""
    return _sheet(
        "资金发放汇总",
        [
            ["2020年利益导向资金发放汇总表"],
            [None, None, None, None, "单位：人、万元"],
            ["序号", "项目", "人数", "标准（元/年）", "金额"],
            [1, "奖励扶助", 219, 960, 21.024],
            [2, "特别扶助", 9, 5400, 4.86],
            [3, "奖扶扩面", 30, 600, 1.8],
            [4, "独生子女保健费", 100, 120, 1.2],
            [None, "合计", 358, None, 28.884],
            ["说明：不含市级奖励。"],
        ],
        ["A1:E1"],
    )


def basic_public_health() -> Worksheet:
    """A cumulative third quarter; clinics stand for villages; A means no data; a row numbers the columns."""
    rows: list[Row] = [
        ["基本公共卫生服务项目季报表"],
        ["填报单位：青溪镇卫生院", None, None, "报表时间：2020年三季度"],
        ["单位", "常住人口", "健康档案", None, "65岁及以上老年人", None, None, "高血压", None, None, "Ⅱ型糖尿病", None],
        [
            None,
            None,
            "建档数",
            "规范化档案",
            "人数",
            "管理数",
            "管理率",
            "在管数",
            "规范管理数",
            "血压达标数",
            "在管数",
            "规范管理数",
        ],
        ["甲", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        ["上湾村卫生室", 1300, 1200, 1100, 200, 150, 0.75, 130, 100, 80, 45, 30],
        ["中湾村卫生室", 1000, 950, 900, 160, 120, 0.75, 100, 80, "A", 30, 20],
        ["下湾社区卫生服务站", 800, 780, 700, 110, 88, 0.8, 90, 75, 60, 28, 21],
        ["合计", 3100, 2930, 2700, 470, 358, 0.7617, 320, 255, None, 103, 71],
        ["填表人：周"],
    ]
    merges = ["A1:L1", "A3:A4", "B3:B4", "C3:D3", "E3:G3", "H3:J3", "K3:L3"]
    return _sheet("基本公卫季报", rows, merges, {f"G{row}": "0.00%" for row in range(6, 10)})


def maternal_child() -> Worksheet:
    """One month; −1 and −2 are codes, never numbers."""
    return _sheet(
        "孕产妇及儿童月报表",
        [
            ["孕产妇及儿童基本信息月报表（村级）"],
            ["统计时间：2020年9月"],
            ["村名", "孕产妇", None, None, "儿童", None, None],
            [None, "活产数", "早孕建册", "住院分娩", "新生儿访视", "7岁以下儿童数", "3岁以下儿童数"],
            ["上湾村", 3, 2, 3, 3, 120, 50],
            ["中湾村", 1, -1, 1, 1, 90, 40],
            ["下湾社区", 0, 1, 0, -2, 60, 25],
            ["合计", 4, None, 4, None, 270, 115],
        ],
        ["A1:G1", "A3:A4", "B3:D3", "E3:G3"],
    )


def supervision() -> Worksheet:
    """Two blocks side by side, labels in two columns, some merged downwards, some across."""
    return _sheet(
        "卫生监督协管",
        [
            ["卫生监督协管工作情况表"],
            ["报表时间：2020年1-11月"],
            ["项目", None, "数量", "项目", None, "数量"],
            ["应巡查单位数", None, 46, "发现线索数", None, 5],
            ["已巡查2次单位数", None, 44, "报告线索数", None, 5],
            ["被监督单位数", "小计", 46, "非法行医案件", None, "未发现"],
            [None, "其中：公共场所", 21, "已监督检查数", "小计", 40],
            [None, "其中：学校", 7, None, "其中：公共场所", 20],
            [None, "其中：医疗机构", 14, None, "其中：学校", 7],
            ["饮用水检测样品", None, 12, None, "其中：医疗机构", 13],
            ["其中：合格样品", None, 11],
            ["填报人：吴"],
        ],
        ["A1:F1", "A3:B3", "D3:E3", "A4:B4", "A5:B5", "D4:E4", "D5:E5", "D6:E6", "A6:A9", "D7:D10", "A10:B10", "A11:B11"],
    )


def birth_register() -> Worksheet:
    """Five children, one of them born after the statistical year; names and ID numbers are invented."""
    return _sheet(
        "出生登记册",
        [
            ["青溪镇2020统计年度出生登记册"],
            ["序号", "姓名", "性别", "出生日期", "孩次", "母亲姓名", "母亲身份证号", "村名", "备注"],
            [1, "甲甲", "男", dt.date(2019, 10, 3), 1, "乙一", "11010519491231002X", "上湾村"],
            [2, "甲乙", "女", "2020.1.15", "二孩", "乙二", "11010519491231002X", "上湾村委会"],
            [3, "甲丙", "女", "20200630", 2, "乙三", "11010519491231002X", "中湾村"],
            [4, "甲丁", "男", "2020-09-30", "3", "乙四", "11010519491231002X", "下湾社区"],
            [5, "甲戊", "男", "2020年10月2日", 1, "乙五", "11010519491231002X", "下湾社区"],
            ["填表人：郑"],
        ],
        ["A1:I1"],
    )


SY = "statistical_year:2019-10-01/2020-09-30"


def _by_village(entry: str, values: Sequence[object], dims: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for village, value in enumerate(values, start=1):
        if value is not None:
            pairs = sorted(filter(None, [*dims.split(";"), f"village={village}"]))
            found[f"{entry}[{';'.join(pairs)}]"] = str(value)
    return found


FIXTURES: tuple[Fixture, ...] = (
    Fixture(
        "population_overview",
        population_overview,
        {
            **_by_village("population_total", [1500, 1200, 900]),
            **_by_village("married_women_childbearing_age", [300, 240, 160]),
            **_by_village("contraceptive_users", [270, 210, 130]),
            **_by_village("births", [15, 13, 8]),
            **_by_village("deaths", [10, 8, 6]),
            **_by_village("population_outflow", [200, 120, 90]),
        },
        {
            "population_total": "3600",
            "married_women_childbearing_age": "700",
            "contraceptive_users": "610",
            "births": "36",
            "deaths": "24",
            "population_outflow": "410",
        },
        SY,
    ),
    Fixture(
        "births",
        births,
        {
            **_by_village("births", [7, 6, 4], "parity=1"),
            **_by_village("births", [6, 6, 3], "parity=2"),
            **_by_village("births", [2, 1, 1], "parity=3+"),
            **_by_village("births", [8, 6, 5], "sex=male"),
            **_by_village("births", [7, 7, 3], "sex=female"),
            **_by_village("births_policy", [7, 6, 4], "compliance=in;parity=1"),
            **_by_village("births_policy", [6, 5, 3], "compliance=in;parity=2"),
            **_by_village("births_policy", [1, 0, 1], "compliance=in;parity=3+"),
        },
        {
            **_by_village("births", [15, 13, 8]),
            "births": "36",
            "births[parity=1]": "17",
            "births[parity=2]": "15",
            "births[parity=3+]": "4",
            "births[sex=male]": "19",
            "births[sex=female]": "17",
            "births_policy[compliance=in;parity=1]": "17",
            "births_policy[compliance=in;parity=2]": "14",
            "births_policy[compliance=in;parity=3+]": "2",
        },
        SY,
    ),
    Fixture(
        "contraception",
        contraception,
        {
            **_by_village("married_women_childbearing_age", [300, 240, 160]),
            **_by_village("contraceptive_users", [270, 210, 130]),
        },
        {"married_women_childbearing_age": "700", "contraceptive_users": "610"},
        SY,
    ),
    Fixture(
        "task_completion",
        task_completion,
        {
            **_by_village("two_cancer_screening_task", [40, 30, 20]),
            **_by_village("two_cancer_screened", [40, 27, 15]),
            **_by_village("premarital_exam_task", [30, 20, 10]),
            **_by_village("premarital_exam_done", [27, 20, 8], "unit=person"),
            **_by_village("preconception_exam_task", [20, 15, 10], "unit=couple"),
            **_by_village("preconception_exam_done", [18, 15, 9], "unit=couple"),
            **_by_village("folic_acid_task", [50, 40, 30]),
            **_by_village("folic_acid_recipients", [52, 38, 27]),
        },
        {
            "two_cancer_screening_task": "90",
            "two_cancer_screened": "82",
            "premarital_exam_task": "60",
            "premarital_exam_done[unit=person]": "55",
            "preconception_exam_task[unit=couple]": "45",
            "preconception_exam_done[unit=couple]": "42",
            "folic_acid_task": "120",
            "folic_acid_recipients": "117",
        },
        "month_range:2020-01-01/2020-11-30",
        ("printed-rate-differs",),
    ),
    Fixture(
        "incentive_funds",
        incentive_funds,
        {
            "reward_assistance_recipients": "219",
            "reward_assistance_amount": "210240",
            "special_assistance_recipients": "9",
            "special_assistance_amount": "48600",
            "reward_expansion_recipients": "30",
            "reward_expansion_amount": "18000",
            "only_child_allowance_recipients": "100",
            "only_child_allowance_amount": "12000",
        },
        {},
        "calendar_year:2020-01-01/2020-12-31",
        ("missing-row", "missing-row", "missing-row", "missing-row"),
    ),
    Fixture(
        "basic_public_health",
        basic_public_health,
        {
            **_by_village("population_resident", [1300, 1000, 800]),
            **_by_village("health_records", [1200, 950, 780]),
            **_by_village("health_records_standardised", [1100, 900, 700]),
            **_by_village("elderly_residents_65", [200, 160, 110]),
            **_by_village("elderly_managed", [150, 120, 88]),
            **_by_village("hypertension_registered", [130, 100, 90]),
            **_by_village("hypertension_managed", [100, 80, 75]),
            **_by_village("hypertension_controlled", [80, "", 60]),
            **_by_village("diabetes_registered", [45, 30, 28]),
            **_by_village("diabetes_managed", [30, 20, 21]),
        },
        {
            "population_resident": "3100",
            "health_records": "2930",
            "health_records_standardised": "2700",
            "elderly_residents_65": "470",
            "elderly_managed": "358",
            "hypertension_registered": "320",
            "hypertension_managed": "255",
            "diabetes_registered": "103",
            "diabetes_managed": "71",
        },
        "month_range:2020-01-01/2020-09-30",
    ),
    Fixture(
        "maternal_child",
        maternal_child,
        {
            **_by_village("live_births", [3, 1, 0]),
            **_by_village("maternal_registered_early", [2, "", 1]),
            **_by_village("hospital_live_births", [3, 1, 0]),
            **_by_village("newborns_visited", [3, 1, ""]),
            **_by_village("child_population", [120, 90, 60], "age=<7"),
            **_by_village("child_population", [50, 40, 25], "age=<3"),
        },
        {
            "live_births": "4",
            "hospital_live_births": "4",
            "child_population[age=<7]": "270",
            "child_population[age=<3]": "115",
        },
        "month_range:2020-09-01/2020-09-30",
    ),
    Fixture(
        "supervision",
        supervision,
        {
            "patrol_units": "46",
            "patrol_units_twice": "44",
            "supervision_events_found": "5",
            "supervision_events_reported": "5",
            "illegal_practice_cases": "0",
            "supervised_units": "46",
            "supervised_units[type=public_place]": "21",
            "supervised_units[type=school]": "7",
            "supervised_units[type=medical]": "14",
            "supervision_inspected": "40",
            "supervision_inspected[type=public_place]": "20",
            "supervision_inspected[type=school]": "7",
            "supervision_inspected[type=medical]": "13",
            "water_samples": "12",
            "water_samples_passed": "11",
        },
        {},
        "month_range:2020-01-01/2020-11-30",
    ),
    Fixture(
        "birth_register",
        birth_register,
        {
            "births[parity=1;village=1]": "1",
            "births[parity=2;village=1]": "1",
            "births[parity=2;village=2]": "1",
            "births[parity=3+;village=3]": "1",
            "births[sex=female;village=1]": "1",
            "births[sex=male;village=1]": "1",
            "births[sex=female;village=2]": "1",
            "births[sex=male;village=3]": "1",
        },
        {},
        SY,
        ("outside-period",),
    ),
)

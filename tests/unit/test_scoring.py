"""Points by rule, at the boundaries of each rule, with the working that leads to them; and the faults of a scheme file."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from county import observe, results_of
from nianbao.errors import ParamsError, UserError
from nianbao.indicators import Result
from nianbao.scoring import Band, Bonus, Item, Rule, RuleKind, Score, load_scheme, score_item, score_sheet, total
from nianbao.stats import round_half_up

RATE = "policy_compliance_rate"
SCHEME = """\
zh: 年度目标责任制考核
en: Assessment of the year
source: 目标责任制考核办法
items:
  - id: compliance
    zh: 政策符合率
    en: compliance
    of: policy_compliance_rate
    points: 10
    rule: {kind: step, target: 92, step: 1, deduct: 0.5, flat: 1}
  - id: cases
    zh: “两非”案件
    en: cases of sex selection
    of: illegal_sex_selection_cases
    points: 5
    rule: {kind: per_case, deduct: 2}
bonuses:
  - {unit: qingxi, zh: 命名为省级卫生乡镇, en: named a provincial health town, points: 0.2, document: 卫发〔2015〕24号, date: 2015-06-01}
vetoes:
  - {unit_zh: 某居委会, unit_en: a residents committee, ground_zh: 未完成责任目标, ground_en: targets missed}
"""


def rate(value: object, *, kind: str = "实报") -> Result:
    """Return the result of a reported rate."""
    return results_of([observe(RATE, value, kind=kind)]).named(RATE)


def scored(rule: Rule, value: object, *, points: str = "10") -> Score:
    """Return one line scored, its figures printed with one decimal."""
    item = Item(id="line", zh="一项", en="a line", of=RATE, points=Decimal(points), rule=rule)
    return score_item(item, rate(value), rounding=lambda number: f"{round_half_up(number, 1):f}")


def rule(kind: str, *, lower_is_better: bool = False, bands: tuple[Band, ...] = (), **numbers: str) -> Rule:
    return Rule.model_validate(
        {
            "kind": RuleKind(kind),
            "lower_is_better": lower_is_better,
            "bands": bands,
            **{name: Decimal(number) for name, number in numbers.items()},
        }
    )


LINEAR = rule("linear", target="95")
LINEAR_DOWN = rule("linear", target="2", lower_is_better=True)
STEP = rule("step", target="92", step="1", deduct="0.5")
FLAT = rule("step", target="92", step="0.5", deduct="0.1", flat="2")
STEP_DOWN = rule("step", target="5", step="1", deduct="1", lower_is_better=True)
GATE = rule("gate", minimum="90")
GATE_DOWN = rule("gate", minimum="5", lower_is_better=True)
BANDS = rule(
    "bands",
    bands=(
        Band(at_least=Decimal(95), points=Decimal(10)),
        Band(at_least=Decimal(90), below=Decimal(95), points=Decimal(6)),
        Band(below=Decimal(80), points=Decimal(1)),
    ),
)
PER_CASE = rule("per_case", deduct="3")

LINES = [
    # rule, value | points, working
    (LINEAR, 95, "10", "10×min(1, 95.0÷95.0)"),
    (LINEAR, 100, "10", "10×min(1, 100.0÷95.0)"),
    (LINEAR, "47.5", "5", "10×min(1, 47.5÷95.0)"),
    (LINEAR, 90, "180/19", "10×min(1, 90.0÷95.0)"),
    (LINEAR, 0, "0", "10×min(1, 0.0÷95.0)"),
    (LINEAR_DOWN, 2, "10", "10×min(1, 2.0÷2.0)"),
    (LINEAR_DOWN, 1, "10", "10×min(1, 2.0÷1.0)"),
    (LINEAR_DOWN, 8, "2.5", "10×min(1, 2.0÷8.0)"),
    (LINEAR_DOWN, 0, "10", "10"),
    (STEP, 92, "10", "10"),
    (STEP, "96.73", "10", "10"),
    (STEP, "91.99", "10", "10-INT((92-92.0)÷1)×0.5"),
    (STEP, 91, "9.5", "10-INT((92-91.0)÷1)×0.5"),
    (STEP, "90.01", "9.5", "10-INT((92-9001/100)÷1)×0.5"),  # 90.0 would make two steps of it
    (STEP, 90, "9", "10-INT((92-90.0)÷1)×0.5"),
    (STEP, 0, "0", "max(0, 10-INT((92-0.0)÷1)×0.5)"),
    (FLAT, 92, "10", "10"),
    (FLAT, "91.9", "8", "10-2-INT((92-91.9)÷0.5)×0.1"),
    (FLAT, "91.5", "7.9", "10-2-INT((92-91.5)÷0.5)×0.1"),
    (STEP_DOWN, 5, "10", "10"),
    (STEP_DOWN, "5.9", "10", "10-INT((5.9-5)÷1)×1"),
    (STEP_DOWN, 6, "9", "10-INT((6.0-5)÷1)×1"),
    (GATE, 90, "10", "90.0≥90.0"),
    (GATE, "89.9", "0", "89.9<90.0"),
    (GATE_DOWN, 5, "10", "5.0≤5.0"),
    (GATE_DOWN, "5.1", "0", "5.1>5.0"),
    (BANDS, 95, "10", "95≤95.0"),
    (BANDS, "94.9", "6", "90≤94.9<95"),
    (BANDS, 90, "6", "90≤90.0<95"),
    (BANDS, "79.9", "1", "79.9<80"),
    (BANDS, 85, "0", "85.0"),
    (PER_CASE, 0, "10", "10-0.0×3"),
    (PER_CASE, 3, "1", "10-3.0×3"),
    (PER_CASE, 4, "0", "max(0, 10-4.0×3)"),
]


@pytest.mark.parametrize(("by", "value", "points", "working"), LINES, ids=lambda part: getattr(part, "kind", None))
def test_points_and_working(by: Rule, value: object, points: str, working: str) -> None:
    line = scored(by, f"{value}%")
    assert line.points == Fraction(points)
    assert line.working == working


def test_every_kind_of_rule_has_lines() -> None:
    assert {by.kind for by, *_ in LINES} == set(RuleKind)


def test_points_never_exceed_the_item() -> None:
    generous = rule("bands", bands=(Band(points=Decimal(12)),))
    line = scored(generous, "50%")
    assert (line.points, line.working) == (10, "50.0: min(10, 12)")


@pytest.mark.parametrize("value", ["", "95%以上", "近95%", "约95%", "9_%"])
def test_what_is_no_exact_value_is_not_scored(value: str) -> None:
    line = scored(LINEAR, value)
    assert line.points is None
    assert line.working == ""
    assert line.result is not None


@pytest.mark.parametrize(("value", "points"), [("全部", 10), ("95%", 10)])
def test_a_hundred_per_cent_in_words_is_scored(value: str, points: int) -> None:
    assert scored(LINEAR, value).points == points


def test_a_result_that_is_not_there_is_not_scored_and_not_zero() -> None:
    item = Item(id="line", zh="一项", en="a line", of=RATE, points=Decimal(10), rule=LINEAR)
    line = score_item(item, None, rounding=str)
    assert (line.points, line.working, line.result) == (None, "", None)


# --- the sheet ------------------------------------------------------------------------------------------------------------------


def write(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "params" / "schemes"
    folder.mkdir(parents=True)
    (folder / "county.yml").write_text(text, encoding="utf-8")
    (tmp_path / "params" / "townships").mkdir()
    (tmp_path / "params" / "townships" / "qingxi.yml").touch()
    return tmp_path


@pytest.mark.parametrize(("unit", "says"), [("unit: qingxxi, ", "did you mean 'qingxi'"), ("", "unit")])
def test_a_bonus_of_no_place_is_refused(tmp_path: Path, unit: str, says: str) -> None:
    with pytest.raises(ParamsError, match=says):
        load_scheme(write(tmp_path, SCHEME.replace("unit: qingxi, ", unit)), "county")


def test_a_sheet_is_scored_in_its_order_and_summed_with_its_bonuses(tmp_path: Path) -> None:
    scheme = load_scheme(write(tmp_path, SCHEME), "county")
    results = results_of({"births": 100, "births_policy[compliance=in]": 90, "illegal_sex_selection_cases": "未发现"})
    sheet = score_sheet(scheme, results)
    assert [(line.item.id, line.points, line.working) for line in sheet] == [
        ("compliance", Fraction(8), "10-1-INT((92-90.00)÷1)×0.5"),
        ("cases", Fraction(5), "5-0×2"),
    ]
    assert total(sheet) == 13
    assert total(sheet, scheme.bonuses_of("qingxi")) == Fraction("13.2")
    assert total(sheet, scheme.bonuses_of("baishi")) == 13  # the document names another town


def test_a_line_without_a_figure_leaves_the_sheet_without_a_sum(tmp_path: Path) -> None:
    scheme = load_scheme(write(tmp_path, SCHEME), "county")
    sheet = score_sheet(scheme, results_of({"illegal_sex_selection_cases": 1}))
    assert [line.points for line in sheet] == [None, 3]
    assert total(sheet, scheme.bonuses) is None


def test_an_empty_sheet_sums_to_nothing_but_its_bonuses() -> None:
    bonus = Bonus(unit="qingxi", zh="加分", en="bonus", points=Decimal("0.3"), document="政办发〔2015〕24号")
    assert (total([]), total([], [bonus])) == (0, Fraction("0.3"))


def test_a_veto_is_recorded_and_changes_no_points(tmp_path: Path) -> None:
    scheme = load_scheme(write(tmp_path, SCHEME), "county")
    results = results_of({"births": 100, "births_policy[compliance=in]": 92, "illegal_sex_selection_cases": 0})
    assert [(veto.unit_zh, veto.ground_zh) for veto in scheme.vetoes] == [("某居委会", "未完成责任目标")]
    assert total(score_sheet(scheme, results)) == 15


def test_a_line_that_scores_what_the_catalogue_does_not_have_is_refused(tmp_path: Path) -> None:
    scheme = load_scheme(write(tmp_path, SCHEME.replace("of: policy_compliance_rate", "of: policy_complianse_rate")), "county")
    with pytest.raises(UserError, match="policy_compliance_rate"):
        score_sheet(scheme, results_of({"births": 1}))


# --- the file -------------------------------------------------------------------------------------------------------------------


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


STEPS = "kind: step, target: 92, step: 1, deduct: 0.5, flat: 1"
FAULTS = [
    # in the good file, instead | where the fault is, field, what is said
    (STEPS, "kind: step, target: 92", "kind: step", "items.0.rule", "step rule needs step"),
    (
        "kind: step, target: 92, step: 1",
        "kind: step, target: 92, step: 0",
        "step: 0",
        "items.0.rule",
        "step must be above zero",
    ),
    (STEPS, "kind: linear", "kind: linear", "items.0.rule", "linear rule needs target"),
    (
        STEPS,
        "kind: linear, target: 0",
        "kind: linear",
        "items.0.rule",
        "target must be above zero",
    ),
    (STEPS, "kind: gate", "kind: gate", "items.0.rule", "gate rule needs minimum"),
    (STEPS, "kind: bands", "kind: bands", "items.0.rule", "bands rule needs bands"),
    ("kind: per_case, deduct: 2", "kind: per_case", "{kind: per_case}", "items.1.rule", "per_case rule needs deduct"),
    ("kind: per_case", "kind: per_cases", "per_cases", "items.1.rule.kind", "did you mean"),
    ("    points: 10", "    points: ten", "points: ten", "items.0.points", "ten"),
    ("    points: 10", "    point: 10", "point: 10", "items.0.point", "unknown key"),
    ("document: 卫发〔2015〕24号", "document: ''", "document: ''", "bonuses.0.document", "at least 1 character"),
    (", document: 卫发〔2015〕24号", "", "命名为省级卫生乡镇", "bonuses.0.document", "required, but missing"),
    ("source: 目标责任制考核办法\n", "", "zh: 年度目标责任制考核", "source", "required, but missing"),
]


@pytest.mark.parametrize(("good", "bad", "part", "field", "said"), FAULTS)
def test_a_fault_names_line_and_field(tmp_path: Path, good: str, bad: str, part: str, field: str, said: str) -> None:
    assert good in SCHEME
    text = SCHEME.replace(good, bad, 1)
    with pytest.raises(ParamsError) as caught:
        load_scheme(write(tmp_path, text), "county")
    found = str(caught.value).splitlines()
    where = f"params/schemes/county.yml:{line_of(text, part)}: {field}: "
    assert any(line.startswith(where) and said in line for line in found), found


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    text = SCHEME.replace("kind: per_case, deduct: 2", "kind: per_case").replace("    points: 10", "    points: ten")
    with pytest.raises(ParamsError) as caught:
        load_scheme(write(tmp_path, text), "county")
    assert len(str(caught.value).splitlines()) == 2


def test_an_unknown_scheme_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no scheme 'countty'.*county"):
        load_scheme(write(tmp_path, SCHEME), "countty")

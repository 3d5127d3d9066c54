"""The text reads like an office wrote it: one test a rule, on the smallest return that shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from county import REPOSITORY, YEAR, observe_all, place, shipped_catalogue
from nianbao import composer
from nianbao.blocks import BLOCK_MIME, Block, Run, plain
from nianbao.catalogue import Indicator, Setter, Target, Township, YearParams, load_catalogue
from nianbao.chapter import Chapter
from nianbao.dataset import Dataset
from nianbao.english import singular
from nianbao.facts import FactBook
from nianbao.leading import MOST, PER_AREA, few, leading_changes
from nianbao.money import WAN, YI, YUAN, money_unit
from nianbao.narrative import Narrator
from nianbao.observation import Intake
from nianbao.values import Status

Figures = Mapping[str, object]
Composed = Callable[..., list[Block]]


def dataset(figures: Figures, *, where: Township | None = None) -> Dataset:
    """Return the dataset of a return that was never written."""
    intake = Intake("qingxi", YEAR, "data/qingxi/2020.xlsx", "", tuple(observe_all(figures)), ())
    township = where or place()
    return Dataset(REPOSITORY, township, YEAR, load_catalogue(REPOSITORY, township=township), (intake,))


def narrator(figures: Figures, *, lang: str = "zh", where: Township | None = None) -> Narrator:
    return Narrator(dataset(figures, where=where).results, FactBook("chapter"), lang=lang)


def said(figures: Figures, how: str, *refs: str, lang: str = "zh") -> str:
    """Return the sentence a narrator's method makes of the results named."""
    tell = narrator(figures, lang=lang)
    return plain(getattr(tell, how)([tell.results.named(ref) for ref in refs]))


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> Composed:
    """Return a function that runs methods of a chapter on figures and returns the blocks it publishes."""
    seen: list[Block] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))

    def act(
        figures: Figures, *calls: tuple[Any, ...], area: str, lang: str = "zh", where: Township | None = None
    ) -> list[Block]:
        seen.clear()
        chapter = Chapter(area, dataset(figures, where=where), lang=lang, edition="internal")
        for how, *arguments in calls:
            named = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
            getattr(chapter, how)(*arguments, **named)
        return list(seen)

    return act


def paragraphs(blocks: list[Block]) -> list[str]:
    return [plain(block["runs"]) for block in blocks if block["type"] == "paragraph"]


def rows(block: Block) -> list[tuple[str, ...]]:
    return [tuple(plain(cell) for cell in row["cells"]) for row in block["rows"]]


def heads(block: Block) -> list[str]:
    return [plain(column["runs"]) for column in block["columns"]]


def tables(blocks: list[Block]) -> list[Block]:
    return [block for block in blocks if block["type"] == "table"]


# --- what leads the comparison with the year before -----------------------------------------------------------------------------

MANY: Figures = {
    "births[parity=1]": 87,
    "births[parity=1]@previous": 302,
    "births[parity=2+]": 94,
    "births[parity=2+]@previous": 321,
    "live_births": 1000,
    "live_births@previous": 1000,
    "maternal_any_care": 990,
    "maternal_any_care@previous": 900,
    "deliveries": 1000,
    "deliveries@previous": 1000,
    "caesareans": 500,
    "caesareans@previous": 300,
    "folic_acid_recipients": 900,
    "folic_acid_recipients@previous": 100,
    "outpatient_visits": 52_000,
    "outpatient_visits@previous": 70_000,
    "inpatient_admissions": 1,
    "inpatient_admissions@previous": 9,
    "free_cataract_surgeries": 3,
    "free_cataract_surgeries@previous": 1,
}


HEADS = (
    "outpatient_visits",
    "inpatient_admissions",
    "folic_acid_recipients",
    "blood_donors",
    "occupational_training_done",
    "health_education_reach",
    "free_clinic_beneficiaries",
    "childcare_survey_respondents",
    "childcare_enrolled",
    "safety_inspection_staff",
    "quarantine_persons",
)


def led(figures: Figures, *first: str) -> list[str]:
    tell = narrator(figures)
    areas = [name for name in tell.catalogue.outline.chapters if name in tell.catalogue.areas]
    return [item.ref for item in leading_changes(tell.results, first=first, areas=areas, shows=tell.shows_change)]


def test_key_figures_lead_and_no_figure_stands_beside_its_own_part() -> None:
    found = led(MANY, "births", "births[parity=1]", "births[parity=2+]")
    assert found[0] == "births"
    assert not [ref for ref in found if ref.startswith("births[")]


def test_the_list_spans_the_work_in_the_order_of_the_report() -> None:
    tell = narrator(MANY)
    found = [tell.results.named(ref).entry.area for ref in led(MANY, "births")]
    assert len(found) <= MOST
    assert all(found.count(area) <= PER_AREA for area in found)
    order = list(tell.catalogue.outline.chapters)
    assert found == sorted(found, key=order.index)
    assert set(found) == {"population", "maternal_child", "medical_services"}


def test_rates_lead_before_the_head_counts_they_are_made_of_and_a_tiny_base_never_leads() -> None:
    found = led(MANY, "births")
    assert {"maternal_coverage_rate", "caesarean_rate"} <= set(found)
    assert "folic_acid_recipients" not in found
    assert "outpatient_visits" in found
    assert "inpatient_admissions" not in found
    assert "free_cataract_surgeries" not in found


def test_changes_are_told_by_direction(composed: Composed) -> None:
    told = paragraphs(composed(MANY, ("key_figures", "births"), ("changes",), area="overview"))
    assert told[0].startswith("人口和业务量的主要变化：出生181人，比上年减少442人")
    [better] = [text for text in told if text.startswith("好于上年的主要指标：")]
    [worse] = [text for text in told if text.startswith("不及上年的主要指标：")]
    assert "孕产妇保健覆盖率为99.00%，比上年提高9.00个百分点" in better
    assert "剖宫产率为50.00%，比上年提高20.00个百分点" in worse  # a rise, and no progress


# --- problems -------------------------------------------------------------------------------------------------------------------

MISSED: Figures = {
    "folic_acid_task": 100,
    "folic_acid_recipients": 60,
    "premarital_exam_task": 100,
    "premarital_exam_done[unit=person]": 95,
    "live_births": 1000,
    "live_births@previous": 1000,
    "maternal_any_care": 900,
    "maternal_any_care@previous": 990,
}


def test_problems_stand_in_paragraphs_most_serious_first(composed: Composed) -> None:
    told = paragraphs(composed(MISSED, ("problems",), area="problems"))
    assert told[0].startswith(
        "一是部分目标任务没有完成。有目标的指标2项，未完成2项：叶酸发放完成率为60.00%，低于目标100%，差40.00个百分点，还差40人"
    )
    assert told[0].index("叶酸") < told[0].index("婚检")
    assert told[1] == "二是部分指标明显不及上年。孕产妇保健覆盖率为90.00%，比上年下降9.00个百分点。"


def test_changes_for_the_worse_that_chance_explains_are_counted_and_not_named(composed: Composed) -> None:
    small = {"live_births": 30, "live_births@previous": 30, "maternal_any_care": 28, "maternal_any_care@previous": 29}
    told = "".join(paragraphs(composed(small, ("problems",), area="problems")))
    assert "孕产妇保健覆盖率为" not in told
    assert "另有1项指标略逊于上年，变化小或人数少，不足以判断为退步。" in told


def test_a_task_done_is_no_setback_however_much_less_than_last_year(composed: Composed) -> None:
    figures = {"folic_acid_task": 100, "folic_acid_task@previous": 100}
    figures |= {"folic_acid_recipients": 110, "folic_acid_recipients@previous": 180}
    told = "".join(paragraphs(composed(figures, ("problems",), area="problems")))
    assert "叶酸" not in told
    assert "folic_acid_completion_rate" not in led(figures)


def test_key_figures_are_never_crowded_out() -> None:
    crowd = {f"{name}{mark}": n for name in HEADS for mark, n in (("", 9000), ("@previous", 5000))}
    figures = {**crowd, "population_total": 20_000, "population_total@previous": 20_100, "births": 282, "births@previous": 274}
    found = led(figures, "population_total", "births")
    assert len(found) <= MOST
    assert found[:2] == ["population_total", "births"]


def test_a_count_is_stated_with_its_counting_word_and_never_as_wei() -> None:
    tell = narrator({"health_lectures": 32, "health_lectures@previous": 34})
    assert plain(tell.stated(tell.results.named("health_lectures"))).startswith("健康讲座32场，比上年减少2场")


def test_the_gap_of_a_completion_is_in_the_unit_of_its_counts() -> None:
    tell = narrator({"vaccine_doses_completion_rate": "91.42%", "vaccine_doses_task": 19800})
    assert plain(tell.shortfall(tell.results.named("vaccine_doses_completion_rate"))).find("人") < 0


# --- how a sentence opens and where it ends -------------------------------------------------------------------------------------


def test_a_sentence_on_work_has_a_subject_and_openings_vary_without_chance() -> None:
    figures = {"health_lectures": 15, "safety_meetings": 5, "party_day_events": 12, "free_cataract_surgeries": 8}
    for _ in range(2):
        tell = narrator({**figures, "safety_meetings": (5, "", "2020年")})
        told = [plain(tell.activities([tell.results.named(ref)])) for ref in figures]
        assert [text[: text.index("，") if "，" in text else 3] for text in told[:1]] == ["2020年"]
        assert told[0].startswith("2020年，全镇举办健康讲座")
        assert told[1].startswith("全年召开")
        assert told[2].startswith("本年度开展")
        assert told[3].startswith("全年实施")


def test_the_period_is_named_again_after_another_one_was_spoken_of() -> None:
    tell = narrator({"health_lectures": 15, "births": 151, "party_day_events": 12})
    told = [plain(tell.activities([tell.results.named(ref)])) for ref in ("health_lectures", "births", "party_day_events")]
    assert told[2].startswith("2020年，全镇")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_runs_on(lang: str) -> None:
    tell = narrator({}, lang=lang)
    clauses: list[list[Run]] = [[{"text": f"{'甲' * size}"}] for size in (30, 28, 35, 3, 3, 3, 3, 3, 3, 40, 41)]
    told = plain(tell.paced("2020年，", clauses))
    ends = told.replace(". ", "。").rstrip(".。").split("。")
    assert all(len(part) <= (120 if lang == "zh" else 280) for part in ends)
    assert all(part.count("；") + part.count("; ") <= 4 for part in ends)
    assert told.count("甲") == sum((30, 28, 35, 3, 3, 3, 3, 3, 3, 40, 41))


def test_a_label_does_not_say_the_counting_word_twice() -> None:
    assert said({"blood_donors": 128}, "activities", "blood_donors") == "2020年，全镇献血128人次。"


# --- zeros ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "zh", "en"),
    [
        ({"cases_transferred": 0}, "2020年，全镇无移送案件。", "In 2020, there were no cases transferred."),
        ({"maternal_deaths": 0}, "全镇未发生孕产妇死亡。", "no maternal deaths."),
        ({"infectious_disease_underreports": 0}, "2020年，全镇未发现传染病漏报。", "In 2020, there were no "),
        ({"illegal_sex_selection_cases": 0}, "无“两非”案件。", "no cases of illegal sex selection."),
        ({"cases_transferred": 2}, "2020年，全镇移送案件2起。", "the township recorded 2 cases transferred."),
    ],
)
def test_a_true_zero_of_what_befalls_people_is_said_as_none(figures: Figures, zh: str, en: str) -> None:
    [ref] = figures
    assert zh in said(figures, "activities", ref)
    assert en in said(figures, "activities", ref, lang="en")


def test_a_zero_of_work_is_left_out_of_the_sentence_and_kept_in_the_table(composed: Composed) -> None:
    figures = {"health_lectures": 15, "health_consultations": 0}
    assert said(figures, "activities", "health_lectures", "health_consultations") == "2020年，全镇举办健康讲座15场。"
    blocks = composed(
        figures, ("activities", "health_consultations"), ("remaining", "情况", "figures"), area="health_education"
    )
    assert ("健康咨询活动", "次", "0") in rows(tables(blocks)[0])


@pytest.mark.parametrize("blank", ["", "202_", "/"])
def test_what_is_missing_is_never_said_as_none(blank: str) -> None:
    assert said({"cases_transferred": blank}, "activities", "cases_transferred") == ""


def test_no_cases_at_all_says_it_of_every_kind() -> None:
    figures = {"illegal_practice_cases[type=unlicensed_practice]": 0, "illegal_practice_cases[type=unqualified_staff]": 0}
    told = said(figures, "activities", "illegal_practice_cases", *figures)
    assert told == "2020年，全镇无非法行医案件。"


# --- rates on tiny numbers, and units -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "unit"), [("zh", "/10万"), ("en", " per 100 000")])
def test_a_rate_per_100000_carries_its_unit_in_sentence_table_and_interval(composed: Composed, lang: str, unit: str) -> None:
    figures = {"maternal_deaths": 30, "live_births": 100_000}
    assert f"30.0{unit}" in said(figures, "rates", "maternal_mortality_ratio", lang=lang)
    [block] = tables(composed(figures, ("table", "率", "rates", "maternal_mortality_ratio"), area="maternal_child", lang=lang))
    assert rows(block)[0][3] == f"30.0{unit}"
    assert rows(block)[0][4].count(unit) == 2


def test_a_mortality_rate_on_tiny_numbers_is_given_as_counts(composed: Composed) -> None:
    figures = {"under5_deaths": 2, "live_births": 181}
    tell = narrator(figures)
    rate = tell.results.named("under5_mortality_rate")
    assert few(rate, 20)
    told = plain(tell.rates([rate]))
    assert "5岁以下儿童死亡2例，人数少，波动大" in told
    assert "‰" not in told
    [block] = tables(composed(figures, ("table", "率", "rates", "under5_mortality_rate"), area="maternal_child"))
    assert rows(block)[0][3] == "11.0‰"
    assert any("人数少，波动大" in plain(note) for note in block["notes"])
    assert "5岁以下" not in "".join(paragraphs(composed(figures, ("problems",), area="problems")))


def test_enough_events_make_a_rate_again() -> None:
    tell = narrator({"deaths": 100, "population_mean": 20_000})
    assert "5.00‰" in plain(tell.rates([tell.results.named("crude_death_rate")]))
    assert not few(tell.results.named("crude_death_rate"), 20)


def test_a_places_rate_has_its_counting_word() -> None:
    tell = narrator({"childcare_places_per_1000": "1.47"})
    assert "为1.47个" in plain(tell.rates([tell.results.named("childcare_places_per_1000")]))


def test_parts_of_the_composite_sex_ratio_are_to_the_base_of_100(composed: Composed) -> None:
    figures = {"sex_ratio_target": 107, "sex_ratio_deviation": "1.69"}
    [block] = tables(
        composed(figures, ("table", "性别比", "ratio", "sex_ratio_target", "sex_ratio_deviation"), area="population")
    )
    assert block["unit_line"] == "单位：女=100"
    assert [len(row) for row in rows(block)] == [2, 2]  # the unit all rows share is said once
    assert "女=100" not in said(figures, "levels", "sex_ratio_target")


def test_a_text_has_no_unit(composed: Composed) -> None:
    [block] = tables(
        composed(
            {"project_phase[project=hospital_complex]": "一期"}, ("table", "项目", "p", "project_phase"), area="infrastructure"
        )
    )
    assert rows(block) == [("医院综合楼期次", "—", "一期")]


def test_the_size_of_a_pack_is_a_volume_a_pack() -> None:
    tell = narrator({"pack_size[item=hand_sanitiser;unit=bottle]": 500})
    [size] = tell.results.of("pack_size")
    assert plain(tell.amount(size)) == "500毫升/瓶"


# --- money ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "large", "unit"),
    [
        ((3_231_720, 238_800), True, WAN),
        ((3_231_720, 238_800), False, YUAN),
        ((9_999, 12), True, YUAN),
        ((12_345, 1), True, WAN),  # one yuan is the fourth decimal
        ((12_345, Fraction(1, 2)), True, YUAN),  # half a yuan would be the fifth
        ((205_000_000, 105_000_000), True, YI),
        ((105_000_000, 10_890_000), True, WAN),  # nobody reads 0.1089亿元
        ((105_000_000, 12_345), True, WAN),
        ((), True, YUAN),
    ],
)
def test_one_money_unit_a_table_exact_to_the_last_digit(amounts: tuple[Any, ...], large: bool, unit: object) -> None:
    assert money_unit([Fraction(amount) for amount in amounts], large=large) == unit


def test_money_loses_nothing_in_the_larger_unit() -> None:
    assert WAN.text(Fraction(238_801), status=Status.REPORTED, lang="zh") == "23.8801"
    assert WAN.text(Fraction(541_960), status=Status.ESTIMATED, lang="zh") == "预计54.196"


def test_the_fund_table_names_its_unit_once(composed: Composed) -> None:
    figures = {"reward_assistance_amount": 238_800, "special_assistance_amount": 1_737_601}
    wan = place().model_copy(update={"money": "wan"})
    [block] = tables(composed(figures, ("funds", "incentive_funds_total[scope=all]"), area="incentives", where=wan))
    assert heads(block) == ["项目", "金额（万元）", "占比"]  # no column of recipients where none were reported
    assert [row[1] for row in rows(block)] == ["23.88", "173.7601", "197.6401"]
    [block] = tables(composed(figures, ("funds", "incentive_funds_total[scope=all]"), area="incentives"))
    assert heads(block)[1] == "金额（元）"
    assert [row[1] for row in rows(block)] == ["238800", "1737601", "1976401"]


def test_funds_secured_and_received_are_told_apart(composed: Composed) -> None:
    figures = {"project_funding_secured[source=central]": 700, "project_funding_received[source=central]": 500}
    [block] = tables(composed(figures, ("table", "资金", "funds", *(key for key in figures)), area="infrastructure"))
    assert [row[0] for row in rows(block)] == ["争取中央资金", "到位中央资金"]


def test_no_two_entries_print_the_same_row_label() -> None:
    catalogue = load_catalogue(REPOSITORY)
    seen: dict[str, str] = {}
    for key in ("population_fund_used", "population_fund_aid_amount", "project_funding_secured", "project_funding_received"):
        label = catalogue.entries[key].label_zh
        assert seen.setdefault(label, key) == key


# --- targets, titles, variants --------------------------------------------------------------------------------------------------


def test_a_deadline_is_printed_with_its_target(composed: Composed) -> None:
    target = Target(value=Decimal(100), setter=Setter.TASK, set_by_zh="任务书", set_by_en="letter", deadline=date(2020, 11, 30))
    where = place().model_copy(update={"years": {YEAR: YearParams(targets={"folic_acid_completion_rate": target})}})
    [block] = tables(
        composed({"folic_acid_task": 100, "folic_acid_recipients": 60}, ("targets",), area="assessment", where=where)
    )
    assert "时限" in heads(block)
    assert rows(block)[0][heads(block).index("时限")] == "11月30日"
    assert abs(sum(column["width"] for column in block["columns"]) - 1) < 1e-9


def test_the_title_marks_history_only_where_nothing_current_stands(composed: Composed) -> None:
    def title(figures: Figures) -> str:
        chapter = Chapter("family_planning", dataset(figures), lang="zh", edition="internal")
        return chapter._area_title("family_planning")

    assert title({"contraceptive_prevalence_rate": "92.28%"}) == "计划生育服务（历史指标）"
    assert title({"illegal_sex_selection_cases": 0}) == "计划生育服务"
    assert title({"illegal_sex_selection_cases": 0, "contraceptive_prevalence_rate": "92.28%"}) == "计划生育服务"


@pytest.mark.parametrize(
    ("area", "figures", "zh", "en"),
    [
        ("family_planning", {"contraceptive_prevalence_rate": "92.28%"}, None, None),
        ("family_planning", {"illegal_sex_selection_cases": 0}, None, None),
        (
            "family_planning",
            {"illegal_sex_selection_cases": 0, "contraceptive_prevalence_rate": "92.28%"},
            "注：综合避孕率为历史指标，现行报表不再要求填报。",
            "Note: contraceptive prevalence rate is a historical indicator, no longer asked for.",
        ),
        (
            "migrant_population",
            {"migrant_notices_received": 12, "migrant_notices_answered": 12},
            "注：应反馈流动人口信息、已反馈流动人口信息、流动人口信息反馈率为历史指标，现行报表不再要求填报。",
            "Note: notices on migrants received, notices on migrants answered and answer rate on migrants are historical indicators, no longer asked for.",
        ),
        ("population", {"births": 151}, None, None),
    ],
)
def test_historical_figures_are_named_where_the_heading_does_not_mark_them(
    composed: Composed, area: str, figures: Figures, zh: str | None, en: str | None
) -> None:
    for lang, expected in (("zh", zh), ("en", en)):
        made = composed(figures, ("remaining", "其他指标", "Other figures"), ("historical_note",), area=area, lang=lang)
        assert [plain(block["runs"]) for block in made if block["type"] == "note"] == ([expected] if expected else [])


def test_a_variant_that_replaces_a_side_brings_its_own_words_or_none() -> None:
    replaced = 0
    for entry in load_catalogue(REPOSITORY).entries.values():
        if not isinstance(entry, Indicator):
            continue
        for name, variant in entry.variants.items():
            made = entry.model_copy(update=variant.changes())
            for side in ("numerator", "denominator"):
                if getattr(variant, side) is None:
                    continue
                replaced += 1
                for lang in ("zh", "en"):
                    words = getattr(made, f"{side}_{lang}")
                    assert words, f"{entry.id}.{name}: no words for its {side}"
                    assert words != getattr(entry, f"{side}_{lang}"), f"{entry.id}.{name}: the {side} keeps the default's words"
    assert replaced > 15


def test_a_variant_without_words_of_its_own_does_not_keep_the_default_s() -> None:
    entry = load_catalogue(REPOSITORY).entries["crude_birth_rate"]
    assert isinstance(entry, Indicator)
    silent = entry.variants["resident"].model_copy(update={"denominator_zh": None, "denominator_en": None})
    made = entry.model_copy(update=silent.changes())
    assert (made.numerator_zh, made.denominator_zh) == (entry.numerator_zh, "")


@pytest.mark.parametrize("way", [("+", 5), ("−", -5)])
def test_a_signed_change_prints_its_sign_once(composed: Composed, way: tuple[str, int]) -> None:
    sign, step = way
    figures = {"health_lectures": 20 + step, "health_lectures@previous": 20}
    [block] = tables(composed(figures, ("table", "讲座", "lectures", "health_lectures"), area="health_education"))
    assert rows(block)[0][4] == f"{sign}5"


# --- a figure and the words beside it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "ref", "said_so"),
    [
        ({"livestock_stock[animal=cattle]": 86}, "livestock_stock[animal=cattle]", "牛存栏86头"),
        ({"second_child_quota_waiver_amount": 1100}, "second_child_quota_waiver_amount", "指标奖励1100元"),
        ({"deaths": 123}, "deaths", "死亡123人"),
        ({"villages": 9}, "villages", "村数9个村"),  # 村9个村 names nothing
        ({"hypertension_patients_estimated": 300}, "hypertension_patients_estimated", "估算数300人"),
    ],
)
def test_a_label_leaves_to_the_figure_what_it_counts(figures: Figures, ref: str, said_so: str) -> None:
    tell = narrator(figures)
    assert plain(tell.listing([tell.results.named(ref)])).endswith(said_so)


def test_english_says_once_what_is_counted_and_one_of_it_in_the_singular() -> None:
    assert said({"health_lectures": 15}, "listing", "health_lectures", lang="en") == "held 15 health lectures"
    tell = narrator({"preconception_exam_task": 1, "births": 151, "births@previous": 152}, lang="en")
    assert plain(tell.stated(tell.results.named("births"))).startswith("151 births, 1 fewer than")
    assert plain(tell.amount(tell.results.named("preconception_exam_task"))) == "1 couple"
    assert tell.column_unit(tell.results.named("births")) == "persons"


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("copies", "copy"),
        ("classes", "class"),
        ("square metres", "square metre"),
        ("cases at law", "case at law"),
        ("units under supervision", "unit under supervision"),
        ("head", "head"),
        ("yuan", "yuan"),
    ],
)
def test_the_singular_of_a_counting_word(many: str, one: str) -> None:
    assert singular(many) == one


def test_the_unit_column_names_no_unit_twice() -> None:
    tell = narrator(
        {"villages": 9, "sex_ratio_target": 107, "policy_compliance_target": "92%", "preconception_exam_task[unit=couple]": 84}
    )
    words = {item.ref: tell.column_unit(item) for item in tell.results if item.value is not None}
    assert words["villages"] == "个"
    assert words["preconception_exam_task[unit=couple]"] == "对"
    assert not any("/" in word or word == "%" for word in words.values())


def test_the_printed_shortfall_is_that_of_the_printed_figure() -> None:
    tell = narrator({"folic_acid_task": 1600, "folic_acid_recipients": 1506})
    text = plain(tell.shortfall(tell.results.named("folic_acid_completion_rate")))
    assert "94.13%" in text
    assert "差5.87个百分点" in text  # 100 - 94.125 is 5.875; a reader subtracts what is printed


def test_a_gap_that_chance_explains_says_so_whatever_the_denominator() -> None:
    figures = {"births_pregnancy_known[parity=1]": 61, "births[parity=1]": 68}
    tell = narrator(figures)
    [rate] = [item for item in tell.results.of("pregnancy_known_rate") if item.straddles]
    assert plain(tell.shortfall(rate)).endswith("差距在偶然波动范围内")


def test_a_rate_of_nought_has_no_decimals_in_a_sentence() -> None:
    figures = {"folic_acid_task": 50, "folic_acid_recipients": 0}
    assert said(figures, "rates", "folic_acid_completion_rate").endswith("为0。")


def test_counts_worked_out_from_rates_are_not_called_rates(composed: Composed) -> None:
    given = [replace(item, status=Status.IMPLIED) for item in observe_all({"births[sex=male]": 51, "births[sex=female]": 39})]
    intake = Intake("qingxi", YEAR, "data/qingxi/2020.xlsx", "", tuple(given), ())
    data = Dataset(REPOSITORY, place(), YEAR, load_catalogue(REPOSITORY, township=place()), (intake,))
    chapter = Chapter("population", data, lang="zh", edition="internal")
    [[note]] = chapter._notes([item for item in data.results.of("births") if item.dims])
    assert note["text"].startswith("注：部分人数由")


def test_a_table_repeats_no_count_told_with_its_rate(composed: Composed) -> None:
    figures = {"preconception_exam_task[unit=couple]": 53, "preconception_exam_done[unit=couple]": 32}
    told = composed(
        figures,
        ("table", "完成情况", "Completion", "preconception_exam_completion_rate"),
        ("remaining", "其他情况", "Other"),
        area="maternal_child",
    )
    assert len(tables(told)) == 1


def test_an_english_table_opens_its_words_with_capitals(composed: Composed) -> None:
    [block] = tables(
        composed({"health_lectures": 15}, ("table", "讲座", "lectures", "health_lectures"), area="health_education", lang="en")
    )
    assert plain(block["caption"]) == "Lectures"
    assert rows(block)[0][0] == "Health lectures"
    [files] = tables(composed({"health_lectures": 15}, ("sources",), area="appendix", lang="en"))
    assert rows(files)[0][0] == "表"  # the name of a sheet is not ours to change


def test_a_chapter_that_tells_of_several_areas_is_not_called_absent(composed: Composed) -> None:
    figures = {"safety_meetings": 3, "health_leaflets_distributed": "202_"}
    [none] = paragraphs(composed(figures, ("absent",), area="appendix"))
    assert "组织管理" not in none
    assert "健康教育" not in none  # what was filled in but cannot be read has its chapter, and says so there


# --- definitions -------------------------------------------------------------------------------------------------------------


def test_definitions_that_rest_on_one_source_share_a_paragraph_rates_first(composed: Composed) -> None:
    figures: Figures = {
        "health_records": 90,
        "population_resident": 100,
        "health_lectures": 3,
        "health_records_used": 5,
    }
    lead, *groups = composed(figures, ("definitions",), area="appendix")
    assert {block["type"] for block in (lead, *groups)} == {"note"}
    catalogue = shipped_catalogue()
    rate, count = catalogue.entry("health_record_rate"), catalogue.entry("health_records")
    [records] = [text for text in (plain(block["runs"]) for block in groups) if count.definition_zh in text]
    assert records.startswith(f"{catalogue.areas[rate.area].zh}（依据：{rate.source}）")
    assert records.count(rate.source) == 1
    assert records.index(f"{rate.zh}：{rate.definition_zh}") < records.index(f"{count.zh}：{count.definition_zh}")


# --- a county ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "kinds"),
    [("quarantine_persons", ("centralised", "home")), ("admin_penalty_cases", ("unlicensed_practice", "public_place"))],
)
def test_a_total_of_towns_leads_the_kinds_that_add_up_to_it(entry: str, kinds: tuple[str, str]) -> None:
    """A county's total comes from its towns; what it consists of is told as part of it all the same."""
    figures: Figures = {entry: 5, **{f"{entry}[type={kind}]": n for kind, n in zip(kinds, (2, 3), strict=True)}}
    tell = narrator(figures)
    alone = [replace(item, parts=()) for item in tell.results if item.entry.id == entry]
    assert "，其中" in plain(tell.activities(alone))
    short = [replace(item, value=Fraction(6)) if not item.dims else item for item in alone]
    assert "，其中" not in plain(narrator(figures).activities(short))


def test_a_change_that_rounds_to_nothing_has_no_sign(composed: Composed) -> None:
    figures: Figures = {"severe_mental_patients_estimated": "889.2", "severe_mental_patients_estimated@previous": "889.4"}
    [block] = composed(figures, ("table", "x", "x", "severe_mental_patients_estimated"), area="basic_public_health")
    assert rows(block)[0][-1] == "0"


def test_a_caption_names_the_places_its_rows_are_of(composed: Composed) -> None:
    figures: Figures = {"livestock_stock[animal=sheep;village=2]": 4, "livestock_stock[animal=sheep;village=1]": 3}
    call = ("cross_table", "各{place}存栏", "Stock by {place}", "livestock_stock")
    chapter_rows = {"rows": "village", "columns": "animal"}
    [block] = composed(figures, (*call, chapter_rows), area="disease_control")
    assert plain(block["caption"]) == "各村存栏"


def test_sources_set_the_sheets_of_each_return_side_by_side(composed: Composed) -> None:
    [block] = composed({"births": 3, "health_lectures": 2}, ("sources",), area="appendix")
    assert heads(block) == ["工作表", "data/qingxi/2020.xlsx"]
    assert sum(int(row[1]) for row in rows(block)) == 2


def test_sources_of_few_definitions_share_a_paragraph_and_are_said_with_each(composed: Composed) -> None:
    known: Figures = {"health_lectures": 3, "health_promo_investment": 2, "youth_education_schools": 2}
    _, *groups = composed(known, ("definitions",), area="appendix")
    texts = [plain(block["runs"]) for block in groups]
    sources = {shipped_catalogue().entry(name).source for name in known}
    assert len(sources) > 1
    assert len(texts) == 1
    assert all(f"（依据：{source}）" in texts[0] for source in sources)


def test_a_count_that_one_rate_is_made_of_is_defined_by_that_rate(composed: Composed) -> None:
    figures: Figures = {"premarital_exam_done": 90, "premarital_exam_task": 100, "population_resident": 1000}
    text = " ".join(plain(block["runs"]) for block in composed(figures, ("definitions",), area="appendix"))
    catalogue = shipped_catalogue()
    assert catalogue.entry("premarital_exam_completion_rate").definition_zh in text
    assert catalogue.entry("premarital_exam_task").definition_zh not in text
    assert catalogue.entry("population_resident").definition_zh in text


# --- a table says a thing once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "head", "cells"),
    [
        ("zh", "比上年", ["减少100人，下降0.5%", "与上年持平", "增加1人，增长2.38%"]),
        ("en", "Against the year before", ["100 fewer (down 0.5%)", "unchanged", "1 more (up 2.38%)"]),
    ],
)
def test_the_head_alone_says_what_key_figures_are_compared_with(
    composed: Composed, lang: str, head: str, cells: list[str]
) -> None:
    figures = {"population_total": 20_000, "population_total@previous": 20_100, "deaths": 80, "deaths@previous": 80}
    figures |= {"births": 43, "births@previous": 42}
    [block] = tables(composed(figures, ("key_figures", "population_total", "deaths", "births"), area="overview", lang=lang))
    assert heads(block)[2] == head
    assert [row[2] for row in rows(block)] == cells


@pytest.mark.parametrize(("lang", "paid", "mixed"), [("zh", "金额", "数量"), ("en", "Amount", "Number")])
def test_a_column_of_nothing_but_money_is_headed_as_such(composed: Composed, lang: str, paid: str, mixed: str) -> None:
    figures = {"medical_aid_amount[setting=outpatient]": 12_000, "medical_aid_amount[setting=inpatient]": 43_000}
    call = ("table", "医疗救助", "Medical aid", "medical_aid_amount")
    [block] = tables(composed(figures, call, area="health_assistance", lang=lang))
    assert paid in heads(block)
    figures["medical_aid_persontimes[setting=outpatient]"] = 30
    [block] = tables(composed(figures, (*call, "medical_aid_persontimes"), area="health_assistance", lang=lang))
    assert mixed in heads(block)
    assert paid not in heads(block)

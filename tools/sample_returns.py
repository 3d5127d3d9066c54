"""Write the sample returns from the primary figures of four published annual summaries.

The figures are those the offices printed; integers that follow from a printed rate in one way only are marked 推算 (implied) with the
reason beside them; what the summary does not give is not in the return.  Run: ``.venv/bin/python tools/sample_returns.py``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from pathlib import Path

from nianbao.catalogue import load_catalogue, load_township
from nianbao.formulas import parse_dims
from nianbao.intake import return_path
from nianbao.returnform import ReturnRow, write_return

ROOT = Path(__file__).resolve().parents[1]
SY, LAST_SY, CY = "2020统计年度", "2019统计年度", "2020年"
DECEMBER = "截至2020年12月"


def row(
    entry: str, value: object, period: str, *, dims: str = "", unit: str = "", kind: str = "实报", note: str = ""
) -> ReturnRow:
    """Return one row of the return; ``dims`` as ``key=value;key=value``."""
    return ReturnRow(entry, parse_dims(dims), value, period, unit, kind, note)


STOCK = (
    ("disposable_medical_mask", "piece", 15000, "只"),
    ("latex_glove", "piece", 500, "只"),
    ("isolation_gown", "piece", 10, "件"),
    ("protective_suit", "piece", 10, "件"),
    ("n95_mask", "piece", 100, "只"),
    ("hand_sanitiser", "bottle", 30, "瓶"),
    ("infrared_thermometer", "piece", 15, "把"),
    ("glass_thermometer", "piece", 130, "支"),
    ("alcohol_75", "carton", 3, "箱"),
    ("disinfectant_84", "carton", 3, "箱"),
)
IN_POLICY = "parity=2+;policy=in"

MAOLIN_2020 = (
    row("cold_chain_findings", "未发现", CY),
    *(row("epidemic_stock", value, CY, dims=f"item={item};unit={unit}", unit=word) for item, unit, value, word in STOCK),
    row("population_total", 21951, SY),
    row("married_women_childbearing_age", 4278, SY),
    row("population_outflow", 7649, SY),
    row("births", 68, SY, dims="parity=1"),
    row("births", 83, SY, dims="parity=2+"),
    row("births", 83, LAST_SY, dims="parity=1", kind="推算", note="推算：本年68人，原报告称比上年减少15人"),
    row("births", 100, LAST_SY, dims="parity=2+", kind="推算", note="推算：本年83人，原报告称比上年减少17人"),
    row("births_pregnancy_known", 61, SY, dims="parity=1", kind="推算", note="推算：孕情掌握率89.71%，以68为分母只有61符合"),
    row("births_pregnancy_known", 70, SY, dims=IN_POLICY, kind="推算", note="推算：孕情掌握率89.74%，以78为分母为70"),
    row("births_pregnancy_early", 52, SY, dims=IN_POLICY, kind="推算", note="推算：早孕发现率66.67%，以78为分母为52"),
    row(
        "births_policy",
        78,
        SY,
        dims="compliance=in;parity=2+",
        kind="推算",
        note="推算：83名二多孩中同时符合66.67%和89.74%的分母为78（或39）",
    ),
    row("out_of_policy_share", "66%", SY, dims="parity=3+", note="原报告只给出比率，分子分母未公布"),
    row("contraceptive_prevalence_rate", "92.28%", SY, note="原报告只给出比率，采取措施人数未公布"),
    row("reward_assistance_amount", 765840, CY),
    row("special_assistance_amount", 236400, CY),
    row("reward_expansion_amount", 199600, CY),
    row("only_child_allowance_amount", 101310, CY),
    row("pension_insurance_subsidy_recipients", 4778, CY),
    row("pension_insurance_subsidy_amount", 147760, CY),
    row("contraception_reward_recipients", 8, CY, dims="type=long_acting"),
    row("contraception_reward_amount", 8000, CY, dims="type=long_acting"),
    row("one_off_retirement_reward_amount", 50000, CY),
    row("medical_insurance_paid_recipients", 78, CY),
    row("medical_insurance_paid_amount", 21848, CY),
    row("incentive_funds_total", 1535536, CY, dims="scope=all", kind="合计", note="原报告公布的总额，只用于核对"),
    row("premarital_exam_task", 91, CY),
    row("premarital_exam_completion_rate", "100%", CY, note="原报告未给出完成人数"),
    row("two_cancer_screening_task", 240, CY),
    row("two_cancer_screening_completion_rate", "100%", CY, note="原报告未给出完成人数"),
    row("folic_acid_task", 120, CY),
    row("folic_acid_completion_rate", "100%", CY, note="原报告未给出完成人数"),
    row("preconception_exam_task", 84, CY),
    row("preconception_exam_completion_rate", "100%", CY, note="原报告未给出完成数"),
    row("population_fund_aid_recipients", 10, CY, dims="item=chronic_disease"),
    row("population_fund_aid_standard", 500, CY, dims="item=chronic_disease"),
    row("population_fund_aid_recipients", 15, CY, dims="item=poverty_visit"),
    row("population_fund_aid_standard", 500, CY, dims="item=poverty_visit"),
    row("population_fund_aid_recipients", 3, CY, dims="item=special"),
    row("population_fund_aid_standard", "202_", CY, dims="item=special", note="原报告数字残缺"),
    row("population_fund_aid_recipients", 3, CY, dims="item=student"),
    row("population_fund_aid_standard", "202_", CY, dims="item=student", note="原报告数字残缺"),
    row("elderly_support_age_band", "60岁以上", CY),
    row("occupational_hazard_declaration_rate", "全部完成", CY, note="原报告称全部完成申报，未给出企业数"),
    row("livestock_stock", 5, DECEMBER, dims="animal=cattle;village=1"),
    row("livestock_stock", 0, DECEMBER, dims="animal=sheep;village=1", unit="只"),
    row("livestock_stock", 31, DECEMBER, dims="animal=cattle;village=2"),
    row("livestock_stock", 0, DECEMBER, dims="animal=sheep;village=2", unit="只"),
    row("livestock_stock", 50, DECEMBER, dims="animal=cattle;village=3"),
    row("livestock_penned_rate", "全部", DECEMBER),
    row("health_lectures", 15, CY, unit="次"),
    row("health_consultations", "10余", CY, unit="次"),
    row("health_education_events", "25余", CY, kind="合计", note="讲座和咨询活动合计"),
    row("media_articles", "70余", CY, dims="level=province+city"),
    row("health_promo_items_distributed", "500余", CY, unit="份"),
    row("health_leaflets_distributed", "2千余", CY),
    row("free_clinic_beneficiaries", "一百多", CY, unit="位"),
)


FIGURES = ROOT / "tests" / "golden" / "published_figures.csv"
YEARS = {"town-a": ("A", 2019), "town-d": ("D", 2015), "bagongshan": ("G", 2019)}
"""The other samples: township, its report in the table of published figures, and the year."""
_ZERO_WORDS = {"未发现", "暂未发现"}


def period_of(code: str, year: int) -> str:
    """Return the spelling a clerk writes for a period of the table of published figures."""
    kind, _, moment = code.partition(":")
    moment = moment.replace("202_", str(year))
    if kind.startswith("statistical_year"):
        return f"{year}统计年度"
    if kind == "as_of":
        parts = moment.split("-")
        return f"截至{parts[0]}年{int(parts[1])}月{int(parts[2])}日" if len(parts) == 3 else f"截至{parts[0]}年12月"
    if kind == "month_range" and ".." not in moment:
        return f"{year}年{int(moment[-2:])}-{int(moment[-2:])}月"
    if kind == "month_range" or code == "ytd:2019-11":
        return f"{year}年1-11月"
    if code == "ytd:2019-12-13":
        return f"{year}年1月1日至12月13日"
    if kind == "ytd" and "10" in moment:
        return f"{year}年1-10月"
    if code == "calendar_year:2014":
        return "2014年"
    return f"{year}年"


def cell_of(figure: dict[str, str]) -> tuple[object, str]:
    """Return what stands in the value cell, and the unit written beside it where it is not the catalogue's own."""
    note, published, value = figure["note"], figure["published"], figure["value"]
    if figure["kind"] == "text_range":
        return published, ""
    if not value:
        return re.sub(r"[^\d_].*$", "", published), ""
    number = Decimal(value)
    plain: object = int(number) if number == int(number) else float(number)
    if figure["kind"] == "money_yuan" and "q=" not in note and (found := re.match(r"^([\d.]+)(万|亿)元?$", published)):
        return float(found[1]), f"{found[2]}元"
    if "q=ge" in note:
        return (f"{plain}%以上" if figure["kind"] == "percent" else f"{plain}余"), ""
    if "q=le" in note:
        return f"近{plain}", ""
    if "q=approx" in note:
        return f"预计{plain}", ""
    if figure["kind"] == "percent":
        return re.sub(r"[^\d.%]", "", published) or f"{plain}%", ""
    if published in _ZERO_WORDS:
        return published, ""
    return plain, ""


def figures_of(report: str, year: int, implied: Sequence[ReturnRow], dropped: Collection[str]) -> tuple[ReturnRow, ...]:
    """Return the rows of a report: its primary figures, the rates it prints without their counts, and what they imply.

    A derived figure that the product recomputes is left out; ``dropped`` names further rows of the table, by their number.
    """
    rows: list[ReturnRow] = []
    known = {(item.entry, item.dims) for item in implied}
    with FIGURES.open(encoding="utf-8", newline="") as stream:
        for figure in csv.DictReader(stream):
            if figure["report"] != report or figure["seq"] in dropped:
                continue
            if figure["is_derived"] == "yes" and figure["verdict"] != "underivable":
                continue
            dims = {
                key: item for key, item in parse_dims(figure["dims"]) if key not in ("occurrence", "years") or key == "years"
            }
            spoken = period_of(figure["period"], year)
            if "year" in dims:
                spoken = f"{dims.pop('year')}统计年度"
            if (figure["element"], tuple(sorted(dims.items()))) in known:
                continue
            value, unit = cell_of(figure)
            note = "原报告只给出比率" if figure["is_derived"] == "yes" else ""
            rows.append(ReturnRow(figure["element"], tuple(sorted(dims.items())), value, spoken, unit, "实报", note))
    return (*rows, *implied)


def implied(entry: str, value: object, period: str, dims: str, note: str) -> ReturnRow:
    """Return a row whose figure follows from a published rate."""
    return row(entry, value, period, dims=dims, kind="推算", note=f"推算：{note}")


A, D, G = "2019统计年度", "2015统计年度", "2019统计年度"
IMPLIED: dict[str, tuple[ReturnRow, ...]] = {
    "A": (
        implied("births_policy", 47, A, "compliance=in;parity=2+", "政策符合率94%，以50为分母只有47符合"),
        implied("births", 51, A, "sex=male", "性别比130.77，90人中只有51男39女符合"),
        implied("births", 39, A, "sex=female", "性别比130.77，90人中只有51男39女符合"),
        implied("births", 29, A, "parity=2+;sex=male", "二多孩性别比138.1，50人中只有29男21女符合"),
        implied("births", 21, A, "parity=2+;sex=female", "二多孩性别比138.1，50人中只有29男21女符合"),
        implied("births_pregnancy_known", 37, A, "parity=1", "孕情掌握率92.5%，以40为分母只有37符合"),
        implied("births_pregnancy_known", 46, A, "parity=2+;policy=in", "孕情掌握率97.87%，以47为分母只有46符合"),
        implied("births_pregnancy_early", 39, A, "", "总早孕发现率44.83%，以87为分母只有39符合"),
        implied("population_mean", 11002, A, "", "出生率8.18‰，分母在10996至11009之间，取中数"),
        row("special_families_paired", 46, "2019年", dims="unit=household"),
        implied("elderly_population", 2445, "截至2019年10月10日", "", "865人占35.38%，分母只有2445符合"),
        implied("yinling_task", 2445, "2019年", "", "1070人占43.76%，分母只有2445符合"),
    ),
    "D": (
        row("sex_ratio_weight", "60%", D, dims="years=2015"),
        row("births_policy", 5, D, dims="compliance=out"),
        row("fp_budget_received", 12.27, D, unit="万元"),
        implied("migrant_tracking_target", "90%", D, "", "95%比责任指标高5个百分点"),
        implied("migrant_equal_service_target", "90%", D, "", "96%比责任指标高6个百分点"),
    ),
    "G": (
        implied("marriage_registrants", 1670, "2019年1月1日至12月13日", "", "1506人占90.18%，分母只有1670符合"),
        implied("premarital_disease_found", 202, "2019年1月1日至12月13日", "", "检出率13.41%，以1506为分母只有202符合"),
        implied("births_entitled_to_certificate", 230, "2019年1月1日至12月13日", "", "222份占96.5%，分母只有230符合"),
        implied("population_resident", 178000, "截至2019年12月", "", "签约率、建档率等的分母在177996至178015之间"),
        implied("population_total", 164800, G, "", "出生率4.86‰，分母在164646至164984之间"),
        implied("key_population_residents", 53390, "截至2019年12月", "", "32141人占60.20%，分母在53386至53394之间"),
        implied("elderly_residents_65", 21864, "截至2019年12月", "", "15506人占70.92%，分母在21863至21865之间"),
        implied("residents_18_plus", 138015, "截至2019年12月", "", "高血压和糖尿病估算患者数分别为其25.2%和9.7%"),
        implied("hypertension_prevalence", "25.2%", "2019年", "", "由两种慢性病的估算分母推得"),
        implied("diabetes_prevalence", "9.7%", "2019年", "", "由两种慢性病的估算分母推得"),
        implied("severe_mental_on_register", 801, "截至2019年12月", "", "728人占90.89%，分母只有801符合"),
        implied("yinling_task", 12234, "2019年", "", "5799人占47.4%，分母在12222至12247之间"),
        implied("births_policy", 781, G, "compliance=in", "政策符合率97.5%，以801为分母只有781符合"),
        implied("births", 427, G, "sex=male", "性别比114.17，801人中只有427男374女符合"),
        implied("births", 374, G, "sex=female", "性别比114.17，801人中只有427男374女符合"),
    ),
}
DROPPED: dict[str, frozenset[str]] = {
    "A": frozenset(),
    "D": frozenset({"56", "58", "64"}),  # deviations follow from the targets; the heading repeats the rate below it
    "G": frozenset(),
}


def main() -> None:
    """Write the returns of all samples."""
    samples: dict[str, tuple[int, tuple[ReturnRow, ...]]] = {"maolin": (2020, MAOLIN_2020)}
    for key, (report, year) in YEARS.items():
        samples[key] = (year, figures_of(report, year, IMPLIED[report], DROPPED[report]))
    for key, (year, rows) in samples.items():
        township = load_township(ROOT, key)
        catalogue = load_catalogue(ROOT, township=township)
        write_return(return_path(ROOT, key, year), township=township, year=year, catalogue=catalogue, rows=rows)


if __name__ == "__main__":
    main()

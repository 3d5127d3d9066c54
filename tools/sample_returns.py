"""Write the sample return of Maolin town from the primary figures of its published annual summary of 2020.

The figures are those the town printed; integers that follow from a printed rate in one way only are marked 推算 (implied) with the
reason beside them; what the summary does not give is not in the return.  Run: ``.venv/bin/python tools/sample_returns.py``.
"""

from __future__ import annotations

from pathlib import Path

from nianbao.catalogue import load_catalogue, load_township, parse_dims
from nianbao.intake import ReturnRow, return_path, write_return

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


def main() -> None:
    """Write ``data/maolin/2020.xlsx``."""
    township = load_township(ROOT, "maolin")
    catalogue = load_catalogue(ROOT, township=township)
    write_return(return_path(ROOT, "maolin", 2020), township=township, year=2020, catalogue=catalogue, rows=MAOLIN_2020)


if __name__ == "__main__":
    main()

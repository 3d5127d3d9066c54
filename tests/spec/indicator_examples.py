"""How each kind of figure behaves, as small tables: what a town reports, and what follows.

A figure is named as formulas name it; ``@previous`` marks the year before.  A reported figure is the value a clerk types, or
``(value, kind)``, or ``(value, kind, period)`` with the words of the columns 数据性质 and 统计期间.  What follows names a figure, with
``.aspect`` where another property than the value is meant, and gives ``value status`` or the property.  ``-`` stands for no value,
``absent`` for a figure about which nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Example:
    """One table: ``says`` is the rule it shows, in one sentence."""

    kind: str
    says: str
    given: Mapping[str, object]
    follows: Mapping[str, str] = field(default_factory=dict)


EXAMPLES = (
    # --- levels ----------------------------------------------------------------------------------------------------------------
    Example("level", "A reported figure is the figure.", {"deaths": 90}, {"deaths": "90 reported", "deaths.raw": "90"}),
    Example("level", "A bound stays a bound.", {"health_consultations": "10余"}, {"health_consultations": "10 floor"}),
    Example("level", "Illegible digits give no value.", {"nucleic_acid_tests": "202_"}, {"nucleic_acid_tests": "- masked"}),
    Example(
        "level", "Nothing found is zero.", {"illegal_sex_selection_cases": "未发现"}, {"illegal_sex_selection_cases": "0 zero"}
    ),
    Example("level", "An empty cell is missing and never zero.", {"deaths": ""}, {"deaths": "- missing"}),
    Example("level", "What is not in the return has no result.", {"deaths": 90}, {"births": "absent"}),
    # --- partitions ------------------------------------------------------------------------------------------------------------
    Example(
        "partition",
        "The parts of a complete set make the total.",
        {"births[parity=1]": 68, "births[parity=2+]": 83},
        {"births": "151 computed", "births.inputs": "births[parity=1], births[parity=2+]"},
    ),
    Example(
        "partition",
        "Any one complete set will do.",
        {"births[parity=1]": 40, "births[parity=2]": 46, "births[parity=3+]": 4},
        {"births": "90 computed"},
    ),
    Example(
        "partition",
        "An incomplete set gives no total.",
        {"births[parity=1]": 68, "births[parity=3+]": 4},
        {"births": "absent"},
    ),
    Example(
        "partition",
        "A part left empty makes the total missing, and says which.",
        {"births[parity=1]": 68, "births[parity=2+]": ""},
        {"births": "- missing", "births.reason": "missing: births[parity=2+]"},
    ),
    Example(
        "partition",
        "A reported total stands in where the parts give none.",
        {"births": (151, "合计"), "births[parity=1]": 68, "births[parity=2+]": ""},
        {"births": "151 reported", "births[parity=1]": "68 reported", "births[parity=2+]": "- missing"},
    ),
    Example(
        "partition",
        "Where the parts add up, their sum is printed and the reported total only checked.",
        {"births": (155, "合计"), "births[parity=1]": 68, "births[parity=2+]": 83},
        {"births": "151 computed", "births.reported": "155"},
    ),
    Example(
        "partition",
        "A bound among the parts makes the total a bound.",
        {"births[parity=1]": "60余", "births[parity=2+]": 83},
        {"births": "143 floor"},
    ),
    Example(
        "partition",
        "Bounds in opposite directions make it an approximation.",
        {"births[parity=1]": "60余", "births[parity=2+]": "近90"},
        {"births": "150 approximate"},
    ),
    Example(
        "partition",
        "Figures worked out from a published rate mark the total.",
        {"births[parity=1]": 68, "births[parity=2+]": (83, "推算")},
        {"births": "151 implied"},
    ),
    Example(
        "partition",
        "Parts of unlike periods are not added.",
        {"births[parity=1]": 68, "births[parity=2+]": (83, "", "2020年1-11月")},
        {"births": "- missing", "births.reason": "its parts cover different periods"},
    ),
    Example(
        "partition",
        "Villages add up, and so do kinds of animals within them.",
        {
            "livestock_stock[animal=cattle;village=1]": 5,
            "livestock_stock[animal=sheep;village=1]": 40,
            "livestock_stock[animal=cattle;village=2]": 2,
            "livestock_stock[animal=sheep;village=2]": 10,
            "livestock_stock[animal=cattle;village=3]": 0,
            "livestock_stock[animal=sheep;village=3]": 0,
        },
        {
            "livestock_stock": "57 computed",
            "livestock_stock[animal=cattle]": "7 computed",
            "livestock_stock[village=1]": "45 computed",
        },
    ),
    Example(
        "partition",
        "A village that reports cattle but no sheep leaves the sheep, and the total, unknown.",
        {
            "livestock_stock[animal=cattle;village=1]": 5,
            "livestock_stock[animal=sheep;village=1]": 40,
            "livestock_stock[animal=cattle;village=2]": 2,
            "livestock_stock[animal=cattle;village=3]": 0,
        },
        {
            "livestock_stock[animal=cattle]": "7 computed",
            "livestock_stock[animal=sheep;village=1]": "40 reported",
            "livestock_stock[animal=sheep]": "absent",
            "livestock_stock": "absent",
        },
    ),
    # --- sums ------------------------------------------------------------------------------------------------------------------
    Example(
        "sum",
        "A sum adds its terms.",
        {"health_lectures": 15, "health_consultations": 12},
        {"health_education_events": "27 computed"},
    ),
    Example(
        "sum",
        "A floor makes the sum a floor.",
        {"health_lectures": 15, "health_consultations": "10余"},
        {"health_education_events": "25 floor"},
    ),
    Example(
        "sum",
        "A term that is not in the return makes the sum missing.",
        {"health_lectures": 15},
        {"health_education_events": "- missing", "health_education_events.reason": "not in the return: health_consultations"},
    ),
    Example(
        "sum",
        "A term a place need not have may be absent.",
        {"reward_assistance_amount": 1000, "elderly_care_subsidy_amount": 200},
        {"incentive_funds_total[scope=all]": "1200 computed"},
    ),
    Example(
        "sum",
        "A term a place has but left empty makes the sum missing.",
        {"reward_assistance_amount": 1000, "elderly_care_subsidy_amount": ""},
        {"incentive_funds_total[scope=all]": "- missing", "reward_assistance_amount": "1000 reported"},
    ),
    Example(
        "sum",
        "A term with a minus sign is taken away, and a bound taken away is an approximation.",
        {"policy_compliance_rate": 96.73, "policy_compliance_target": "92%以上"},
        {"policy_compliance_deviation": "4.73 approximate"},
    ),
    # --- changes ---------------------------------------------------------------------------------------------------------------
    Example(
        "change",
        "A change is this period less the like one a year before, in number and in per cent.",
        {"births": 83, "births@previous": 100},
        {
            "births_change_yoy": "-17 computed",
            "births_change_yoy_pct": "-17 computed",
            "births.previous": "100",
            "births.change": "-17",
        },
    ),
    Example(
        "change",
        "Parity by parity, and for the total the parts make.",
        {"births[parity=1]": 68, "births[parity=2+]": 83, "births[parity=1]@previous": 83, "births[parity=2+]@previous": 100},
        {
            "births_change_yoy": "-32 computed",
            "births_change_yoy[parity=1]": "-15 computed",
            "births_change_yoy_pct[parity=1]": "-1500/83 computed",
        },
    ),
    Example(
        "change",
        "From nothing there is no relative change.",
        {"births": 3, "births@previous": 0},
        {"births_change_yoy": "3 computed", "births_change_yoy_pct": "- undefined"},
    ),
    Example(
        "change",
        "Unlike periods are refused, not compared.",
        {"births": 83, "births@previous": (100, "", "2019年1-11月")},
        {"births_change_yoy": "- missing", "births.change": "-", "births.previous": "-"},
    ),
    Example(
        "change",
        "Bounds are not compared.",
        {"births": "80余", "births@previous": 100},
        {"births_change_yoy": "- missing", "births.change": "-"},
    ),
    Example(
        "change",
        "Without the year before nothing is compared.",
        {"births": 83},
        {"births_change_yoy": "absent", "births.change": "-"},
    ),
    Example(
        "change",
        "A return may report the change itself.",
        {"births_change_yoy": -17},
        {"births_change_yoy": "-17 reported"},
    ),
    Example(
        "change",
        "A change that chance explains is marked unclear, a large one clear, one of money not at all.",
        {
            "deaths": 90,
            "deaths@previous": 85,
            "births": 40,
            "births@previous": 120,
            "reward_assistance_amount": 2000,
            "reward_assistance_amount@previous": 1000,
        },
        {
            "deaths.change_clear": "no",
            "births.change_clear": "yes",
            "reward_assistance_amount.change": "1000",
            "reward_assistance_amount.change_clear": "-",
        },
    ),
    # --- proportions -----------------------------------------------------------------------------------------------------------
    Example(
        "proportion",
        "A proportion keeps its numerator and denominator and Wilson's interval.",
        {"live_births": 40, "maternal_any_care": 37},
        {
            "maternal_coverage_rate": "92.5 computed",
            "maternal_coverage_rate.numerator": "37",
            "maternal_coverage_rate.denominator": "40",
            "maternal_coverage_rate.lower": "80.14",
            "maternal_coverage_rate.upper": "97.42",
        },
    ),
    Example(
        "proportion",
        "Without anybody to divide by it is undefined, neither 0% nor 100%.",
        {"live_births": 0, "maternal_any_care": 0},
        {"maternal_coverage_rate": "- undefined", "maternal_coverage_rate.lower": "-"},
    ),
    Example(
        "proportion",
        "Without a numerator it is missing, and says so.",
        {"live_births": 40},
        {"maternal_coverage_rate": "- missing", "maternal_coverage_rate.reason": "no numerator"},
    ),
    Example(
        "proportion",
        "From a bound it is not computed.",
        {"live_births": 40, "maternal_any_care": "30余"},
        {
            "maternal_coverage_rate": "- missing",
            "maternal_coverage_rate.reason": "not computed from bounds or approximations",
        },
    ),
    Example(
        "proportion",
        "From a figure that was itself worked out, it is marked implied.",
        {"live_births": 40, "maternal_any_care": (37, "推算")},
        {"maternal_coverage_rate": "92.5 implied"},
    ),
    Example(
        "proportion",
        "Events of unlike windows are not divided.",
        {"live_births": 40, "maternal_any_care": (37, "", "2020年1-11月")},
        {
            "maternal_coverage_rate": "- missing",
            "maternal_coverage_rate.numerator": "37",
            "maternal_coverage_rate.denominator": "40",
        },
    ),
    Example(
        "proportion",
        "A reported rate stands where it cannot be computed.",
        {"maternal_coverage_rate": "92.50%", "live_births": 40},
        {
            "maternal_coverage_rate": "92.5 reported",
            "maternal_coverage_rate.numerator": "-",
            "maternal_coverage_rate.denominator": "40",
        },
    ),
    Example(
        "proportion",
        "A computed rate goes before a reported one, which is kept for the check.",
        {"maternal_coverage_rate": "93%", "live_births": 40, "maternal_any_care": 37},
        {"maternal_coverage_rate": "92.5 computed", "maternal_coverage_rate.reported": "93"},
    ),
    Example(
        "proportion",
        "All, in words, is 100%.",
        {"maternal_coverage_rate": "全部"},
        {"maternal_coverage_rate": "100 full"},
    ),
    Example(
        "proportion",
        "Dimensions run through: one rate for each parity that was reported, and one for the whole.",
        {"deliveries[parity=1]": 40, "deliveries[parity=2+]": 60, "caesareans[parity=1]": 10, "caesareans[parity=2+]": 30},
        {
            "caesarean_rate": "40 computed",
            "caesarean_rate[parity=1]": "25 computed",
            "caesarean_rate[parity=2+]": "50 computed",
        },
    ),
    Example(
        "proportion",
        "A change of two rates is in points, and tested by Newcombe's interval.",
        {"live_births": 153, "maternal_any_care": 148, "live_births@previous": 150, "maternal_any_care@previous": 120},
        {"maternal_coverage_rate.change": "2560/153", "maternal_coverage_rate.change_clear": "yes"},
    ),
    # --- rates and ratios ------------------------------------------------------------------------------------------------------
    Example(
        "rate",
        "A rate is per thousand, with Byar's interval from ten events up.",
        {"births": 90, "population_mean": 11002},
        {"crude_birth_rate": "45000/5501 computed", "crude_birth_rate.lower": "6.58", "crude_birth_rate.upper": "10.06"},
    ),
    Example(
        "rate",
        "Below ten events the interval is exact.",
        {"births": 5, "population_mean": 1000},
        {"crude_birth_rate": "5 computed", "crude_birth_rate.lower": "1.62", "crude_birth_rate.upper": "11.67"},
    ),
    Example(
        "ratio",
        "The sex ratio is boys per 100 girls, with its own interval.",
        {"births[sex=male]": 51, "births[sex=female]": 39},
        {
            "sex_ratio_at_birth": "1700/13 computed",
            "sex_ratio_at_birth.lower": "86.44",
            "sex_ratio_at_birth.upper": "197.83",
            "births": "90 computed",
        },
    ),
    Example(
        "ratio",
        "Without girls the ratio is undefined.",
        {"births[sex=male]": 3, "births[sex=female]": 0},
        {"sex_ratio_at_birth": "- undefined"},
    ),
    # --- completion and targets ------------------------------------------------------------------------------------------------
    Example(
        "completion",
        "A completion may exceed 100%, and meets its task from 100% up.",
        {"folic_acid_recipients": 110, "folic_acid_task": 100},
        {
            "folic_acid_completion_rate": "110 computed",
            "folic_acid_completion_rate.deviation": "10",
            "folic_acid_completion_rate.gap": "0",
            "folic_acid_completion_rate.met": "yes",
        },
    ),
    Example(
        "completion",
        "Below the task the gap is in persons, rounded up.",
        {"folic_acid_recipients": 92, "folic_acid_task": 99},
        {
            "folic_acid_completion_rate": "9200/99 computed",
            "folic_acid_completion_rate.gap": "7",
            "folic_acid_completion_rate.met": "no",
        },
    ),
    Example(
        "completion",
        "A completion has no interval: a task is no sample.",
        {"folic_acid_recipients": 92, "folic_acid_task": 99},
        {"folic_acid_completion_rate": "9200/99 computed", "folic_acid_completion_rate.lower": "-"},
    ),
    Example(
        "completion",
        "A second case counts more insurances towards the same task.",
        {"yinling_insured": 60, "fp_accident_insured": 30, "yinling_task": 100},
        {
            "yinling_task_completion_rate": "60 computed",
            "yinling_task_completion_rate[basis=all_insured]": "90 computed",
            "insured_total": "90 computed",
        },
    ),
    Example(
        "target",
        "The year's target of the place goes before the catalogue's; deviation and gap follow.",
        {"births": 153, "births_policy[compliance=in]": 148},
        {
            "policy_compliance_rate": "14800/153 computed",
            "policy_compliance_rate.target": "92",
            "policy_compliance_rate.deviation": "724/153",
            "policy_compliance_rate.met": "yes",
            "policy_compliance_rate.straddles": "no",
        },
    ),
    Example(
        "target",
        "Where the interval holds the target, chance could have decided the verdict, which stands all the same.",
        {"births": 50, "births_policy[compliance=in]": 45},
        {
            "policy_compliance_rate.met": "no",
            "policy_compliance_rate.gap": "1",
            "policy_compliance_rate.straddles": "yes",
        },
    ),
    Example(
        "target",
        "A floor above the target meets it; a floor below proves nothing.",
        {"policy_compliance_rate": "95%以上", "folic_acid_completion_rate": "90%以上"},
        {"policy_compliance_rate.met": "yes", "folic_acid_completion_rate.met": "-"},
    ),
    Example(
        "target",
        "What is missing is not judged.",
        {"births": 153, "births_policy[compliance=in]": ""},
        {
            "policy_compliance_rate.denominator": "153",
            "births_policy[compliance=in]": "- missing",
            "policy_compliance_rate.reason": "no numerator",
            "policy_compliance_rate.met": "-",
            "policy_compliance_rate.gap": "-",
        },
    ),
    # --- products --------------------------------------------------------------------------------------------------------------
    Example(
        "product",
        "A product multiplies its factors.",
        {"yinling_insured": 60, "yinling_premium_standard": 50},
        {"yinling_premium_total": "3000 computed"},
    ),
    Example(
        "product",
        "A bound makes the product a bound; a missing factor makes it missing; an absent one leaves it out.",
        {
            "population_fund_aid_recipients[item=student]": "30余",
            "population_fund_aid_standard[item=student]": 200,
            "population_fund_aid_recipients[item=special]": 4,
            "population_fund_aid_standard[item=special]": "",
            "population_fund_aid_recipients[item=poverty_visit]": 5,
        },
        {
            "population_fund_aid_amount[item=student]": "6000 floor",
            "population_fund_aid_amount[item=special]": "- missing",
            "population_fund_aid_amount[item=poverty_visit]": "absent",
            "population_fund_aid_recipients[item=poverty_visit]": "5 reported",
        },
    ),
)

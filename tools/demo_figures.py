"""What the demonstration county's returns hold: every figure of the catalogue that is in force, and how its invented value comes about.

A figure is named as formulas name it (``births[parity=1]``).  It is a share of a figure further up, a number between two limits, a sum
of money paid at fixed standards, or a fixed text; shares and numbers marked ``per_village`` are drawn for each village.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One figure: ``low`` to ``high`` of ``of`` (of 1 where ``of`` is empty), or ``paid`` at standards, or the fixed ``value``."""

    ref: str
    of: str = ""
    low: float = 0
    high: float = 0
    per_village: bool = False
    paid: Mapping[str, int] = field(default_factory=dict)
    value: object = None
    bound: str = ""
    """How a clerk hedges it: ``{}余``; empty for an exact figure."""
    unit: str = ""
    since: int = 0


def each(ref: str, of: str, low: float, high: float) -> Figure:
    """Return a figure drawn for each village as a share of the village's ``of``."""
    return Figure(ref, of, low, high, per_village=True)


def share(ref: str, of: str, low: float, high: float) -> Figure:
    """Return a figure of the whole town as a share of its ``of``; above 1 for a task that is not reached."""
    return Figure(ref, of, low, high)


def count(
    ref: str, low: float, high: float, *, bound: str = "", unit: str = "", since: int = 0, per_village: bool = False
) -> Figure:
    """Return a number between two limits."""
    return Figure(ref, "", low, high, per_village, bound=bound, unit=unit, since=since)


def money(ref: str, heads: Mapping[str, int]) -> Figure:
    """Return an amount paid at a standard for each head of each figure named."""
    return Figure(ref, paid=heads)


def says(ref: str, value: object) -> Figure:
    """Return a fixed text, rate or standard."""
    return Figure(ref, value=value)


PEOPLE, RESIDENTS, BORN = "population_total", "population_resident", "births"

FIGURES: tuple[Figure, ...] = (
    # governance stands first: the number of villages is known from the town itself
    count("residents_committees", 1, 2),
    says("villages_entrusted", 0),
    says("fp_meeting_frequency", "每月一次"),
    share("fp_posts", "villages", 1.1, 1.3),
    share("fp_posts_filled", "fp_posts", 0.9, 1),
    count("departments_responsible", 14, 18),
    share("departments_fulfilling", "departments_responsible", 0.92, 1),
    says("townships", 1),
    # population; population_total and births are drawn apart
    each("married_women_childbearing_age", PEOPLE, 0.17, 0.21),
    each("population_outflow", PEOPLE, 0.15, 0.3),
    each("deaths", PEOPLE, 0.005, 0.008),
    share("population_moved_in", PEOPLE, 0.01, 0.014),
    share("population_moved_out", PEOPLE, 0.01, 0.014),  # worked out when all are drawn, so that the year's people add up
    each("population_mean", PEOPLE, 0.998, 1),
    each(RESIDENTS, PEOPLE, 0.84, 0.95),
    each("population_mid_year", PEOPLE, 0.996, 1),
    share("births_supplementary_reported[sex=male]", BORN, 0, 0.01),
    share("births_supplementary_reported[sex=female]", BORN, 0, 0.02),
    says("sex_ratio_target", 107),
    # family planning services still given
    share("iud_removals_perimenopausal", PEOPLE, 0.002, 0.004),
    says("illegal_sex_selection_cases", 0),
    share("contraceptive_platform_population", PEOPLE, 0.1, 0.14),
    share("contraceptive_platform_registrants", "contraceptive_platform_population", 0.8, 0.95),
    count("contraceptive_vending_machines", 2, 6),
    count("family_development_centres", 1, 1),
    share("births_surveyed", BORN, 0.4, 0.6),
    share("births_surveyed_reported", "births_surveyed", 0.96, 1),
    # incentives
    share("reward_assistance_recipients", PEOPLE, 0.02, 0.03),
    says("reward_assistance_standard", 960),
    money("reward_assistance_amount", {"reward_assistance_recipients": 960}),
    count("reward_assistance_exits_death", 2, 9),
    count("special_assistance_recipients[cause=disabled]", 4, 14),
    count("special_assistance_recipients[cause=death]", 6, 16),
    says("special_assistance_standard[tier=1]", 4200),
    says("special_assistance_standard[tier=2]", 5400),
    money(
        "special_assistance_amount",
        {"special_assistance_recipients[cause=disabled]": 4200, "special_assistance_recipients[cause=death]": 5400},
    ),
    share("reward_expansion_recipients", PEOPLE, 0.004, 0.007),
    money("reward_expansion_amount", {"reward_expansion_recipients": 600}),
    share("only_child_allowance_recipients", PEOPLE, 0.01, 0.02),
    money("only_child_allowance_amount", {"only_child_allowance_recipients": 120}),
    share("pension_insurance_subsidy_recipients", PEOPLE, 0.15, 0.2),
    money("pension_insurance_subsidy_amount", {"pension_insurance_subsidy_recipients": 30}),
    count("one_off_retirement_reward_recipients", 3, 12),
    says("one_off_retirement_reward_standard", 3000),
    money("one_off_retirement_reward_amount", {"one_off_retirement_reward_recipients": 3000}),
    count("medical_insurance_paid_recipients", 30, 80),
    money("medical_insurance_paid_amount", {"medical_insurance_paid_recipients": 280}),
    count("sterilisation_complication_recipients", 0, 4),
    count("special_families_paired", 8, 20),
    count("special_family_members_eligible", 14, 32),
    share("special_family_members_filed", "special_family_members_eligible", 0.95, 1),
    says("contact_person_levels", 2),
    count("closed_enterprise_matching_amount", 20000, 60000),
    count("elderly_care_subsidy_amount", 24000, 48000),
    count("city_reward_amount", 10000, 40000),
    share("incentive_recipients_confirmed[object=reward_policy]", "reward_assistance_recipients", 1, 1),
    share("incentive_recipients_paid[object=reward_policy]", "incentive_recipients_confirmed[object=reward_policy]", 0.99, 1),
    share("incentive_recipients_confirmed[object=all_funds]", PEOPLE, 0.2, 0.24),
    share("incentive_recipients_paid[object=all_funds]", "incentive_recipients_confirmed[object=all_funds]", 0.97, 1),
    money("incentive_amount_due[object=reward_policy]", {"incentive_recipients_confirmed[object=reward_policy]": 960}),
    money("incentive_amount_paid[object=reward_policy]", {"incentive_recipients_paid[object=reward_policy]": 960}),
    count("eligibility_confirmation_errors", 0, 2),
    count("lost_only_child_families_linked", 4, 12),
    count("fp_accident_insured", 120, 400),
    says("insurance_max_payout[cause=illness]", 10000),
    says("insurance_max_payout[cause=death]", 30000),
    count("consolation_visit_households", 10, 40),
    money("consolation_amount", {"consolation_visit_households": 500}),
    # migrants
    share("migrants_should_be_managed", PEOPLE, 0.03, 0.05),
    share("migrants_served", "migrants_should_be_managed", 0.88, 0.99),
    says("migrant_equal_service_target", "90%"),
    # maternal and child health
    share("marriage_registrants", PEOPLE, 0.009, 0.013),
    share("premarital_exam_done", "marriage_registrants", 0.8, 0.97),
    share("premarital_exam_task", "premarital_exam_done", 0.92, 1.06),
    share("premarital_disease_found", "premarital_exam_done", 0.06, 0.12),
    each("two_cancer_screened", "married_women_childbearing_age", 0.09, 0.13),
    share("two_cancer_screening_task", "two_cancer_screened", 0.93, 1.04),
    share("folic_acid_recipients", BORN, 0.8, 1.1),
    share("folic_acid_task", "folic_acid_recipients", 0.95, 1.02),
    share("folic_acid_bottles", "folic_acid_recipients", 3, 6),
    share("preconception_target_couples", BORN, 0.6, 0.8),
    share("preconception_exam_done", "preconception_target_couples", 0.84, 0.98),
    share("preconception_exam_task", "preconception_exam_done", 0.95, 1.05),
    share("preconception_followup_due[stage=early_pregnancy]", "preconception_exam_done", 0.5, 0.6),
    share("preconception_followed_up[stage=early_pregnancy]", "preconception_followup_due[stage=early_pregnancy]", 0.92, 1),
    share("preconception_followup_due[stage=outcome]", "preconception_exam_done", 0.3, 0.4),
    share("preconception_followed_up[stage=outcome]", "preconception_followup_due[stage=outcome]", 0.9, 1),
    share("premarital_preconception_done", "premarital_exam_done", 1.4, 1.8),
    share("premarital_preconception_task", "premarital_preconception_done", 0.95, 1.05),
    says("two_cancer_screening_round", 3),
    share("cervical_cancer_screened", "two_cancer_screened", 0.5, 0.6),
    share("cervical_cancer_screening_task", "cervical_cancer_screened", 0.95, 1.1),
    share("breast_cancer_screened", "two_cancer_screened", 0.45, 0.6),
    share("breast_cancer_screening_task", "breast_cancer_screened", 0.95, 1.1),
    each("live_births", BORN, 1, 1),
    share("women_delivering", "live_births", 0.985, 1),
    each("maternal_systematically_managed", "live_births", 0.88, 0.97),
    share("maternal_any_care", "live_births", 0.97, 1),
    share("maternal_registered", "live_births", 0.95, 1),
    share("maternal_registered_early", "live_births", 0.85, 0.95),
    share("maternal_managed", "live_births", 0.9, 0.98),
    share("maternal_cards_issued", "live_births", 0.95, 1),
    share("maternal_service_visits", "live_births", 5, 7),
    share("antenatal_examined[visits=1+]", "live_births", 0.97, 1),
    share("antenatal_examined[visits=5+]", "antenatal_examined[visits=1+]", 0.88, 0.97),
    share("postnatal_visited[within=28d]", "live_births", 0.9, 0.98),
    share("postnatal_visited[within=7d]", "postnatal_visited[within=28d]", 0.85, 0.95),
    share("newborns_visited", "live_births", 0.9, 0.98),
    share("high_risk_pregnancies", "women_delivering", 0.12, 0.2),
    share("high_risk_pregnancies_managed", "high_risk_pregnancies", 1, 1),
    share("deliveries", "women_delivering", 1, 1),
    share("hospital_deliveries", "deliveries", 0.99, 1),
    share("hospital_live_births", "live_births", 0.99, 1),
    share("caesareans", "deliveries", 0.36, 0.48),
    share("hbig_newborns", "live_births", 0.02, 0.04),
    share("mtct_screened", "women_delivering", 0.96, 1),
    share("down_syndrome_screened", "women_delivering", 0.7, 0.85),
    share("births_entitled_to_certificate", "live_births", 0.97, 1),
    share("birth_certificates_issued", "births_entitled_to_certificate", 0.96, 1),
    says("birth_certificate_violations", 0),
    share("newborn_hearing_screened", "live_births", 0.94, 0.99),
    share("newborn_metabolic_screened", "live_births", 0.96, 1),
    share("newborn_metabolic_tested", "newborn_metabolic_screened", 0.98, 1),
    share("newborn_metabolic_recall_due", "newborn_metabolic_screened", 0.03, 0.06),
    share("newborn_metabolic_recalled", "newborn_metabolic_recall_due", 0.8, 1),
    share("newborn_congenital_screened", "live_births", 0.9, 0.98),
    says("neonatal_tetanus_cases", 0),
    share("child_population[age=0-6]", PEOPLE, 0.065, 0.08),
    share("child_population[age=<3]", "child_population[age=0-6]", 0.38, 0.45),
    share("children_systematically_managed[age=<3]", "child_population[age=<3]", 0.87, 0.96),
    share("children_any_care[age=0-6]", "child_population[age=0-6]", 0.92, 0.98),
    share("children_eye_examined", "child_population[age=0-6]", 0.86, 0.95),
    share("child_cards_issued", "live_births", 0.95, 1),
    share("child_service_visits", "child_population[age=0-6]", 1.8, 2.6),
    share("kindergarten_children_examined", "child_population[age=0-6]", 0.4, 0.5),
    share("kindergarten_children_disease_found", "kindergarten_children_examined", 0.08, 0.16),
    count("kindergarten_staff_examined", 20, 60),
    share("folic_acid_eligible", "folic_acid_recipients", 1, 1.05),
    share("women_preparing_pregnancy", BORN, 0.8, 1),
    share("folic_acid_users", "women_preparing_pregnancy", 0.86, 0.97),
    share("mid_pregnancy_women", BORN, 0.85, 1),
    share("folic_acid_adherent", "mid_pregnancy_women", 0.75, 0.9),
    share("women_35_64", PEOPLE, 0.2, 0.23),
    share("women_35_64_ever_screened", "women_35_64", 0.45, 0.65),
    count("cervical_lesions_found", 2, 8),
    share("cervical_lesions_early", "cervical_lesions_found", 0.8, 1),
    says("maternal_deaths", 0),
    count("neonatal_deaths", 0, 1),
    share("infant_deaths", "neonatal_deaths", 1, 1),
    count("under5_deaths", 1, 2),
    # health assistance and the population fund
    count("population_fund_aid_recipients[item=chronic_disease]", 6, 18),
    says("population_fund_aid_standard[item=chronic_disease]", 500),
    count("population_fund_aid_recipients[item=poverty_visit]", 10, 24),
    says("population_fund_aid_standard[item=poverty_visit]", 400),
    count("population_fund_aid_recipients[item=student]", 2, 6),
    says("population_fund_aid_standard[item=student]", 2000),
    money("population_fund_used[item=chronic_disease]", {"population_fund_aid_recipients[item=chronic_disease]": 500}),
    money("population_fund_used[item=poverty_visit]", {"population_fund_aid_recipients[item=poverty_visit]": 400}),
    money("population_fund_used[item=student]", {"population_fund_aid_recipients[item=student]": 2000}),
    count("population_fund_raised", 26000, 60000),
    share("medical_aid_persontimes[setting=outpatient]", PEOPLE, 0.01, 0.02),
    share("medical_aid_persontimes[setting=inpatient]", PEOPLE, 0.004, 0.008),
    money("medical_aid_amount[setting=outpatient]", {"medical_aid_persontimes[setting=outpatient]": 260}),
    money("medical_aid_amount[setting=inpatient]", {"medical_aid_persontimes[setting=inpatient]": 2400}),
    each("resident_insurance_eligible", PEOPLE, 0.92, 0.97),
    each("resident_insurance_enrolled", "resident_insurance_eligible", 0.95, 0.99),
    # elderly
    says("elderly_support_age_band", "60岁以上"),
    each("elderly_population", PEOPLE, 0.18, 0.24),
    each("yinling_insured", "elderly_population", 0.48, 0.7),
    share("yinling_task", "yinling_insured", 0.9, 1.1),
    says("yinling_target_rate", "60%"),
    says("yinling_age_band", "60-80岁"),
    says("yinling_premium_standard", 40),
    # basic public health
    says("basic_public_health_service_categories", 12),
    each("health_records", RESIDENTS, 0.88, 0.96),
    each("health_records_standardised", "health_records", 0.82, 0.95),
    each("health_records_used", "health_records", 0.5, 0.68),
    says("elderly_age_band", "65岁及以上"),
    each("elderly_residents_65", RESIDENTS, 0.12, 0.16),
    each("elderly_managed", "elderly_residents_65", 0.66, 0.8),
    each("elderly_tcm_managed", "elderly_residents_65", 0.6, 0.75),
    share("children_0_36m_should_be_managed", "child_population[age=<3]", 0.96, 1),
    share("children_tcm_managed", "children_0_36m_should_be_managed", 0.66, 0.82),
    each("children_0_6_should_be_managed", RESIDENTS, 0.07, 0.08),
    each("children_0_6_managed", "children_0_6_should_be_managed", 0.88, 0.97),
    each("residents_15_plus", RESIDENTS, 0.82, 0.86),
    each("residents_18_plus", "residents_15_plus", 0.95, 0.97),
    says("hypertension_prevalence", "25.2%"),
    each("hypertension_registered", "residents_18_plus", 0.11, 0.16),
    each("hypertension_managed", "hypertension_registered", 0.64, 0.8),
    each("hypertension_controlled", "hypertension_registered", 0.5, 0.66),
    says("diabetes_prevalence", "9.7%"),
    each("diabetes_registered", "residents_18_plus", 0.035, 0.055),
    each("diabetes_managed", "diabetes_registered", 0.62, 0.78),
    each("diabetes_controlled", "diabetes_registered", 0.45, 0.6),
    count("copd_managed", 40, 160),
    says("severe_mental_prevalence", "0.5%"),
    share("severe_mental_on_register", RESIDENTS, 0.0033, 0.0039),
    share("severe_mental_managed", "severe_mental_on_register", 0.86, 0.96),
    share("severe_mental_stable", "severe_mental_on_register", 0.84, 0.94),
    each("key_population_residents", RESIDENTS, 0.3, 0.36),
    each("family_doctor_signed", RESIDENTS, 0.32, 0.44),
    share("family_doctor_signed[group=key_population]", "key_population_residents", 0.62, 0.76),
    share("family_doctor_signed[type=paid]", RESIDENTS, 0.05, 0.1),
    share("family_doctor_signed[disease=hypertension;type=paid]", "hypertension_registered", 0.3, 0.4),
    share("family_doctor_signed[disease=diabetes;type=paid]", "diabetes_registered", 0.3, 0.4),
    share("family_doctor_renewed", "family_doctor_signed", 0.7, 0.85),
    share("family_doctor_items_due", "family_doctor_signed", 2.5, 3.5),
    share("family_doctor_items_done", "family_doctor_items_due", 0.85, 0.96),
    count("family_doctor_teams", 4, 9),
    share("family_doctor_packages_signed", "family_doctor_signed", 0.2, 0.3),
    # immunisation
    each("vaccination_due[vaccine=national_programme]", RESIDENTS, 0.07, 0.09),
    each("vaccinated[vaccine=national_programme]", "vaccination_due[vaccine=national_programme]", 0.95, 0.99),
    *(
        made
        for vaccine, low in (
            ("hepb_birth_dose", 0.95),
            ("bcg", 0.98),
            ("hepb", 0.97),
            ("polio", 0.97),
            ("dtp", 0.96),
            ("mcv", 0.97),
            ("je", 0.95),
            ("men_a", 0.95),
            ("hepa", 0.95),
        )
        for made in (
            share(f"vaccination_due[vaccine={vaccine}]", BORN, 0.95, 1.1),
            share(f"vaccinated[vaccine={vaccine}]", f"vaccination_due[vaccine={vaccine}]", low, 1),
        )
    ),
    share("vaccine_doses[scope=immunisation_programme]", "child_population[age=0-6]", 1.6, 2.2),
    share("vaccine_doses[scope=all]", "vaccine_doses[scope=immunisation_programme]", 1.2, 1.6),
    share("vaccine_doses_task", "vaccine_doses[scope=immunisation_programme]", 0.95, 1.08),
    each("vaccination_cards_due", "live_births", 1, 1),
    each("vaccination_cards", "vaccination_cards_due", 0.98, 1),
    count("adverse_events_following_immunisation", 1, 6),
    # disease control
    count("livestock_stock[animal=cattle]", 0, 60, per_village=True),
    each("livestock_penned[animal=cattle]", "livestock_stock[animal=cattle]", 0.9, 1),
    count("livestock_stock[animal=sheep]", 0, 90, per_village=True),
    each("livestock_penned[animal=sheep]", "livestock_stock[animal=sheep]", 0.85, 1),
    count("tb_reported[outcome=excluded]", 2, 8),
    count("tb_reported[outcome=managed]", 4, 14),
    count("tb_reported[outcome=not_in_treatment]", 0, 2),
    share("tb_patients_notified", "tb_reported[outcome=managed]", 1, 1),
    share("tb_patients_managed", "tb_patients_notified", 1, 1),
    share("tb_treatment_completed", "tb_patients_managed", 0.7, 0.9),
    share("tb_adherent", "tb_treatment_completed", 0.9, 1),
    count("hiv_living_cases", 1, 6),
    count("hiv_new_cases", 0, 2),
    says("hiv_deaths", 0),
    share("hiv_screened", RESIDENTS, 0.08, 0.16),
    share("hiv_tests", "hiv_screened", 1, 1.1),
    share("echinococcosis_screening_due", RESIDENTS, 0.04, 0.06),
    share("echinococcosis_ultrasound", "echinococcosis_screening_due", 0.86, 0.98),
    count("echinococcosis_cases_found", 0, 2),
    count("dog_faeces_samples[result=positive]", 0, 4),
    count("dog_faeces_samples[result=negative]", 60, 120),
    count("infectious_disease_reports", 40, 120),
    share("infectious_disease_reports_on_time", "infectious_disease_reports", 0.97, 1),
    share("infectious_disease_reviews_on_time", "infectious_disease_reports", 0.98, 1),
    count("infectious_disease_underreports", 0, 2),
    share("infectious_disease_cases_registered", "infectious_disease_reports", 1, 1),
    share("infectious_disease_cases_reported", "infectious_disease_cases_registered", 0.98, 1),
    count("health_emergencies", 0, 2),
    share("health_emergencies_reported_on_time", "health_emergencies", 1, 1),
    # epidemic response
    says("cold_chain_findings", "未发现"),
    *(
        count(f"epidemic_stock[item={item};unit={unit}]", low, high, unit=word)
        for item, unit, low, high, word in (
            ("disposable_medical_mask", "piece", 8000, 20000, "只"),
            ("latex_glove", "piece", 400, 900, "只"),
            ("isolation_gown", "piece", 20, 80, "件"),
            ("protective_suit", "piece", 20, 80, "件"),
            ("n95_mask", "piece", 100, 400, "只"),
            ("hand_sanitiser", "bottle", 30, 90, "瓶"),
            ("infrared_thermometer", "piece", 10, 30, "把"),
            ("glass_thermometer", "piece", 80, 160, "支"),
            ("alcohol_75", "carton", 3, 12, "箱"),
            ("disinfectant_84", "carton", 3, 12, "箱"),
        )
    ),
    says("pack_size[item=alcohol_75]", 500),
    says("epidemic_stock_days", 30),
    count("epidemic_purchase_amount[status=received]", 40000, 90000),
    count("epidemic_purchase_amount[status=in_transit]", 5000, 20000),
    count("epidemic_purchase_amount[status=applied]", 5000, 30000),
    *(
        count(ref, low, high, since=2020)
        for ref, low, high in (
            ("epidemic_cases[status=confirmed]", 0, 1),
            ("epidemic_cases[status=suspected]", 0, 2),
            ("epidemic_checkpoints", 6, 16),
            ("epidemic_vehicles_checked", 8000, 20000),
            ("epidemic_travellers_checked", 18000, 50000),
            ("epidemiological_investigations", 60, 200),
            ("quarantine_persons[type=centralised]", 4, 20),
            ("quarantine_persons[type=home]", 60, 240),
            ("quarantine_hotels", 1, 1),
            ("quarantine_staff", 4, 9),
            ("quarantine_hours", 900, 2000),
            ("nucleic_acid_tests[group=cold_chain]", 40, 160),
            ("nucleic_acid_tests[group=medical_staff]", 200, 600),
            ("nucleic_acid_positives[group=cold_chain]", 0, 0),
            ("nucleic_acid_positives[group=medical_staff]", 0, 0),
            ("mass_testing_rounds", 0, 1),
            ("medical_staff_dispatched", 4, 16),
            ("epidemic_task_forces[type=three_groups]", 1, 1),
            ("covid_vaccinations", 60, 200),
        )
    ),
    says("epidemic_outbreak_label", "未发生"),
    count("epidemic_drills", 2, 5),
    # occupational health
    count("occupational_hazard_enterprises_required", 8, 24),
    share("occupational_hazard_declared_enterprises", "occupational_hazard_enterprises_required", 0.85, 1),
    count("occupational_correction_orders", 1, 4),
    count("occupational_training_enterprises", 6, 12),
    count("occupational_monitoring_enterprises", 4, 10),
    count("occupational_health_tasks", 5, 9),
    share("occupational_hazard_testing_due", "occupational_hazard_enterprises_required", 0.7, 0.9),
    share("occupational_hazard_testing_done", "occupational_hazard_testing_due", 0.8, 1),
    count("occupational_exam_due", 180, 420),
    share("occupational_exam_done", "occupational_exam_due", 0.88, 0.98),
    share("occupational_training_due", "occupational_exam_due", 1, 1.1),
    share("occupational_training_done", "occupational_training_due", 0.85, 0.97),
    share("occupational_monitoring_employers_due", "occupational_hazard_enterprises_required", 0.8, 1),
    share("occupational_monitoring_employers_done", "occupational_monitoring_employers_due", 0.85, 1),
    count("occupational_disease_cases", 0, 1),
    # health supervision
    *(
        made
        for kind, low, high in (("public_place", 18, 40), ("school", 4, 10), ("medical", 14, 30), ("drinking_water", 3, 8))
        for made in (
            count(f"supervised_units[type={kind}]", low, high),
            share(f"supervision_inspected[type={kind}]", f"supervised_units[type={kind}]", 0.88, 1),
        )
    ),
    count("supervision_drawn[type=double_random]", 10, 22),
    share("supervision_inspected[type=double_random]", "supervision_drawn[type=double_random]", 0.95, 1),
    count("supervision_visits", 120, 260),
    share("supervision_visits_passed", "supervision_visits", 0.9, 0.98),
    count("water_samples", 20, 48),
    share("water_samples_passed", "water_samples", 0.85, 1),
    count("illegal_practice_cases[type=unlicensed_practice]", 0, 2),
    count("illegal_practice_cases[type=unqualified_staff]", 0, 1),
    count("admin_penalty_cases[type=unlicensed_practice]", 0, 2),
    count("admin_penalty_cases[type=public_place]", 1, 4),
    money("admin_penalty_fines[type=unlicensed_practice]", {"admin_penalty_cases[type=unlicensed_practice]": 5000}),
    money("admin_penalty_fines[type=public_place]", {"admin_penalty_cases[type=public_place]": 1000}),
    money("illegal_gains_confiscated", {"admin_penalty_cases[type=unlicensed_practice]": 1200}),
    says("cases_transferred", 0),
    says("supervision_frequency[target=underreporting_survey]", "每季度一次"),
    count("medical_waste_transports", 90, 160),
    count("medical_waste_kg", 2400, 6000),
    count("supervision_events_found", 6, 18),
    share("supervision_events_reported", "supervision_events_found", 0.95, 1),
    each("patrol_units", RESIDENTS, 0.002, 0.004),
    each("patrol_units_twice", "patrol_units", 0.85, 1),
    # blood donation
    count("blood_donation_sessions", 2, 4),
    share("blood_donors", RESIDENTS, 0.006, 0.011),
    share("blood_volume_ml", "blood_donors", 320, 360),
    share("blood_donation_task", "blood_donors", 0.9, 1.08),
    # patriotic health campaign
    share("disinfestation_villages", "villages", 0.9, 1),
    count("environment_campaigns", 8, 20),
    each("households_total", PEOPLE, 0.27, 0.32),
    each("households_with_sanitary_toilet", "households_total", 0.8, 0.93),
    # health education
    count("health_lectures", 12, 26),
    count("health_consultations", 9, 18),
    count("media_articles[level=national]", 0, 2),
    count("media_articles[level=province]", 2, 9),
    count("media_articles[level=city]", 6, 20),
    count("media_articles[level=county]", 12, 40),
    count("health_promo_items_distributed", 800, 2400, bound="约{}"),
    count("health_leaflets_distributed", 3000, 9000, bound="{}余"),
    count("health_promo_investment", 12000, 36000),
    count("slogans_painted", 10, 40),
    each("health_education_reach", RESIDENTS, 0.2, 0.4),
    count("wechat_issues", 12, 26),
    count("display_boards[topic=health_education]", 8, 24),
    count("display_boards[topic=safety]", 2, 8),
    count("youth_education_schools", 1, 4),
    count("youth_education_reach", 200, 900),
    # medical services
    count("free_clinic_beneficiaries", 300, 900, bound="近{}"),
    share("outpatient_visits", RESIDENTS, 2.2, 3.4),
    share("inpatient_admissions", RESIDENTS, 0.05, 0.09),
    count("surgeries", 20, 80),
    count("hospital_revenue", 4200000, 9600000),
    count("medical_institutions_registered", 0, 2),
    count("medical_institutions_deregistered", 0, 1),
    count("free_cataract_surgeries", 6, 20),
    count("staff_recruited", 1, 6),
    count("recruiting_hospitals", 1, 1),
    # infrastructure
    share("village_clinics", "villages", 1, 1),
    share("village_clinics_standardised", "village_clinics", 0.7, 1),
    count("project_funding_secured[source=central]", 600000, 1200000),
    count("project_funding_secured[source=provincial]", 200000, 500000),
    share("project_funding_received[source=central]", "project_funding_secured[source=central]", 0.7, 1),
    share("project_funding_received[source=provincial]", "project_funding_secured[source=provincial]", 0.6, 1),
    says("project_phase[project=medical_service_centre]", "一期"),
    says("project_land_area[project=medical_service_centre;unit=mu]", 6),
    says("project_floor_area[project=medical_service_centre;unit=m2]", 2400),
    says("project_investment[project=medical_service_centre]", 6800000),
    says("project_progress_floors[project=medical_service_centre]", 3),
    says("planned_new_facilities", 1),
    # childcare
    says("childcare_age_band", "3岁以下"),
    count("childcare_institutions", 1, 3),
    share("childcare_places", RESIDENTS, 0.001, 0.002),
    share("childcare_enrolled", "childcare_places", 0.5, 0.8),
    count("childcare_survey_respondents", 120, 320),
    count("childcare_departments", 4, 8),
    count("childcare_event_parents", 60, 180),
    # party building
    says("party_day_frequency", "每月一次"),
    says("party_day_events", 12),
    says("party_democratic_life_meetings", 1),
    count("party_members_developed[stage=full]", 0, 2),
    count("party_members_developed[stage=probationary]", 0, 2),
    count("party_members_developed[stage=activist]", 1, 4),
    count("party_members_elearning", 18, 36),
    share("party_elearning_users", "party_members_elearning", 0.95, 1),
    money("party_dues", {"party_members_elearning": 240}),
    count("party_integrity_talks[type=admonitory]", 2, 6),
    count("party_integrity_talks[type=collective]", 1, 3),
    share("party_integrity_talk_persons[type=admonitory]", "party_integrity_talks[type=admonitory]", 1, 1),
    count("party_integrity_talk_persons[type=collective]", 10, 24),
    count("party_discipline_lectures", 1, 4),
    count("party_integrity_classes", 1, 4),
    count("party_premeeting_study_sessions", 6, 12),
    says("voluntary_disclosures", 0),
    count("special_inspections", 1, 3),
    count("industry_problems_found", 0, 2),
    # safety
    says("safety_incidents", 0),
    says("safety_self_inspection_frequency[by=unit]", "每月一次"),
    says("safety_self_inspection_frequency[by=district]", "每季度一次"),
    share("safety_institutions_inspected", "village_clinics", 1, 1),
    count("safety_inspection_staff", 30, 80),
    count("safety_meetings", 4, 8),
    count("safety_hazards_found", 8, 26),
    share("safety_hazards_corrected", "safety_hazards_found", 0.9, 1),
    # assessment
    says("bonus_points[item=1]", 0.5),
    says("penalty_points[item=1]", 0.2),
)

OUTLYING = (
    "health_records",
    "elderly_managed",
    "hypertension_managed",
    "vaccinated[vaccine=national_programme]",
    "resident_insurance_enrolled",
    "households_with_sanitary_toilet",
)
"""Figures in which one village of a town may fall far behind."""

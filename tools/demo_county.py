"""Write a demonstration county: a complete nianbao project whose towns, villages and figures are all invented.

Every report built from it says on every page that its data are synthetic.  The same seed gives the same bytes.
Run: ``.venv/bin/python tools/demo_county.py DIR [--towns 12] [--years 2018 2019 2020] [--seed 1]``.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demo_figures import FIGURES, OUTLYING, Figure
from nianbao.catalogue import load_catalogue, load_township
from nianbao.formulas import parse_dims
from nianbao.intake import return_path
from nianbao.returnform import ReturnRow, write_return

ROOT = Path(__file__).resolve().parents[1]
TOWNS = (
    ("qingshi", "青石镇", "Qingshi Town"),
    ("yunxi", "云溪镇", "Yunxi Town"),
    ("bailu", "白鹭镇", "Bailu Town"),
    ("liuwan", "柳湾镇", "Liuwan Town"),
    ("songgang", "松岗镇", "Songgang Town"),
    ("lanquan", "兰泉镇", "Lanquan Town"),
    ("danfeng", "丹枫镇", "Danfeng Town"),
    ("changpi", "长陂镇", "Changpi Town"),
    ("hetang", "荷塘镇", "Hetang Town"),
    ("zhuwu", "竹坞镇", "Zhuwu Town"),
    ("xinghu", "星湖镇", "Xinghu Town"),
    ("yingxia", "映霞镇", "Yingxia Town"),
)
FIRST = {
    "东": "Dong",
    "西": "Xi",
    "南": "Nan",
    "北": "Bei",
    "新": "Xin",
    "金": "Jin",
    "银": "Yin",
    "红": "Hong",
    "紫": "Zi",
    "双": "Shuang",
    "福": "Fu",
    "和": "He",
    "安": "An",
    "永": "Yong",
    "梅": "Mei",
    "杏": "Xing",
    "槐": "Huai",
    "茶": "Cha",
}
SECOND = {
    "岭": "ling",
    "坪": "ping",
    "垄": "long",
    "冲": "chong",
    "坝": "ba",
    "畈": "fan",
    "渡": "du",
    "桥": "qiao",
    "井": "jing",
    "田": "tian",
    "坡": "po",
    "洲": "zhou",
    "墩": "dun",
    "港": "gang",
    "垸": "yuan",
    "屋": "wu",
    "寨": "zhai",
    "湾": "wan",
}
"""Two characters make a village's name; all names are equally long, so none stands inside another."""
MISSING = "health_education_reach"
"""One village of every town leaves this cell empty; the town reports the total itself."""
UNKNOWN = "livestock_stock[animal=sheep]"
"""One village of every third town leaves this cell empty, and nobody reports the total."""
SCHEME = """\
zh: 示范县{year}年卫生健康工作目标考核
en: Demonstration county, health work targets {year}
source: 示卫发〔{year}〕1号（虚构）
items:
  - id: records
    zh: 居民健康档案
    en: health records
    of: health_record_rate
    points: 20
    rule: {{kind: linear, target: 95}}
  - id: elderly
    zh: 老年人健康管理
    en: health management of the elderly
    of: elderly_management_rate
    points: 20
    rule: {{kind: step, target: 78, step: 2, deduct: 1, flat: 2}}
  - id: vaccines
    zh: 国家免疫规划疫苗接种
    en: national programme vaccines
    of: immunisation_rate[vaccine=national_programme]
    points: 20
    rule: {{kind: gate, minimum: 95}}
  - id: pressure
    zh: 血压控制
    en: blood pressure control
    of: hypertension_control_rate
    points: 20
    rule:
      kind: bands
      bands:
        - {{at_least: 60, points: 20}}
        - {{at_least: 50, below: 60, points: 15}}
        - {{below: 50, points: 8}}
  - id: reporting
    zh: 传染病漏报
    en: diseases not reported
    of: infectious_disease_underreports
    points: 20
    rule: {{kind: per_case, deduct: 5}}
bonuses:
  - {{unit: {bonus}, zh: 县级卫生镇, en: county healthy town, points: 1, document: 示爱卫〔{year}〕2号（虚构）, date: {year}-10-15}}
"""
TOWNSHIP = """\
# {zh}: an invented town of an invented county; its figures come from a seeded generator.
zh: {zh}
en: {en}
level: town
parent_zh: 示范市示范县
parent_en: Demonstration County
office_zh: {zh}卫生健康办公室
office_en: {en} Health Office
synthetic: true
money: {money}
rounding: {rounding}
villages:
{villages}
years:
{years}"""
COUNTY_KEY = "shifan"
COUNTY = """\
# 示范县: the invented county of the towns; its figures are the sum of theirs.
zh: 示范县
en: Demonstration County
level: county
parent_zh: 示范市
parent_en: Demonstration City
office_zh: 示范县卫生健康委员会
office_en: Demonstration County Health Commission
synthetic: true
members: [{members}]
# The county's reports go to the city as formal letters.
report:
  shell: report
  recipient_zh: 示范市卫生健康委员会
  recipient_en: Demonstration City Health Commission
  letterhead_zh: 示范县卫生健康委员会文件
  letterhead_en: Demonstration County Health Commission
years:
{years}"""
COUNTY_YEAR = """\
  {year}:
    report: {{date: {year}-12-31, number: 示卫〔{year}〕86号, number_en: "Demonstration County Health Commission ({year}) No. 86"}}
    ranking: [hypertension_control_rate, diabetes_control_rate]
    targets:
      health_record_rate: {{value: 90, setter: responsibility, set_by_zh: 市级目标管理责任书, set_by_en: responsibility letter of the city}}
      elderly_management_rate: {{value: 72, setter: responsibility, set_by_zh: 市级目标管理责任书, set_by_en: responsibility letter of the city}}
      two_cancer_screening_completion_rate: {{value: 100, setter: task, set_by_zh: 市级下达的年度任务, set_by_en: task of the year set by the city, deadline: {year}-12-31}}
"""
YEAR = """\
  {year}:
    report: {{date: {year}-12-31}}
{scheme}    targets:
      health_record_rate: {{value: 90, setter: responsibility, set_by_zh: 年度目标管理责任书, set_by_en: responsibility letter of the year}}
      elderly_management_rate: {{value: 72, setter: responsibility, set_by_zh: 年度目标管理责任书, set_by_en: responsibility letter of the year}}
      hypertension_management_rate: {{value: 70, setter: responsibility, set_by_zh: 年度目标管理责任书, set_by_en: responsibility letter of the year}}
      two_cancer_screening_completion_rate: {{value: 100, setter: task, set_by_zh: 县级下达的年度任务, set_by_en: task of the year set by the county, deadline: {year}-12-31}}
      premarital_exam_completion_rate: {{value: 100, setter: task, set_by_zh: 县级下达的年度任务, set_by_en: task of the year set by the county, deadline: {year}-11-30}}
      sanitary_toilet_rate: {{value: 85, setter: reference, set_by_zh: 参考值, set_by_en: reference value}}
"""
TEXT = """\
## overview

本报告由演示数据生成，镇、村和数字均为虚构，用于说明年报的样式。

## population

本年度出生{{ births }}人，其中一孩{{ births[parity=1] }}人。村级出生人数少，逐年波动大，不宜据此排名。

## problems

### 档案使用不足

居民健康档案使用率为{{ health_record_use_rate }}，部分村建档后更新不及时。

### 群众参与不够

健康教育活动集中在集镇，偏远村参加人数少。

## plans

### 抓实档案更新

随访和门诊当日更新档案，每季度抽查。

### 送教到村

每个村每年至少举办一次健康讲座。
"""
BIRTH_YEARS = 3
"""Years before the report's whose births by sex stand in the return, for the ratio over four years."""


@dataclass(frozen=True)
class Town:
    """An invented town: its file's key, names, villages (key, Chinese, English) and people of each village."""

    key: str
    zh: str
    en: str
    villages: tuple[tuple[str, str, str], ...]
    people: tuple[int, ...]


@dataclass
class Drawn:
    """What a year's figures came out as: by village, and for the town; figures not drawn by village have the town's only."""

    villages: dict[str, list[int]] = field(default_factory=dict)
    town: dict[str, int] = field(default_factory=dict)

    def put(self, ref: str, values: Sequence[int]) -> None:
        """Keep a figure drawn for each village."""
        self.villages[ref], self.town[ref] = list(values), sum(values)


def towns_of(number: int, seed: int) -> list[Town]:
    """Return the first ``number`` towns; their villages do not depend on how many towns there are."""
    names = [(a + b + "村", f"{one}{two} Village") for a, one in FIRST.items() for b, two in SECOND.items()]
    random.Random(f"{seed} villages").shuffle(names)
    made = []
    for key, zh, en in TOWNS[:number]:
        dice = random.Random(f"{seed} {key}")
        size = dice.randint(8, 20)
        villages = tuple((str(place), *names.pop()) for place in range(1, size + 1))
        for _ in range(20 - size):
            names.pop()
        weights = [dice.uniform(0.5, 1.7) for _ in villages]
        people = dice.randint(8_000, 30_000)
        made.append(Town(key, zh, en, villages, tuple(round(people * weight / sum(weights)) for weight in weights)))
    return made


def part(dice: random.Random, whole: int, chance: float) -> int:
    """Return how many of ``whole`` a chance draws; above 1 the share is taken as it is."""
    if chance >= 1 or whole == 0:
        return round(whole * chance)
    if whole <= 200:
        return sum(dice.random() < chance for _ in range(whole))
    return max(0, min(whole, round(dice.gauss(whole * chance, (whole * chance * (1 - chance)) ** 0.5))))


class Generator:
    """Draws a town's figures year by year; what lies behind them (rates, outlying villages) stays the same over the years."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town = town
        self.dice = random.Random(f"{seed} {town.key} figures")
        self.rates = {figure.ref: self.dice.uniform(figure.low, figure.high) for figure in FIGURES}
        self.offsets = {
            figure.ref: [self.dice.gauss(0, 0.06) * (figure.high - figure.low) for _ in town.villages] for figure in FIGURES
        }
        for ref in self.dice.sample(OUTLYING, 3):
            self.offsets[ref][self.dice.randrange(len(town.villages))] = -self.dice.uniform(0.14, 0.22)
        self.births: dict[int, list[dict[tuple[str, str], int]]] = {}

    def born(self, year: int, first: int) -> list[dict[tuple[str, str], int]]:
        """Return each village's births by parity and sex in a statistical year."""
        if year not in self.births:
            dice = self.dice
            rate = 0.0115 * 0.93 ** (year - first)
            self.births[year] = []
            for people in self.town.people:
                village = {(parity, sex): 0 for parity in ("1", "2", "3+") for sex in ("male", "female")}
                for _ in range(part(dice, people, rate)):
                    parity = dice.choices(("1", "2", "3+"), weights=(46, 43, 11))[0]
                    village[parity, "male" if dice.random() < 0.522 else "female"] += 1
                self.births[year].append(village)
        return self.births[year]

    def year(self, year: int, first: int) -> Drawn:
        """Return every figure of a year."""
        drawn = Drawn()
        drawn.put("villages", [1] * len(self.town.villages))
        drift = 0.996 ** (year - first)
        drawn.put("population_total", [round(people * drift) for people in self.town.people])
        drawn.put("births", [sum(village.values()) for village in self.born(year, first)])
        for figure in FIGURES:
            self.draw(figure, drawn)
        before = sum(round(people * 0.996 ** (year - 1 - first)) for people in self.town.people)
        grown = drawn.town["births"] - drawn.town["deaths"] + drawn.town["population_moved_in"]
        drawn.town["population_moved_out"] = before + grown - drawn.town["population_total"]
        return drawn

    def draw(self, figure: Figure, drawn: Drawn) -> None:
        """Draw one figure after those it is a share of."""
        if figure.value is not None:
            return
        if figure.paid:
            drawn.town[figure.ref] = sum(drawn.town[heads] * standard for heads, standard in figure.paid.items())
            return
        dice, span = self.dice, figure.high - figure.low
        rate = self.rates[figure.ref] + dice.uniform(-0.12, 0.12) * span
        rate = min(max(rate, figure.low), figure.high)
        if not figure.of:
            if figure.per_village:
                drawn.put(figure.ref, [round(dice.uniform(figure.low, figure.high)) for _ in self.town.villages])
            else:
                drawn.town[figure.ref] = hundreds(rate) if rate >= 1000 or figure.bound else round(rate)
        elif figure.per_village:
            wholes = drawn.villages[figure.of]
            steady = figure.low == figure.high
            chances = [rate if steady else min(max(rate + offset, 0.0), 1.0) for offset in self.offsets[figure.ref]]
            drawn.put(figure.ref, [part(dice, whole, chance) for whole, chance in zip(wholes, chances, strict=True)])
        else:
            drawn.town[figure.ref] = round(drawn.town[figure.of] * rate)


def hundreds(number: float) -> int:
    """Return a large round number, as offices count what they do not count one by one."""
    return round(number / 100) * 100


def cells(ref: str) -> tuple[str, str]:
    """Return entry and dimension code of a reference."""
    found = re.match(r"^([a-z0-9_]+)(?:\[(.*)\])?$", ref)
    assert found, ref
    return found[1], found[2] or ""


def birth_rows(generator: Generator, year: int, first: int) -> list[ReturnRow]:
    """Return births by parity and village, by parity and sex, and by sex of the years before."""
    rows = []
    now = generator.born(year, first)
    for (key, _, _), village in zip(generator.town.villages, now, strict=True):
        for parity in ("1", "2", "3+"):
            count = village[parity, "male"] + village[parity, "female"]
            rows.append(ReturnRow("births", parse_dims(f"parity={parity};village={key}"), count))
    for back in range(BIRTH_YEARS + 1):
        villages = generator.born(year - back, first)
        for parity in ("1", "2", "3+"):
            for sex in ("male", "female"):
                total = sum(village[parity, sex] for village in villages)
                period = f"{year - back}统计年度" if back else ""
                rows.append(ReturnRow("births", parse_dims(f"parity={parity};sex={sex}"), total, period))
    weights = ((f"{year - 3}-{year - 1}", "40%"), (str(year), "60%"))
    rows += [ReturnRow("sex_ratio_weight", parse_dims(f"years={years}"), weight) for years, weight in weights]
    return rows


def figure_rows(town: Town, figure: Figure, drawn: Drawn, *, gaps: Mapping[str, str]) -> list[ReturnRow]:
    """Return the rows of one figure; ``gaps`` names the village that left its cell empty."""
    entry, code = cells(figure.ref)
    dims = parse_dims(code)
    if figure.value is not None:
        return [ReturnRow(entry, dims, figure.value)]
    if not figure.per_village:
        value: object = drawn.town[figure.ref]
        return [ReturnRow(entry, dims, figure.bound.format(value) if figure.bound else value, unit_word=figure.unit)]
    rows = []
    for (key, _, _), number in zip(town.villages, drawn.villages[figure.ref], strict=True):
        blank = gaps.get(figure.ref) == key
        note = "村未报" if blank else ""
        rows.append(ReturnRow(entry, parse_dims(f"{code};village={key}"), None if blank else number, note=note))
    if figure.ref == MISSING:
        rows.append(ReturnRow(entry, dims, drawn.town[figure.ref], kind="合计", note="镇报合计，含未分村填报的人次"))
    return rows


def rows_of(generator: Generator, year: int, first: int, place: int) -> list[ReturnRow]:
    """Return the return of a year."""
    town = generator.town
    drawn = generator.year(year, first)
    gaps = {MISSING: town.villages[(place + year) % len(town.villages)][0]}
    if place % 3 == 1:
        gaps[UNKNOWN] = town.villages[year % len(town.villages)][0]
    rows = [
        ReturnRow("population_total", parse_dims(f"village={key}"), number)
        for (key, _, _), number in zip(town.villages, drawn.villages["population_total"], strict=True)
    ]
    rows.append(ReturnRow("villages", (), len(town.villages)))
    rows += birth_rows(generator, year, first)
    for figure in FIGURES:
        if year >= figure.since:
            rows += figure_rows(town, figure, drawn, gaps=gaps)
    return rows


def township_file(town: Town, place: int, years: Sequence[int]) -> str:
    """Return the params file of a town."""
    villages = "\n".join(f'  - {{key: "{key}", zh: {zh}, en: {en}}}' for key, zh, en in town.villages)
    last = max(years)
    spans = "".join(YEAR.format(year=year, scheme=f"    scheme: demo-{last}\n" if year == last else "") for year in years)
    return TOWNSHIP.format(
        zh=town.zh,
        en=town.en,
        villages=villages,
        years=spans,
        money="wan" if place % 4 == 3 else "yuan",
        rounding="gbt8170" if place % 6 == 5 else "half_up",
    )


def write_county(folder: Path, *, towns: int = 12, years: Sequence[int] = (2018, 2019, 2020), seed: int = 1) -> None:
    """Write the project into ``folder``: params, notebooks, the lock file, and a return a town and year.

    Raises:
        FileExistsError: ``folder`` holds a project already.
        ValueError: more towns than have a name, or none, or no year.
    """
    if not 1 <= towns <= len(TOWNS) or not years:
        raise ValueError(f"1 to {len(TOWNS)} towns and at least one year are possible; {towns} towns, {len(years)} years asked")
    shutil.copytree(ROOT / "params" / "catalogue", folder / "params" / "catalogue")
    shutil.copy(ROOT / "params" / "report.yml", folder / "params" / "report.yml")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(ROOT / "requirements.lock", folder / "requirements.lock")
    for name in ("townships", "schemes"):
        (folder / "params" / name).mkdir()
    last = max(years)
    ordered = sorted(years)
    made = towns_of(towns, seed)
    scheme = folder / "params" / "schemes" / f"demo-{last}.yml"
    scheme.write_text(SCHEME.format(year=last, bonus=made[0].key), encoding="utf-8")
    county = folder / "params" / "townships" / f"{COUNTY_KEY}.yml"
    county.write_text(county_file(made, ordered), encoding="utf-8")
    for place, town in enumerate(made):
        path = folder / "params" / "townships" / f"{town.key}.yml"
        path.write_text(township_file(town, place, ordered), encoding="utf-8")
        township = load_township(folder, town.key)
        catalogue = load_catalogue(folder, township=township)
        generator = Generator(town, seed)
        for year in ordered:
            rows = rows_of(generator, year, ordered[0], place)
            target = return_path(folder, town.key, year)
            write_return(target, township=township, year=year, catalogue=catalogue, rows=rows)
        if place == 0:
            return_path(folder, town.key, last).with_suffix(".md").write_text(TEXT, encoding="utf-8")


def county_file(towns: Sequence[Town], years: Sequence[int]) -> str:
    """Return the params file of the county."""
    members = ", ".join(town.key for town in towns)
    return COUNTY.format(members=members, years="".join(COUNTY_YEAR.format(year=year) for year in years))


def main() -> None:
    """Write the county the command line asks for."""
    parser = argparse.ArgumentParser(description="Write an invented county as a nianbao project.")
    parser.add_argument("folder", type=Path, help="a folder that does not hold a project yet")
    parser.add_argument("--towns", type=int, default=12, help=f"how many towns, at most {len(TOWNS)}")
    parser.add_argument("--years", type=int, nargs="+", default=[2018, 2019, 2020], help="years of the returns")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes")
    asked = parser.parse_args()
    write_county(asked.folder, towns=asked.towns, years=asked.years, seed=asked.seed)


if __name__ == "__main__":
    main()

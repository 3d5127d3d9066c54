"""The annex says what the documents say: every fact of facts.csv stands in it with the same display and value, every result too."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import openpyxl
import pytest

from built import Built
from nianbao.annexbook import HEAD_ROW
from nianbao.formulas import reference, split_reference
from nianbao.values import parse_exact
from printed import facts_printed


@pytest.fixture(scope="module")
def tables(built: Built) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table of the annex by its name."""
    book = openpyxl.load_workbook(built.folder / "report.xlsx")
    found: dict[str, list[dict[str, Any]]] = {}
    for sheet in book.worksheets[1:]:
        heads, *rows = sheet.iter_rows(min_row=HEAD_ROW, values_only=True)
        (name,) = sheet.tables
        found[name] = [dict(zip(heads, row, strict=True)) for row in rows]
    return found


def same(one: object, exact: Fraction) -> bool:
    return isinstance(one, (int, float)) and abs(float(exact) - one) <= 1e-9 * max(1.0, abs(one))


def test_every_fact_stands_in_the_annex_with_the_same_display_and_value(
    built: Built, tables: dict[str, list[dict[str, Any]]]
) -> None:
    rows = tables["facts"]
    assert [(row["数字编号"], row["印出"]) for row in rows] == [(fact["fact"], fact["display"]) for fact in built.facts]
    for row, fact in zip(rows, built.facts, strict=True):
        exact = parse_exact(fact["value"])
        assert same(row["数值"], exact) if exact is not None else str(row["数值"]).startswith("[")


def test_every_figure_of_the_page_stands_in_the_annex(built: Built, tables: dict[str, list[dict[str, Any]]]) -> None:
    listed = {row["数字编号"]: row["印出"] for row in tables["facts"]}
    shown = facts_printed(built.html)
    assert len(shown) > 100
    assert [(name, text) for name, text in shown if listed.get(name) != text] == []


def test_every_result_stands_in_the_annex_as_results_csv_gives_it(
    built: Built, tables: dict[str, list[dict[str, Any]]]
) -> None:
    rows = {
        (str(row["指标编码"]), "" if str(row.get("分组编码", "[")).startswith("[") else str(row["分组编码"])): row
        for name, found in tables.items()
        if name.startswith("results_")
        for row in found
    }
    assert set(rows) == {(item["indicator"], item["dims"]) for item in built.results}
    for item in built.results:
        row = rows[item["indicator"], item["dims"]]
        assert row["印出"] == item["display"]
        for head, key in (
            ("数值", "value"),
            ("分子", "numerator"),
            ("分母", "denominator"),
            ("上年", "previous"),
            ("目标", "target"),
        ):
            exact = parse_exact(item[key])
            if exact is not None:
                assert same(row[head], exact), (item["indicator"], head)
            else:
                assert str(row.get(head, "[")).startswith("[")


def test_a_fact_that_prints_a_value_prints_what_the_table_of_results_does(
    built: Built, tables: dict[str, list[dict[str, Any]]]
) -> None:
    printed = {
        reference(item["indicator"], split_reference(f"x[{item['dims']}]")[1] if item["dims"] else ()): item["display"]
        for item in built.results
    }
    values = [row for row in tables["facts"] if str(row["数字编号"]).endswith(":value")]
    assert len(values) > 40
    for row in values:
        ref = str(row["数字编号"]).partition(":")[2].rpartition(":")[0]
        assert row["印出"] == printed[ref]


def test_the_key_figures_are_those_of_the_page(tables: dict[str, list[dict[str, Any]]], built: Built) -> None:
    shown = [cell.get_text() for cell in built.soup.select("table tbody tr > *:nth-child(2)")]
    assert [row["印出"] for row in tables["key_figures"]] == ["21951", "151", "68", "83", "1530758"]
    assert all(any(str(row["印出"]) in text for text in shown) for row in tables["key_figures"])

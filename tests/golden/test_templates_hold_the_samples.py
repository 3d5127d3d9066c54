"""The figures of the four shipped returns, put into empty templates, give the same findings and the same results."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from nianbao.dataset import Dataset, open_file, result_row
from nianbao.template import plan_template, write_template
from templates import NOT_AREAS, fill_from

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = (("maolin", 2020), ("town-a", 2019), ("town-d", 2015), ("bagongshan", 2019))


def said(data: Dataset, moved: dict[str, str]) -> set[tuple[str, str, tuple[str, ...]]]:
    """Return code, message and cells of the findings, the cells where the template has them."""

    def there(text: str) -> str:
        for old in sorted(moved, key=len, reverse=True):
            text = text.replace(old, f"«{moved[old]}»") if old in text else text
        return text.replace("«", "").replace("»", "")

    return {
        (item.code, there(item.message("zh")), tuple(sorted(moved.get(cell.short, cell.short) for cell in item.cells)))
        for item in data.findings
    }


def figures(data: Dataset) -> list[dict[str, str]]:
    """Return the results without the addresses of their cells."""
    return [{key: value for key, value in result_row(data, result).items() if key != "sources"} for result in data.results]


@pytest.mark.parametrize(("township", "year"), SAMPLES)
def test_a_filled_template_is_read_like_the_shipped_return(township: str, year: int, tmp_path: Path) -> None:
    shipped = ROOT / "data" / township / f"{year}.xlsx"
    areas = [name for name in openpyxl.load_workbook(shipped, read_only=True).sheetnames if name not in NOT_AREAS]
    template = tmp_path / "template.xlsx"
    write_template(plan_template(ROOT, township=township, year=year, areas=areas), template)
    moved, found, added = fill_from(template, shipped)
    assert found >= 15
    assert len(moved) == found + added
    before, after = (open_file(ROOT, path, township=township, year=year) for path in (shipped, template))
    assert said(after, {}) == said(before, moved)
    assert figures(after) == figures(before)
    assert len(figures(after)) > 70


def test_a_figure_left_out_of_the_template_would_be_noticed(tmp_path: Path) -> None:
    shipped = ROOT / "data" / "maolin" / "2020.xlsx"
    areas = [name for name in openpyxl.load_workbook(shipped, read_only=True).sheetnames if name not in NOT_AREAS]
    template = tmp_path / "template.xlsx"
    write_template(plan_template(ROOT, township="maolin", year=2020, areas=areas), template)
    moved, _, _ = fill_from(template, shipped)
    workbook = openpyxl.load_workbook(template)
    sheet, cell = moved["人口监测!E7"].split("!")
    workbook[sheet][cell].value = 67
    workbook.save(template)
    before, after = (open_file(ROOT, path, township="maolin", year=2020) for path in (shipped, template))
    assert figures(after) != figures(before)

"""The cards of the figures: opened, read and closed by keyboard alone, with the page's scripts off; and figures that look like text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from test_page_in_chromium import DESK, PHONE, QUIET

from built import Built
from devtools import Tab, tab

FIGURES = 10
BUTTON = re.compile(r"<button popovertarget=[^>]*>(.*?)</button>", re.DOTALL)
CELL = re.compile(r"([A-Z]+\d+)“([^”]*)”")
OPEN = "document.querySelector('[popover]:popover-open')"
FOCUSED = "document.activeElement.getAttribute('popovertarget')"
PLACES = """JSON.stringify([...document.querySelectorAll('main, main .fact, main td, main p, main figcaption')].map(element => {
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  return [element.textContent.slice(0, 20), box.x, box.y, box.width, box.height, style.fontFamily, style.fontSize, style.color];
}))"""


@pytest.fixture(scope="module")
def page(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with tab(chromium, tmp_path_factory.mktemp("profile"), QUIET) as opened:
        yield opened


def boxes(page: Tab, path: Path, width: int) -> list[list[Any]]:
    """Return what stands where in a page: text, place, size and type of every figure, cell and paragraph."""
    page.open(path, width=width, script=False)
    found: list[list[Any]] = json.loads(page.value(PLACES))
    return found


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_ten_figures_lead_to_their_cells_by_keyboard(page: Tab, built: Built, width: int) -> None:
    page.open(built.folder / "report.html", width=width, script=False)
    books: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for _ in range(200):
        page.press("Tab")
        target = page.value(FOCUSED)
        if target is None or target in seen:
            continue
        before = page.value("[scrollX, scrollY, document.documentElement.scrollHeight]")
        page.press("Enter")
        card = page.value(f"{OPEN} && {OPEN}.innerText")
        assert card, f"{target}: Enter opens no card"
        assert page.value(f"{OPEN}.id") == target
        left, right, bottom = page.value(f"(b => [b.left, b.right, b.bottom])({OPEN}.getBoundingClientRect())")
        assert left >= 0
        assert right <= width
        assert bottom <= 900.5
        assert page.value(f"{OPEN}.scrollWidth <= {OPEN}.clientWidth")
        assert page.value("[scrollX, scrollY, document.documentElement.scrollHeight]") == before
        seen[target] = proved(built, card, books)
        page.press("Escape")
        assert page.value(f"{OPEN} === null"), "Escape closes the card"
        assert page.value(FOCUSED) == target, "and gives the focus back"
        if sum(count > 0 for count in seen.values()) >= FIGURES:
            break
    assert sum(count > 0 for count in seen.values()) >= FIGURES


def proved(built: Built, card: str, books: dict[str, Any]) -> int:
    """Return how many cells a card quotes, each found in the workbook with that very text."""
    count = 0
    for line in card.splitlines():
        file, _, rest = line.partition("!")
        if not file.startswith("data/") or not rest:
            continue
        file, sheet = file.strip(), rest.partition("!")[0]
        if file not in books:
            books[file] = openpyxl.load_workbook(built.project / file)
        for address, raw in CELL.findall(rest):
            assert str(books[file][sheet][address].value) == raw, (line, address)
            count += 1
    return count


def test_a_space_opens_a_card_too(page: Tab, built: Built) -> None:
    page.open(built.folder / "report.html", width=DESK, script=False)
    while page.value(FOCUSED) is None:
        page.press("Tab")
    page.press(" ")
    assert page.value(f"{OPEN} !== null")


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_figure_looks_like_the_text_around_it(page: Tab, built: Built, tmp_path: Path, width: int) -> None:
    """Taking the buttons away changes no type, no figure by a character, and the height of the page by less than a hundredth.

    A button is one piece to the browser: a justified line cannot stretch inside 25余, and a narrow cell breaks before it.
    """
    plain = tmp_path / "plain.html"
    plain.write_text(BUTTON.sub(r"\1", built.html), encoding="utf-8")
    with_buttons, without = boxes(page, built.folder / "report.html", width), boxes(page, plain, width)
    assert len(with_buttons) == len(without) > 300
    pairs = list(zip(with_buttons, without, strict=True))
    assert [(one, other) for one, other in pairs if one[0] != other[0] or one[5:] != other[5:]] == []
    assert abs(with_buttons[0][4] - without[0][4]) < without[0][4] / 100
    resized = [one for one, other in pairs if any(abs(a - b) > 0.5 for a, b in zip(one[3:5], other[3:5], strict=True))]
    assert len(resized) < len(pairs) / 10, resized[:5]

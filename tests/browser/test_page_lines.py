"""Where the page breaks its lines and how it numbers its paper: no mark alone on a line, and the page numbers of the PDF."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from test_page_in_chromium import QUIET

from built import Built
from devtools import Tab, tab

ASTRAY = """(() => {
  const closing = '，。；：、？！）》”’」』】〕％‰,.;:)%', opening = '（《“‘(', found = [];
  for (const part of document.querySelectorAll('main p.text, main p.note, main td.left')) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), range = document.createRange();
    let top = null, before = '';
    while (walker.nextNode()) for (let at = 0; at < walker.currentNode.data.length; at++) {
      const letter = walker.currentNode.data[at];
      if (/\\s/.test(letter)) continue;
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + 1);
      const box = range.getBoundingClientRect();
      if (!box.width) continue;
      const turned = top !== null && box.top > top + box.height * .6;
      if (turned && (closing.includes(letter) || opening.includes(before))) found.push(before + ' / ' + letter);
      top = box.top;
      before = letter;
    }
  }
  return JSON.stringify(found);
})()"""


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with tab(chromium, tmp_path_factory.mktemp("profile"), QUIET) as opened:
        yield opened


def astray(browser: Tab, page: Path, width: int) -> list[str]:
    """Return the places where a line begins with what closes or ends with what opens."""
    browser.open(page, width=width)
    found: list[str] = json.loads(browser.value(ASTRAY))
    return found


def test_no_line_begins_with_a_mark(browser: Tab, built: Built) -> None:
    assert {
        width: found for width in range(340, 460, 10) if (found := astray(browser, built.folder / "report.html", width))
    } == {}


def test_a_mark_parted_from_its_figure_would_be_noticed(browser: Tab, built: Built, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(built.html.replace(".held { white-space: nowrap; }", ".held { white-space: normal; }"), encoding="utf-8")
    assert page.read_text("utf-8") != built.html
    assert any(astray(browser, page, width) for width in range(340, 460, 10))


def numbers_on_paper(browser: Tab, page: Path) -> list[str]:
    """Return the page number of every printed page, nothing for a page without one."""
    browser.open(page, width=1280)
    printed = browser.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    texts = [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(base64.b64decode(printed["data"]))).pages]
    return ["".join(re.findall(r"—\s*(\d+)\s*—", text)) for text in texts]


def test_paper_is_numbered_from_the_first_page_of_the_text(browser: Tab, built: Built) -> None:
    found = numbers_on_paper(browser, built.folder / "report.html")
    assert len(found) > 8
    assert found == ["", "", *(str(number) for number in range(1, len(found) - 1))]

"""What the page's script adds, and what is there without it: search, folding chapters, contents, the chosen line of a card."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from test_page_in_chromium import DESK, PHONE, QUIET

from built import Built
from devtools import Tab, tab

FIND = """(words => {
  const box = document.getElementById('search');
  box.value = words;
  box.dispatchEvent(new Event('input'));
  return document.getElementById('found').textContent;
})(%s)"""
FOUND = "document.getElementById('found').textContent"
SHUT = "document.querySelectorAll('.chapter.shut').length"
HEIGHT = "document.documentElement.scrollHeight"
HERE = "(r => r.toString())([...CSS.highlights.get('here')][0])"
IN_VIEW = "(b => b.top >= 0 && b.bottom <= innerHeight)([...CSS.highlights.get('here')][0].getBoundingClientRect())"


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with tab(chromium, tmp_path_factory.mktemp("profile"), QUIET) as opened:
        yield opened


@pytest.fixture
def page(browser: Tab, built: Built) -> Tab:
    browser.open(built.folder / "report.html", width=DESK)
    return browser


def asked(page: Tab) -> list[str]:
    """Return the addresses of everything the page asked for, itself and what it carries left out."""
    sent = [event["params"]["request"]["url"] for event in page.events if event.get("method") == "Network.requestWillBeSent"]
    return [url for url in sent if not url.startswith("data:") and not url.endswith("/report.html")]


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("script", [True, False])
def test_no_request_leaves_the_page(browser: Tab, built: Built, width: int, script: bool) -> None:
    browser.ask("Network.enable")
    browser.open(built.folder / "report.html", width=width, script=script)
    if script:
        browser.value(FIND % json.dumps("出生"))
        browser.value("document.querySelector('main button[popovertarget]').click()")
    browser.value("scrollTo(0, document.documentElement.scrollHeight)")
    assert any(event.get("method") == "Network.requestWillBeSent" for event in browser.events), "the measure sees requests"
    assert asked(browser) == []
    said = [event["params"] for event in browser.events if event.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")]
    assert said == []


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_without_script_everything_is_there(browser: Tab, built: Built, width: int) -> None:
    browser.open(built.folder / "report.html", width=width, script=False)
    assert browser.value("document.querySelector('.tools').getBoundingClientRect().height") == 0
    assert browser.value("document.querySelectorAll('.fold').length") == 0
    assert browser.value("document.querySelector('.contents details').open")
    chapters = "[...document.querySelectorAll('.chapter > *, .contents li > a')]"
    hidden = f"{chapters}.filter(e => !e.checkVisibility()).length"
    if width == DESK:
        assert browser.value(hidden) == 0
    else:  # the contents of a narrow screen list the chapters
        assert (
            browser.value(
                "[...document.querySelectorAll('.chapter > *, .contents details > ol > li > a')]"
                ".filter(e => !e.checkVisibility()).length"
            )
            == 0
        )
    first = "document.querySelector('.contents a')"
    assert browser.value(f"document.getElementById(decodeURIComponent({first}.hash.slice(1))) !== null")


def test_search_finds_words_and_figures_across_buttons(page: Tab) -> None:
    assert page.value(FIND % json.dumps("出生151人")).startswith("共")
    page.value("document.getElementById('search').focus()")
    page.press("Enter")
    assert page.value(FOUND).startswith("第1处")
    assert page.value(HERE) == "出生151人"
    assert page.value(IN_VIEW)
    page.press("Enter")
    assert page.value(FOUND).startswith(("第2处", "第1处，共1处"))
    assert page.value(FIND % json.dumps("没有这样的字")) == "没有找到"
    assert page.value("document.getElementById('next').disabled")
    assert page.value(FIND % json.dumps("")) == ""


def test_search_opens_a_folded_chapter(page: Tab) -> None:
    whole = page.value(HEIGHT)
    page.value("document.getElementById('fold-all').click()")
    assert page.value(SHUT) == page.value("document.querySelectorAll('.chapter').length")
    assert page.value(HEIGHT) < whole / 3
    page.value(FIND % json.dumps("冷冻产品"))
    page.value("document.getElementById('next').click()")
    assert page.value("document.querySelector('[data-area=epidemic]').classList.contains('shut')") is False
    assert page.value(IN_VIEW)


def test_chapters_fold_by_keyboard_and_open_for_a_link(page: Tab) -> None:
    page.value("document.querySelector('[data-area=epidemic] .fold').focus()")
    page.press("Enter")
    state = "document.activeElement.getAttribute('aria-expanded')"
    assert page.value(state) == "false"
    assert page.value(SHUT) == 1
    assert page.value("document.querySelector('[data-area=epidemic] .text').checkVisibility()") is False
    page.value("document.querySelector('.contents a[href^=\"#epidemic-\"]').click()")
    assert page.value(SHUT) == 0
    page.value("document.querySelector('[data-area=epidemic] .fold').focus()")
    page.press(" ")
    assert page.value(state) == "false"
    page.press(" ")
    assert page.value(state) == "true"


def test_contents_of_a_narrow_screen_close(browser: Tab, built: Built) -> None:
    browser.open(built.folder / "report.html", width=PHONE)
    assert browser.value("document.querySelector('.contents details').open") is False
    browser.value("document.querySelector('.contents summary').click()")
    assert browser.value("document.querySelector('.contents details').open")
    browser.value("document.querySelector('.contents a').click()")
    assert browser.value("document.querySelector('.contents details').open") is False


def test_paper_has_neither_tools_nor_folds(page: Tab) -> None:
    page.value("document.getElementById('fold-all').click()")
    page.ask("Emulation.setEmulatedMedia", media="print")
    try:
        seen: Any = page.value(
            "['.tools', '.contents', '.skip', '.origins', '.key-figures'].filter(s => document.querySelector(s).checkVisibility())"
        )
        assert seen == []
        assert page.value("[...document.querySelectorAll('.chapter > *')].every(e => e.checkVisibility())")
        assert page.value("getComputedStyle(document.querySelector('main button[popovertarget]')).display") == "contents"
    finally:
        page.ask("Emulation.setEmulatedMedia", media="")


def test_the_leading_figures_lead_to_their_cells(page: Tab, built: Built) -> None:
    shown = page.value("[...document.querySelectorAll('.key-figures dt')].map(e => e.textContent)")
    assert shown[:2] == ["总人口", "出生人口"]
    page.value("document.querySelector('.key-figures .value button').click()")
    assert "21951" in page.value("document.querySelector('[popover]:popover-open').innerText")
    known = {row["fact"]: row["display"] for row in built.facts}
    pairs = page.value("[...document.querySelectorAll('.key-figures button')].map(e => [e.dataset.fact, e.textContent])")
    assert pairs
    assert [pair for pair in pairs if known[pair[0]] != pair[1]] == []

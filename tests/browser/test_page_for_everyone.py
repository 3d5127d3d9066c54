"""The page by the rules of axe: no violation at desk and phone width, light and dark, Chinese and English, on two townships."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_page_in_chromium import DESK, PHONE, QUIET

from built import ROOT, Built, copy_project, nianbao
from devtools import Tab, tab
from programs import answer_of

HERE = Path(__file__).parent
REPORTS = (("maolin", 2020), ("bagongshan", 2019))
RUN = """axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify({
  rules: found.passes.length,
  wrong: found.violations.map(rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 120)).slice(0, 5)]),
}))"""


@pytest.fixture(scope="session")
def axe(npm: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return axe's source, fetched in the one version that ``package-lock.json`` names by its hash."""
    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy2(HERE / name, folder / name)
    out, err = answer_of(
        [npm, "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], seconds=180
    )
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    assert source.is_file(), out + err
    return source.read_text("utf-8")


@pytest.fixture(scope="session")
def pages(built: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Return the page of each report by township and language."""
    made = {("maolin", "zh"): built.folder / "report.html"}
    project = copy_project(tmp_path_factory.mktemp("samples"))
    for township, year in REPORTS:
        for lang in ("zh", "en"):
            if (township, lang) in made:
                continue
            out = project / f"pages-{lang}"
            done = nianbao(project, "report", township, "--year", str(year), "--lang", lang, "--to", "html", "--out", str(out))
            assert done.code == 0, done.said
            made[township, lang] = out / str(year) / township / "report.html"
    return made


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with tab(chromium, tmp_path_factory.mktemp("profile"), QUIET) as opened:
        yield opened


def judged(browser: Tab, axe: str) -> dict[str, Any]:
    """Return how many rules of axe the open page keeps, and which it breaks where."""
    browser.ask("Runtime.evaluate", expression=axe)
    found: dict[str, Any] = json.loads(browser.value(RUN))
    return found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("township", [township for township, _ in REPORTS])
def test_axe_finds_nothing(
    browser: Tab, axe: str, pages: dict[tuple[str, str], Path], township: str, lang: str, width: int, dark: bool
) -> None:
    browser.open(pages[township, lang], width=width, dark=dark)
    plain = judged(browser, axe)
    assert plain["wrong"] == []
    assert plain["rules"] > 35
    # with a card open and a chapter folded
    browser.value("document.querySelector('main button[popovertarget]').click(); document.querySelector('.fold').click()")
    assert judged(browser, axe)["wrong"] == []


def test_axe_finds_nothing_in_a_page_without_its_script(
    browser: Tab, axe: str, pages: dict[tuple[str, str], Path], tmp_path: Path
) -> None:
    head, _, rest = pages["maolin", "zh"].read_text("utf-8").rpartition("<script>")
    page = tmp_path / "page.html"
    page.write_text(head + rest.partition("</script>")[2], encoding="utf-8")
    browser.open(page, width=DESK)
    assert judged(browser, axe)["wrong"] == []


def test_a_page_that_shuts_readers_out_is_noticed(browser: Tab, axe: str, built: Built, tmp_path: Path) -> None:
    """Pale type, a picture without words, a heading out of order and a language nobody speaks."""
    forged = built.html.replace('<html lang="zh-CN">', '<html lang="xx-none">')
    forged = forged.replace("</main>", '<h6>x</h6><img src="data:,"><p style="color:#bbb;background:#fff">pale</p></main>')
    page = tmp_path / "forged.html"
    page.write_text(forged, encoding="utf-8")
    browser.open(page, width=DESK)
    wrong = {rule for rule, _ in judged(browser, axe)["wrong"]}
    assert {"image-alt", "heading-order", "color-contrast", "html-lang-valid"} <= wrong


def test_the_lock_names_one_version_by_hash_and_no_host() -> None:
    text = (HERE / "package-lock.json").read_text("utf-8")
    (package,) = [entry for name, entry in json.loads(text)["packages"].items() if name]
    assert package["integrity"].startswith("sha512-")
    assert "http" not in text
    wanted = json.loads((HERE / "package.json").read_text("utf-8"))["devDependencies"]
    assert wanted == {"axe-core": package["version"]}
    assert not (ROOT / "node_modules").exists()

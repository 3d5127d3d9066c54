"""The report page as a browser lays it out, at desk and phone width: nothing asked for, nothing said, nothing cut off."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from built import Built
from programs import answer_of

DESK, PHONE = 1280, 390
FORGED = "forged"
"""Name of a page with a part too wide, a script and a picture from elsewhere, to see that the measure notices."""
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--allow-file-access-from-files",
    "--force-color-profile=srgb",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
MEASURE = """<!DOCTYPE html><meta charset="utf-8"><title>waiting</title>
%(frames)s
<script>
const measure = frame => {
  const page = frame.contentDocument, root = page.documentElement, wide = [];
  for (const element of page.body.querySelectorAll('*')) {
    const scrolls = element.closest('.scroll');
    const box = element.getBoundingClientRect();
    if (!(scrolls && scrolls !== element) && !element.closest('.skip') && box.width > 0 && box.right > root.clientWidth + 1)
      wide.push(element.tagName + '.' + element.className);
  }
  return {
    width: root.clientWidth, scroll: root.scrollWidth, wide: wide,
    faces: [...page.fonts].map(face => face.family + ' ' + face.status),
    text: getComputedStyle(page.querySelector('main p')).fontSize,
    fetched: frame.contentWindow.performance.getEntriesByType('resource')
      .map(entry => entry.name).filter(name => !name.startsWith('data:')),
    shown: page.querySelector('h1').getBoundingClientRect().height > 0,
    charts: [...page.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect().height),
  };
};
window.onload = async () => {
  const found = {};
  for (const frame of document.querySelectorAll('iframe')) {
    await frame.contentDocument.fonts.ready;
    found[frame.name] = measure(frame);
  }
  document.title = JSON.stringify(found);
};
</script>
"""


@dataclass(frozen=True)
class Seen:
    """What the browser measured in each frame, and wrote to its console."""

    frames: dict[str, dict[str, Any]]
    console: list[str]


def look(command: str, folder: Path, frames: dict[str, tuple[Path, int]]) -> Seen:
    """Open pages in frames of given widths and return what the browser saw."""
    folder.mkdir()
    drawn = [
        f'<iframe name="{name}" src="{page.as_uri()}" width="{width}" height="900" style="border:0"></iframe>'
        for name, (page, width) in frames.items()
    ]
    wrapper = folder / "measure.html"
    wrapper.write_text(MEASURE % {"frames": "\n".join(drawn)}, encoding="utf-8")
    out, err = answer_of(
        [
            command,
            *QUIET,
            f"--user-data-dir={folder / 'profile'}",
            "--window-size=1400,1000",
            "--virtual-time-budget=20000",
            "--dump-dom",
            wrapper.as_uri(),
        ],
        seconds=180,
    )
    title = re.search(r"<title>(.*?)</title>", out, re.DOTALL)
    assert title is not None, err[-2000:]
    console = [line for line in err.splitlines() if "CONSOLE" in line]
    return Seen(json.loads(unescape(title[1])), console)


@pytest.fixture(scope="module")
def seen(chromium: str, built: Built, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Return what the browser saw of the report at both widths."""
    page = built.folder / "report.html"
    return look(chromium, tmp_path_factory.mktemp("look") / "report", {"desk": (page, DESK), "phone": (page, PHONE)})


@pytest.mark.parametrize(("name", "width"), [("desk", DESK), ("phone", PHONE)])
def test_nothing_is_wider_than_the_window(seen: Seen, name: str, width: int) -> None:
    frame = seen.frames[name]
    assert width - 20 <= frame["width"] <= width
    assert frame["scroll"] <= frame["width"]
    assert frame["wide"] == []


@pytest.mark.parametrize("name", ["desk", "phone"])
def test_the_page_is_drawn_in_its_own_faces(seen: Seen, name: str) -> None:
    frame = seen.frames[name]
    assert frame["shown"]
    assert min(frame["charts"]) > 50
    assert float(frame["text"].removesuffix("px")) >= 15
    assert any(face.endswith(" loaded") for face in frame["faces"])
    assert not [face for face in frame["faces"] if face.endswith(" error")]


def test_the_browser_has_nothing_to_say_and_nothing_to_fetch(seen: Seen) -> None:
    assert seen.console == []
    assert [frame["fetched"] for frame in seen.frames.values()] == [[], []]


def test_a_page_that_breaks_out_is_noticed(chromium: str, built: Built, tmp_path: Path) -> None:
    page = tmp_path / "forged.html"
    parts = '<p style="width:2000px">wide</p><script>1</script><img alt="" src="http://elsewhere.invalid/a.png"></main>'
    page.write_text(built.html.replace("</main>", parts), encoding="utf-8")
    seen = look(chromium, tmp_path / "look", {FORGED: (page, DESK)})
    assert seen.frames[FORGED]["scroll"] > 1900
    assert "P." in seen.frames[FORGED]["wide"]
    assert any("Content Security Policy" in line for line in seen.console)

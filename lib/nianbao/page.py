"""What only the page has: the leading figures at its head, its tools and their words, the cards of its figures, marks of language."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

from nianbao.blocks import blocks_of, plain
from nianbao.cards import cards
from nianbao.origins import restored

_KEY_FIGURES = "key-figures"
"""Key of the table whose rows lead the page."""
_CHINESE = re.compile(
    r"[\u3400-\u9fff](?:[\u3000-\u303f\u3400-\u9fff\uff01-\uff5e“”·0-9]*[\u3001-\u303f\u3400-\u9fff\uff01-\uff5e”])?"
)
_TOOLS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "search": "在本页查找",
        "found": "第{0}处，共{1}处",
        "hits": "共{1}处",
        "none": "没有找到",
        "before": "上一处",
        "next": "下一处",
        "fold": "收起各章",
        "unfold": "展开各章",
    },
    "en": {
        "search": "Search this page",
        "found": "{0} of {1}",
        "hits": "{1} found",
        "none": "Nothing found",
        "before": "Previous place",
        "next": "Next place",
        "fold": "Fold all chapters",
        "unfold": "Unfold all chapters",
    },
}
_SIGNS = "0123456789↑↓▾▸"
"""What counts and buttons show beside the words."""


_LARGEST_BYTES = 1_530_000
"""What a page may take without its faces, style and script: with them it stays below two million."""
_FACT_BYTES = 200
"""About what a figure takes with the text or the cell around it."""


def drawn(lang: str) -> str:
    """Return the text of the page's tools, which the page's faces must draw."""
    return "".join((*_TOOLS[lang].values(), _SIGNS))


def additions(report: Any, *, lang: str, words: Mapping[str, str], taken_bytes: int) -> dict[str, Any]:
    """Return what the page's template reads beside the document: tools, leading figures, cards and each fact's card.

    ``report`` is a report notebook, ``words`` the words every format of the language shares, ``taken_bytes`` what the pictures take.
    """
    found = {fact: restored(record) for fact, record in report.metadata["nianbao"].get("origins", {}).items()}
    room = _LARGEST_BYTES - taken_bytes - _FACT_BYTES * len(found)
    made, card_of = cards(found, further=words["further"], comma=words["comma"], room_bytes=room)
    return {"tools": _TOOLS[lang], "key_figures": _key_figures(report), "cards": made, "card_of": card_of}


def script_hash(script: str) -> str:
    """Return how a content security policy names an inline script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def escaped(lang: str) -> Callable[[object], Markup]:
    """Return what makes text safe for a page of a language; where that is not Chinese, Chinese stretches are marked as such."""
    return escape if lang == "zh" else _chinese_marked


def _chinese_marked(text: object) -> Markup:
    marked, done = Markup(), 0
    for match in _CHINESE.finditer(str(text)):
        marked += escape(str(text)[done : match.start()]) + Markup('<span lang="zh">{}</span>').format(match[0])
        done = match.end()
    return marked + escape(str(text)[done:])


def _key_figures(report: Any) -> dict[str, Any] | None:
    """Return the leading figures from the first table of key figures; None when a report has none.

    A row is (name, value, change) as runs; a change the table does not give is an empty list.
    """
    for block, _ in blocks_of(report):
        if block["type"] == "table" and block["key"] == _KEY_FIGURES:
            heads = [plain(column["runs"]) for column in block["columns"]]
            rows = [[*row["cells"][:2], (row["cells"][2:] or [[]])[0]] for row in block["rows"] if row["kind"] != "group"]
            shown = [(name, value, [] if plain(change) in ("", "—") else change) for name, value, change in rows]
            return {"label": plain(block["caption"]), "before": (heads[2:] or [""])[0], "rows": shown}
    return None

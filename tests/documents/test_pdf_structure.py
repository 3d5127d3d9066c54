"""PDF/A-2a and PDF/UA-1 as libraries that did not write the file find them: tags, language, descriptions, bookmarks, fonts, colours.

The validator judges 16 of the 106 rules of PDF/UA-1; what the others ask is looked at here as far as the structure tells.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pdfua.validator import Validator

from built import Built
from printed import NUMBERED


def elements(node: Any, parent: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield every structure element below a node as (its type, that of its parent, itself)."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            yield from elements(child, parent)
    elif isinstance(node, dict):
        kind = str(node["/S"])[1:] if "/S" in node else parent
        if "/S" in node:
            yield kind, parent, node
        if "/K" in node:
            yield from elements(node["/K"], kind)


def faults(content: bytes) -> list[str]:
    """Return what a PDF lacks of PDF/A-2a and PDF/UA-1, as far as its structure tells."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    root: Any = reader.trailer["/Root"]
    found = []
    if root.get("/Lang") not in ("zh-CN", "zh", "en"):
        found.append("no language")
    if not root.get("/MarkInfo", {}).get("/Marked") or "/StructTreeRoot" not in root:
        return [*found, "not tagged"]
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle") or not (reader.metadata and reader.metadata.title):
        found.append("no title shown")
    metadata = root["/Metadata"].get_object().get_data().decode("utf-8")
    for mark in (
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ):
        if mark not in metadata:
            found.append(f"no {mark}")
    intents = [intent.get_object() for intent in root.get("/OutputIntents", [])]
    if not any(intent.get("/S") == "/GTS_PDFA1" and "/DestOutputProfile" in intent for intent in intents):
        found.append("no output intent")
    found += _structure_faults(root["/StructTreeRoot"])
    found += sorted({fault for page in reader.pages for fault in _font_faults(page)})
    found += [
        f"page {number}: tab order"
        for number, page in enumerate(reader.pages, start=1)
        if _links(page) and page.get("/Tabs") != "/S"
    ]
    return found


def _structure_faults(root: Any) -> list[str]:
    found = []
    inside = {
        "TH": {"TR"}, "TD": {"TR"}, "TR": {"THead", "TBody", "TFoot", "Table"}, "THead": {"Table"}, "TBody": {"Table"}, "TOCI": {"TOC"},
    }  # fmt: skip
    level = 0
    for kind, parent, element in elements(root["/K"]):
        if kind == "Figure" and not str(element.get("/Alt", "")).strip():
            found.append("a figure without a description")
        if kind in inside and parent not in inside[kind]:
            found.append(f"{kind} in {parent}")
        if kind == "TH" and not any(one.get("/Scope") for one in _attributes(element)):
            found.append("a head without scope")
        if kind[:1] == "H" and kind[1:].isdigit():
            if int(kind[1:]) > level + 1:
                found.append(f"{kind} after H{level}")
            level = int(kind[1:])
    if "/ParentTree" not in root:
        found.append("no parent tree")
    return found


def _attributes(element: Any) -> list[Any]:
    held = element.get("/A", [])
    held = held.get_object() if hasattr(held, "get_object") else held
    return [one.get_object() for one in (held if isinstance(held, list) else [held])]


def _font_faults(page: Any) -> Iterator[str]:
    for font in page["/Resources"].get("/Font", {}).values():
        font = font.get_object()  # noqa: PLW2901
        name = str(font["/BaseFont"])
        if "/ToUnicode" not in font:
            yield f"{name} without a way back to text"
        for below in font.get("/DescendantFonts", [font]):
            described = below.get_object().get("/FontDescriptor", {})
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(described):
                yield f"{name} is not embedded"


def _links(page: Any) -> list[Any]:
    return [one for one in page.get("/Annots", []) if one.get_object().get("/Subtype") == "/Link"]


def read(built: Built) -> bytes:
    return (built.folder / "report.pdf").read_bytes()


def test_a_report_is_archival_and_accessible(each: Built) -> None:
    assert faults(read(each)) == []


def test_bookmarks_are_the_headings_tagged(each: Built) -> None:
    reader = pypdf.PdfReader(io.BytesIO(read(each)))
    root: Any = reader.trailer["/Root"]
    tagged = [str(one["/T"]) for kind, _, one in elements(root["/StructTreeRoot"]["/K"]) if kind[:1] == "H" and "/T" in one]
    assert len(tagged) > 10
    assert tagged == bookmarks(reader.outline)
    listed = [tag.get_text() for tag in each.soup.select("main h2, main h3")]
    assert [words for words in listed if not any(words.replace(" ", "") in one.replace(" ", "") for one in tagged)] == []


def bookmarks(entries: list[Any]) -> list[str]:
    found: list[str] = []
    for entry in entries:
        found += bookmarks(entry) if isinstance(entry, list) else [str(entry.title)]
    return found


def test_tables_and_figures_are_tagged_with_their_captions(each: Built) -> None:
    root: Any = pypdf.PdfReader(io.BytesIO(read(each))).trailer["/Root"]
    kinds = [kind for kind, _, _ in elements(root["/StructTreeRoot"]["/K"])]
    captions = [tag.get_text().strip() for tag in each.soup.select("figcaption") if NUMBERED.match(tag.get_text().strip())]
    assert kinds.count("Caption") >= len(captions)
    assert kinds.count("Table") >= len(each.soup.select("main figure table"))
    figures = [str(one["/Alt"]) for kind, _, one in elements(root["/StructTreeRoot"]["/K"]) if kind == "Figure"]
    said = [str(tag.get("aria-label") or tag.get("alt") or "") for tag in each.soup.select("main figure svg, main figure img")]
    assert sorted(figures) == sorted(filter(None, said))


def broken(content: bytes, kind: str) -> bytes:
    """Return the PDF with one thing taken away."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    root: Any = writer.root_object
    name = pypdf.generic.NameObject
    if kind in ("/Lang", "/MarkInfo", "/OutputIntents"):
        del root[name(kind)]
    elif kind == "title":
        del root[name("/ViewerPreferences")]
    elif kind == "mark":
        data = root["/Metadata"].get_object()
        data.set_data(data.get_data().replace(b"pdfuaid:part>1", b"pdfuaid:part>0"))
    elif kind in ("alt", "scope", "level"):
        wanted = {"alt": "Figure", "scope": "TH", "level": "H2"}[kind]
        _, _, element = next(one for one in elements(root["/StructTreeRoot"]["/K"]) if one[0] == wanted)
        if kind == "level":
            element[name("/S")] = name("/H4")
        else:
            del element[name({"alt": "/Alt", "scope": "/A"}[kind])]
    elif kind == "font":
        fonts: Any = writer.pages[-1]["/Resources"]["/Font"]  # type: ignore[index]
        del next(iter(fonts.values())).get_object()[name("/ToUnicode")]
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["/Lang", "/MarkInfo", "/OutputIntents", "title", "mark", "alt", "scope", "level", "font"])
def test_what_a_file_lacks_is_noticed(built: Built, kind: str) -> None:
    assert faults(broken(read(built), "nothing")) == []
    assert faults(broken(read(built), kind)) != []


UNJUDGED = {"UA-14-001"}
"""Rules that the validator cannot judge in these files: it stumbles over a list of attributes, which the standard allows."""


def test_the_rules_a_validator_can_judge_are_kept(each: Built) -> None:
    told = Validator().validate(str(each.folder / "report.pdf"))
    assert [(one.rule_id, one.location.describe(), one.message) for one in told.findings] == []
    assert {one.rule_id for one in told.skipped} <= UNJUDGED
    assert len(told.outcomes) - len(told.skipped) >= 11


@pytest.mark.parametrize("kind", ["/Lang", "/MarkInfo", "title", "alt"])
def test_the_validator_notices_what_a_file_lacks(built: Built, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(broken(read(built), kind))
    assert Validator().validate(str(path)).findings != ()

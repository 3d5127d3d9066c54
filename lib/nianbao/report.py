"""Reports: executed chapters merged into one document, and that document as HTML, PDF or Word.

:func:`assemble` turns chapters into one *report notebook*: a cover cell, then a cell a chapter, every output a semantic
block (see :mod:`nianbao.blocks`) with its number and identifier filled in.  The three nbconvert exporters read only those
blocks.  They also take a single executed chapter and assemble it on the fly, so ``jupyter nbconvert --to nianbao_html``
works on any chapter notebook.

Nothing here reads a clock or draws a random number: the same notebook gives the same bytes.
"""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter, TemplateExporter
from nbformat import NotebookNode
from traitlets import List, Unicode, default

from nianbao import drawing, fonts, origins, page
from nianbao.arrangement import Lang, Letter, Numbering, PartHeading, as_attachment, with_parts
from nianbao.blocks import BLOCK_MIME, Block, blocks_of, plain
from nianbao.breaks import pieces
from nianbao.columns import fills, page_layouts
from nianbao.errors import ReportError

_TEMPLATES = Path(__file__).parent / "templates"
_UNDATED = date(2000, 1, 1)
"""Date in the metadata of a PDF whose report has none."""
_LARGEST_MM = (156.0, 190.0)
"""Width and height no figure exceeds: the type area less room for caption and notes."""
_CONTENTS_DEPTH = 2
_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "html_lang": "zh-CN",
        "contents": "目录",
        "contents_title": "目　录",
        "skip": "跳到正文",
        "origin": "数据来源",
        "further": "… 单元格总数：",
        "comma": "、",
        "caption_gap": "　",
        "synthetic": "合成演示数据，非真实情况",
    },
    "en": {
        "html_lang": "en",
        "contents": "Contents",
        "contents_title": "Contents",
        "skip": "Skip to the report",
        "origin": "Where the figures come from",
        "further": "… cells in all: ",
        "comma": ", ",
        "caption_gap": "  ",
        "synthetic": "Synthetic data for demonstration",
    },
}
_FACES: Mapping[str, tuple[str, ...]] = {
    "body": ("Nianbao Song", "Nianbao Hei", "Nianbao Kai"),
    "title": ("Nianbao Song", "Nianbao Hei", "Nianbao Kai"),
    "song": ("Nianbao Song", "Nianbao Hei", "Nianbao Kai"),
    "hei": ("Nianbao Hei", "Nianbao Song", "Nianbao Kai"),
    "kai": ("Nianbao Kai", "Nianbao Song", "Nianbao Hei"),
}
"""Families of the shipped faces by their use, each with the ones that stand in for a character it lacks."""
_OFFICE_FACES: Mapping[str, tuple[str, ...]] = {
    "body": ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong"),
    "title": ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋_GBK"),
    "song": ("宋体", "SimSun"),
    "hei": ("黑体", "SimHei"),
    "kai": ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi"),
}
"""Names of the faces official documents ask for, used when an office keeps their files."""

ENDING_AREA = "ending"
"""Area of the cell that holds what stands between the text of a letter and its attachments."""

Format = Literal["html", "pdf", "docx"]


@dataclass(frozen=True)
class ReportInfo:
    """What the cover of a report says, and which place, year and edition the report is of.

    ``date`` dates the document itself (the PDF's metadata); ``date_text`` is the printed form, made from ``date`` when
    empty.  ``stamp`` stands in the corner of the cover ("内部资料"), ``label`` above every page; None for none.  With
    ``letter`` the report is a formal letter, which has no cover: what the cover would say stands on its first page.
    """

    title: str
    subtitle: str | None = None
    office: str | None = None
    date: date | None = None
    date_text: str | None = None
    lang: Lang = "zh"
    edition: str = "internal"
    township: str = ""
    year: int | None = None
    stamp: str | None = None
    label: str | None = None
    letter: Letter | None = None

    def cover(self) -> Block:
        """Return the cover block."""
        return {
            "type": "cover",
            "title": self.title,
            "subtitle": self.subtitle,
            "office": self.office,
            "date": self.date.isoformat() if self.date else None,
            "date_text": self.date_text or (printed_date(self.date, lang=self.lang) if self.date else None),
            "stamp": self.stamp,
            "letter": None if self.letter is None else self.letter.record(self.lang),
        }

    def metadata(self) -> dict[str, Any]:
        """Return the record a report notebook carries under ``metadata.nianbao``."""
        return {
            "kind": "report",
            "title": self.title,
            "subtitle": self.subtitle,
            "office": self.office,
            "date": self.date.isoformat() if self.date else None,
            "lang": self.lang,
            "edition": self.edition,
            "township": self.township,
            "year": self.year,
            "label": self.label,
        }


def printed_date(day: date, *, lang: Lang) -> str:
    """Return a date as documents print it: no leading zeros, 2024年12月5日 or 5 December 2024."""
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B} {day.year}"


def synthetic_label(lang: Lang) -> str:
    """Return what every page of a report of invented data says."""
    return _WORDS[lang]["synthetic"]


def assemble(
    chapters: Sequence[tuple[str, NotebookNode]],
    info: ReportInfo,
    *,
    banners: Sequence[Block] = (),
    hashes: Mapping[str, str] | None = None,
    parts: Sequence[PartHeading] = (),
) -> NotebookNode:
    """Return the report notebook of executed chapters: one cell for the cover, then one a chapter, blocks only.

    With ``hashes`` (SHA-256 by source file) the index of sources follows the chapters, for the formats that are printed.

    ``chapters`` are (area key, executed notebook) pairs in report order; they are not changed.  Headings get ``number``
    and ``id``, tables and figures their running number through the report.  ``banners`` follow the cover block.  ``parts``
    are the headings of a skeleton above its chapters.  In a letter the attachments follow the signature.

    Raises:
        ReportError: a chapter has no block, a key or area occurs twice, a heading skips a level.
    """
    seen: set[str] = set()
    for area, _ in chapters:
        if area in seen:
            raise ReportError(f"chapter {area!r} is given twice")
        seen.add(area)
    attached = dict(info.letter.attachments) if info.letter is not None else {}
    ordered = [(area, nb) for area, nb in chapters if area not in attached]
    ordered += [(area, nb) for name in attached for area, nb in chapters if area == name]
    shown = origins.shown_facts([notebook for _, notebook in ordered])
    full: dict[str, list[tuple[Block, dict[str, Any]]]] = {}
    for area, notebook in ordered:
        full[area] = [(dict(block), bundle) for block, bundle in blocks_of(notebook) if block["type"] != "cover"]
        if not full[area]:
            raise ReportError(f"chapter {area!r} shows nothing; run its notebook before the report is made")
    index = [] if hashes is None else origins.index(shown, lang=info.lang, hashes=hashes)
    body = with_parts([(area, blocks) for area, blocks in full.items() if area not in attached], parts)
    if index:
        full[origins.INDEX_AREA] = [(block, {}) for block in index]
    behind = [area for area in attached if area in full]
    order: list[tuple[str, list[tuple[Block, dict[str, Any]]]]] = list(body)
    if index and origins.INDEX_AREA not in attached:
        order.append((origins.INDEX_AREA, full[origins.INDEX_AREA]))
    if info.letter is not None:
        pages = [
            as_attachment(full[area], title=attached[area], place=place, of=len(behind), area=area, lang=info.lang)
            for place, area in enumerate(behind, start=1)
        ]
        titles = [plain(block["runs"]) for page in pages for block, _ in page if block.get("mark")]
        order.append((ENDING_AREA, [(block, {}) for block in info.letter.ending(info.cover(), lang=info.lang, titles=titles)]))
        order += zip(behind, pages, strict=True)
    numbering = Numbering(info.lang)
    cover = [_output(block, {}) for block in (info.cover(), *banners)]
    cells = [_cell("cover", cover, area=None)]
    for area, blocks in order:
        outputs = []
        for block, bundle in blocks:
            filled = dict(block)  # what is set in it is its own; runs and rows are the chapter's, which nobody changes
            numbering.fill(filled, area=area)
            outputs.append(_output(filled, bundle))
        own = area in (origins.INDEX_AREA, ENDING_AREA)
        if outputs:
            cells.append(_cell(area if own else f"chapter-{_slug(area)}", outputs, area=area))
    cards = {fact: origins.record(one) for fact, one in shown.items()}
    return _node(nbformat=4, nbformat_minor=5, metadata={"nianbao": {**info.metadata(), "origins": cards}}, cells=cells)


def _node(*, metadata: dict[str, Any], **fields: Any) -> NotebookNode:
    """Return a node as nbformat has it; what is inside stays as it is, for it is not copied and can be large."""
    known = NotebookNode({key: NotebookNode(value) for key, value in metadata.items()})
    made: NotebookNode = NotebookNode(metadata=known, **fields)
    return made


def _empty() -> NotebookNode:
    return _node(nbformat=4, nbformat_minor=5, metadata={}, cells=[])


def _slug(text: str) -> str:
    """Return ``text`` with what a cell id cannot hold replaced, at most 50 characters."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda match: f"u{ord(match.group()):x}", text)[:50]


def _cell(identifier: str, outputs: list[NotebookNode], *, area: str | None) -> NotebookNode:
    return _node(
        id=identifier, cell_type="code", source="", execution_count=None, metadata={"nianbao": {"area": area}}, outputs=outputs
    )


def _output(block: Block, bundle: Mapping[str, Any]) -> NotebookNode:
    data: dict[str, Any] = {BLOCK_MIME: block, "text/plain": _plain_block(block)}
    if block["type"] == "figure":
        data |= {mime: _joined(bundle[mime]) for mime in ("image/svg+xml", "image/png") if mime in bundle}
    return _node(output_type="display_data", data=data, metadata={})


def _joined(content: str | Sequence[str]) -> str:
    """Return bundle text that a notebook file may hold as a list of lines."""
    return content if isinstance(content, str) else "".join(content)


def _plain_block(block: Block) -> str:
    if block["type"] == "cover":
        return str(block["title"])
    return plain(block["caption"] if "caption" in block else block["runs"])


def block_texts(block: Block, bundle: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (role, text) for every piece of text a block prints; roles name the face and its use.

    Roles: title, body, strong, heading-1 … heading-4, small (tables, captions, notes) and picture (text inside a figure).
    """
    kind = block["type"]
    if kind == "cover":
        yield "title", block["title"]
        for name in ("subtitle", "office", "date_text", "stamp"):
            if block[name]:
                yield "cover", block[name]
        for words in (block.get("letter") or {}).values():
            if words:
                yield "body", words
    elif kind == "heading":
        yield f"heading-{block.get('rank') or block['level']}", block["number"] + plain(block["runs"])
        if block.get("mark"):
            yield "title", plain(block["runs"])
            yield "heading-1", block["mark"]
    elif kind in ("enclosures", "signature"):
        yield "body", plain(block["runs"])
    elif kind == "paragraph":
        for part in block["runs"]:
            yield ("strong" if part.get("emphasis") == "strong" else "body"), part["text"]
    elif kind in ("note", "banner"):
        yield "small", plain(block["runs"])
    else:
        yield "small", block["number"] + plain(block["caption"])
        for entry in block["notes"]:
            yield "small", plain(entry)
        if kind == "table":
            yield "small", block["unit_line"] or ""
            for entry in block["columns"]:
                yield "small", plain(entry["runs"])
            for entry in block["rows"]:
                yield from (("small", plain(cell)) for cell in entry["cells"])
        elif "image/svg+xml" in bundle:
            yield "picture", drawing.words(_joined(bundle["image/svg+xml"]))


def check_characters(notebook: NotebookNode, *, office_folder: Path | None = None) -> None:
    """Return when the faces can draw every character a report notebook prints.

    Raises:
        ReportError: some cannot; the message names each character and the first place it stands in.
    """
    places: list[tuple[str, str]] = []
    for chapter, block, bundle in _report_blocks(notebook):
        where = block.get("number") or block["type"]
        for _, text in block_texts(block, bundle):
            places.append((f"chapter {chapter!r}, {where}" if chapter else "the cover", text))
    missing = fonts.missing_characters("".join(text for _, text in places).replace("\n", ""), office_folder=office_folder)
    if not missing:
        return
    found = []
    for character in sorted(missing):
        where, text = next((where, text) for where, text in places if character in text)
        at = text.index(character)
        found.append(f"{character!r} (U+{ord(character):04X}) in {where}: “{text[max(0, at - 8) : at + 9].strip()}”")
    raise ReportError(
        "no face can draw " + "; ".join(found) + ". Replace the character, "
        "or put a font that has it into the office font folder."
    )


def _report_blocks(notebook: Any) -> Iterator[tuple[str | None, Block, dict[str, Any]]]:
    """Yield (area or None on the cover, block, bundle) of a report notebook."""
    for cell in notebook.cells:
        area = cell.metadata.get("nianbao", {}).get("area")
        for block, bundle in blocks_of(SimpleNamespace(cells=[cell])):
            yield area, block, bundle


def is_report(notebook: NotebookNode) -> bool:
    """Return whether a notebook was made by :func:`assemble`."""
    return bool(notebook.metadata.get("nianbao", {}).get("kind") == "report")


def as_report(notebook: NotebookNode, *, name: str = "chapter") -> NotebookNode:
    """Return a report notebook: ``notebook`` itself when it is one, else a report of this one chapter.

    Place, year and language come from the chapter's metadata or its papermill parameters; the title is its first heading.
    """
    if is_report(notebook):
        return notebook
    known: dict[str, Any] = dict(notebook.metadata.get("papermill", {}).get("parameters", {}))
    known |= {key: value for key, value in notebook.metadata.get("nianbao", {}).items() if value is not None}
    lang: Lang = "en" if known.get("lang") == "en" else "zh"
    headings = [plain(block["runs"]) for block, _ in blocks_of(notebook) if block["type"] == "heading"]
    place, year = str(known.get("township") or ""), known.get("year")
    subtitle = " ".join(str(part) for part in (place, year) if part)
    info = ReportInfo(
        title=str(known.get("title") or (headings[0] if headings else name)),
        subtitle=str(known.get("subtitle") or subtitle) or None,
        office=known.get("office"),
        lang=lang,
        edition=str(known.get("edition") or "internal"),
        township=place,
        year=int(year) if year is not None else None,
    )
    return assemble([(str(known.get("area") or name), notebook)], info)


def _number_gap(block: Block, *, lang: Lang) -> str:
    """Return what stands between a heading's number and its words: nothing in Chinese, unless digits would meet ("1.2020")."""
    if block["type"] != "heading" or not block["number"]:
        return ""
    digits_meet = block["number"][-1].isascii() and plain(block["runs"])[:1].isascii()
    return " " if lang == "en" or digits_meet else ""


def _without_index(notebook: NotebookNode) -> Any:
    """Return the report without its index of sources, for which the page has cards; nothing of it is copied."""
    kept = [cell for cell in notebook.cells if cell.metadata.get("nianbao", {}).get("area") != origins.INDEX_AREA]
    return SimpleNamespace(metadata=notebook.metadata, cells=kept)


def _document(notebook: Any) -> dict[str, Any]:
    """Return what both templates read: cover, banners, chapters with their parts, contents, words of the language."""
    meta = notebook.metadata["nianbao"]
    lang: Lang = meta["lang"]
    cover: Block | None = None
    banners: list[Block] = []
    chapters: dict[str, list[dict[str, Any]]] = {}
    contents: list[dict[str, Any]] = []
    for area, block, bundle in _report_blocks(notebook):
        if block["type"] == "cover":
            cover = block
        elif area is None:
            banners.append(block)
        else:
            part = {"block": block, "bundle": bundle, "gap": _number_gap(block, lang=lang)}
            chapters.setdefault(area, []).append(part)
            if block["type"] == "heading" and block["level"] <= _CONTENTS_DEPTH:
                label = block["number"] + part["gap"] + plain(block["runs"])
                entry: dict[str, Any] = {"id": block["id"], "label": label, "below": []}
                level = contents if block["level"] == 1 or not contents else contents[-1]["below"]
                level.append(entry)
    if cover is None:
        raise ReportError("the report notebook has no cover; make it with nianbao.report.assemble")
    return {
        "lang": lang,
        "words": _WORDS[lang],
        "cover": cover,
        "label": meta.get("label"),
        "banners": banners,
        "chapters": [{"area": area, "parts": parts} for area, parts in chapters.items()],
        "contents": contents,
        "date": date.fromisoformat(cover["date"]) if cover["date"] else _UNDATED,
    }


def _text_by_face(notebook: Any, document: Mapping[str, Any]) -> dict[str, str]:
    """Return the text each embedded face must draw in the page, by face key."""
    faces = {
        "title": "song-bold",
        "strong": "song-bold",
        "cover": "song",
        "body": "song",
        "heading-1": "hei",
        "heading-2": "kai",
        "heading-3": "song-bold",
        "heading-4": "song-bold",
        "small": "hei",
        "picture": "hei",
    }
    texts: dict[str, list[str]] = {key: [] for key in dict.fromkeys(faces.values())}
    for _, block, bundle in _report_blocks(notebook):
        for role, text in block_texts(block, bundle):
            texts[faces[role]].append(text)
    words = document["words"]
    texts["hei"] += [words["contents"], words["skip"], document["label"] or "", page.drawn(document["lang"])]
    texts["hei"] += _contents_labels(document["contents"])
    drawn = words["origin"] + "".join(word for card in document["cards"] for word in card.texts())
    texts["hei"].append("".join(sorted(set(drawn) - fonts.missing_characters(drawn))))
    return {key: "".join(sorted(set("".join(parts)) - set("\n"))) for key, parts in texts.items()}


def _contents_labels(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for entry in entries:
        yield entry["label"]
        yield from _contents_labels(entry["below"])


def _typst_literal(value: object) -> Markup:
    """Return a Typst string literal (``none`` for None); Typst then reads nothing in it as code or markup."""
    if value is None:
        return Markup("none")
    escaped = "".join(
        {"\\": "\\\\", '"': '\\"'}.get(character) or (f"\\u{{{ord(character):x}}}" if ord(character) < 32 else character)
        for character in str(value).replace("\n", " ")
    )
    return Markup(f'"{escaped}"')


def _families(office_folder: Path | None) -> dict[str, tuple[str, ...]]:
    """Return the families of each role, an office's own official faces first."""
    available = {face.family for face in fonts.faces(office_folder)}
    return {
        role: (*(family for family in _OFFICE_FACES[role] if family in available), *shipped) for role, shipped in _FACES.items()
    }


def _faces_source(families: Mapping[str, Sequence[str]]) -> str:
    """Return the file in which the Typst template finds the families of each role."""
    entries = (f"{role}: ({''.join(f'{_typst_literal(name)}, ' for name in names)})" for role, names in families.items())
    return f"#let faces = ({', '.join(entries)})\n"


class _ReportTemplateExporter(TemplateExporter):
    """An exporter on our own templates only: escaping on, undefined names are errors, no path outside the package."""

    office_folder = Unicode(
        None, allow_none=True, help="Folder with the office's own fonts (仿宋_GB2312, 方正小标宋简体)."
    ).tag(config=True)
    default_preprocessors: List[Any] = List([])
    """Blocks are final: nothing may rewrite them."""

    @default("extra_template_basedirs")
    def _our_templates(self) -> list[str]:
        return [str(_TEMPLATES)]

    def _create_environment(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES / self.template_name),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["literal"] = _typst_literal
        environment.filters["pieces"] = pieces
        return environment

    @property
    def _office(self) -> Path | None:
        return Path(self.office_folder) if self.office_folder else None

    def _prepared(self, nb: NotebookNode, resources: dict[str, Any] | None) -> tuple[NotebookNode, dict[str, Any]]:
        resources = resources or {}
        name = (resources.get("metadata") or {}).get("name") or "chapter"
        report = as_report(nb, name=name)
        check_characters(report, office_folder=self._office)
        return report, resources

    def _filled(self, document: Mapping[str, Any], resources: dict[str, Any], **kw: Any) -> tuple[str, dict[str, Any]]:
        """Return the template with the document in it, and the resources.

        The template reads the document alone: nbconvert would copy notebook and resources, figure by figure, on the way to it.
        """
        self.environment.globals["report"] = document
        return super().from_notebook_node(_empty(), resources, **kw)


class HtmlReportExporter(_ReportTemplateExporter):
    """One self-contained page: no request, fonts and charts inside.

    Its one script (search, folding chapters) is named by hash in the page's policy; without scripts the page is whole.
    """

    export_from_notebook = "Nianbao HTML"
    output_mimetype = "text/html"

    @default("file_extension")
    def _extension(self) -> str:
        return ".html"

    @default("template_name")
    def _name(self) -> str:
        return "nianbao_html"

    @default("template_file")
    def _file(self) -> str:
        return "index.html.j2"

    def from_notebook_node(  # type: ignore[override]  # nbconvert types a base exporter by its notebook
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and the resources.

        Raises:
            ReportError: the notebook is not a report or chapter, or a character has no face.
        """
        report, resources = self._prepared(nb, resources)
        report = _without_index(report)
        document = _document(report)
        self.environment.filters["fills"] = fills
        self.environment.filters["told"] = page.escaped(document["lang"])
        pictures = [part for chapter in document["chapters"] for part in chapter["parts"] if part["block"]["type"] == "figure"]
        for part in pictures:
            part["picture"] = Markup(_inline_picture(part["block"], part["bundle"]))
        taken = sum(len(part["picture"].encode("utf-8")) for part in pictures)
        document |= page.additions(report, lang=document["lang"], words=document["words"], taken_bytes=taken)
        # The page carries the bundled faces only: an office's own fonts are licensed for print, not for hand-out.
        document["fonts_css"] = Markup(fonts.css(_text_by_face(report, document)))
        document["css"] = Markup((_TEMPLATES / self.template_name / "page.css").read_text("utf-8"))
        script = (_TEMPLATES / self.template_name / "page.js").read_text("utf-8")
        document["script"], document["script_hash"] = Markup(script), Markup(page.script_hash(script))
        return self._filled(document, resources, **kw)


def _inline_picture(block: Block, bundle: Mapping[str, Any]) -> str:
    """Return a figure as inline SVG, or as an embedded PNG when the chapter published no SVG."""
    if "image/svg+xml" in bundle:
        return drawing.inline(
            _joined(bundle["image/svg+xml"]),
            prefix=f"{block['id']}-",
            alt=block["alt"],
            width_mm=block["width_mm"],
        )
    if "image/png" not in bundle:
        raise ReportError(f"figure {block['number']} “{plain(block['caption'])}” has no image")
    width = round(block["width_mm"] * 96 / 25.4)
    source = "".join(_joined(bundle["image/png"]).split())
    base64.b64decode(source, validate=True)
    return Markup('<img alt="{}" width="{}" src="data:image/png;base64,{}">').format(block["alt"], width, source)


class PdfReportExporter(_ReportTemplateExporter):
    """A4 in the layout of GB/T 9704-2012, as PDF/A-2a and PDF/UA-1 in one file, set by Typst."""

    export_from_notebook = "Nianbao PDF"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _extension(self) -> str:
        return ".pdf"

    @default("template_name")
    def _name(self) -> str:
        return "nianbao_typst"

    @default("template_file")
    def _file(self) -> str:
        return "index.typ.j2"

    def from_notebook_node(  # type: ignore[override]  # nbconvert types a base exporter by its notebook
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the file and the resources.

        Raises:
            ReportError: the notebook is not a report or chapter, a character has no face, a table is wider than the page,
                or Typst reports anything at all, a warning included.
        """
        work, resources = self.prepare(nb, resources, **kw)
        pdf, resources["pages"] = typeset(work)
        return pdf, resources

    def prepare(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Typesetting, dict[str, Any]]:
        """Return what Typst is to set, and the resources.

        Raises:
            ReportError: the notebook is not a report or chapter, a character has no face, a table is wider than the page.
        """
        report, resources = self._prepared(nb, resources)
        document = _document(report)
        files: dict[str, bytes] = {}
        parts = [part for chapter in document["chapters"] for part in chapter["parts"]]
        _lay_out(parts)
        for part in parts:
            if part["block"]["type"] == "figure":
                part["width_mm"] = _drawn_width_mm(part["block"])
                part["picture"], content = _picture_file(part["block"], part["bundle"], count=len(files) + 1)
                files[part["picture"]] = content
        source, resources = self._filled(document, resources, **kw)
        files["report.typ"] = source.encode("utf-8")
        files["faces.typ"] = _faces_source(_families(self._office)).encode("utf-8")
        files["gw.typ"] = (_TEMPLATES / self.template_name / "gw.typ").read_bytes()
        headings = tuple(block["id"] for block, _ in blocks_of(report) if block["type"] == "heading")
        return Typesetting(files, headings, document["date"], self._office), resources


@dataclass(frozen=True)
class Typesetting:
    """What Typst sets: its files, the identifiers of the headings in their order, the date and the folder of the office's faces."""

    files: Mapping[str, bytes]
    headings: Sequence[str]
    day: date
    office_folder: Path | None


def _lay_out(parts: Sequence[dict[str, Any]]) -> None:
    """Give each part its layout, and say whether pages on their side begin before it, and whether they end behind it."""
    layouts = page_layouts([part["block"] for part in parts])
    turned = [on_its_side for _, on_its_side in layouts]
    for place, (part, (layout, now)) in enumerate(zip(parts, layouts, strict=True)):
        part["layout"] = layout
        part["turned_begins"] = now and not any(turned[max(0, place - 1) : place])
        part["turned_ends"] = now and not any(turned[place + 1 : place + 2])


def _drawn_width_mm(block: Block) -> float:
    """Return the width at which a figure fits the type area, its proportions kept."""
    width, height = float(block["width_mm"]), float(block["height_mm"])
    scale = min(1.0, *(room / length for room, length in zip(_LARGEST_MM, (width, height), strict=True)))
    return round(width * scale, 3)


def _picture_file(block: Block, bundle: Mapping[str, Any], *, count: int) -> tuple[str, bytes]:
    """Return the file name and content of a figure for Typst."""
    if "image/svg+xml" in bundle:
        return f"figure-{count:03}.svg", drawing.standalone(_joined(bundle["image/svg+xml"]))
    if "image/png" not in bundle:
        raise ReportError(f"figure {block['number']} “{plain(block['caption'])}” has no image")
    return f"figure-{count:03}.png", base64.b64decode(_joined(bundle["image/png"]))


def typeset(work: Typesetting) -> tuple[bytes, dict[str, int]]:
    """Return the PDF, compiled in a private folder that Typst cannot leave, and the page of each heading by its identifier."""
    import typst

    with tempfile.TemporaryDirectory(prefix="nianbao-") as name:
        folder = Path(name)
        for file, content in work.files.items():
            (folder / file).write_bytes(content)
        compiler = typst.Compiler(
            str(folder / "report.typ"),
            root=name,
            font_paths=[str(path) for path in fonts.folders(work.office_folder)],
            ignore_system_fonts=True,
        )
        try:
            pdf, warnings = compiler.compile_with_warnings(
                format="pdf",
                pdf_standards=["a-2a", "ua-1"],
                timestamp=datetime(work.day.year, work.day.month, work.day.day, tzinfo=UTC),
            )
            pages = json.loads(compiler.query("<heading-page>", field="value"))
        except typst.TypstError as error:
            hints = "; ".join(getattr(error, "hints", None) or [])
            raise ReportError(f"the PDF cannot be set: {error}{f' ({hints})' if hints else ''}") from error
    if warnings:
        raise ReportError("the PDF cannot be set cleanly: " + "; ".join(sorted({str(w) for w in warnings})))
    assert isinstance(pdf, bytes)  # one page stream was asked for, not one file a page
    return pdf, dict(zip(work.headings, pages, strict=True))


class DocxReportExporter(Exporter):
    """A Word document an office goes on editing."""

    export_from_notebook = "Nianbao Word"
    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    default_preprocessors: List[Any] = List([])

    @default("file_extension")
    def _extension(self) -> str:
        return ".docx"

    def from_notebook_node(  # type: ignore[override]  # nbconvert types a base exporter by its notebook
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the file and the resources.

        Raises:
            ReportError: the notebook is not a report or chapter.
        """
        from nianbao import docx

        resources = resources or {}
        report = as_report(nb, name=(resources.get("metadata") or {}).get("name") or "chapter")
        # Blocks are final: the base class, which copies a notebook twice for its preprocessors, is given none.
        _, resources = super().from_notebook_node(_empty(), resources, **kw)
        return docx.build(report), resources


def render(notebook: NotebookNode, fmt: Format, *, office_folder: Path | None = None) -> bytes:
    """Return a report notebook (or one executed chapter) as the bytes of a file of format ``fmt``.

    Raises:
        ReportError: the document cannot be made; see the exporters.
    """
    return render_all(notebook, (fmt,), office_folder=office_folder)[fmt]


def render_all(notebook: NotebookNode, formats: Sequence[Format], *, office_folder: Path | None = None) -> dict[Format, bytes]:
    """Return a report notebook in several formats; the contents of the Word file take their pages from the PDF.

    Typst, which needs the most time and none of Python's lock, draws Word's bitmaps while its source of the PDF is written, and sets the
    PDF while the others are made.

    Raises:
        ReportError: a document cannot be made; see the exporters.
    """
    from nianbao import bitmaps, docx

    report = as_report(notebook)
    made: dict[Format, bytes] = {}
    office = {"office_folder": str(office_folder)} if office_folder else {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        if "docx" in formats:
            drawing_bitmaps = pool.submit(bitmaps.drawn, docx.drawings(report))
        if "pdf" in formats or "docx" in formats:
            work, _ = PdfReportExporter(**office).prepare(report)
            typesetting = pool.submit(typeset, work)
        if "html" in formats:
            text, _ = HtmlReportExporter(**office).from_notebook_node(report)
            made["html"] = text.encode("utf-8")
        if "docx" in formats:
            # Word takes its faces from the reader's machine
            made["docx"] = docx.build(report, pages=lambda: typesetting.result()[1], pictures=drawing_bitmaps.result)
        if "pdf" in formats:
            made["pdf"] = typesetting.result()[0]
    return {fmt: made[fmt] for fmt in formats}

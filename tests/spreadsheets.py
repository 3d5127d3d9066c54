"""Spreadsheets written part by part, so that a test says exactly which bytes a reader meets."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def zipped(parts: Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]], *, stored: bool = False) -> bytes:
    """Return a zip of the parts, in order; pairs may repeat a name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items() if isinstance(parts, Mapping) else parts:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # zipfile warns of the names that repeat on purpose
                package.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, None if stored else zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def sheet_xml(rows: str, *, before: str = "", after: str = "") -> str:
    """Return a worksheet part around ``rows``."""
    return f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def xlsx_parts(*sheets: str, kind: str = "sheet", properties: str = "") -> dict[str, str | bytes]:
    """Return the parts of a workbook with these worksheet parts, named 表1, 表2, …"""
    content = "vnd.openxmlformats-officedocument.spreadsheetml.sheet" if kind == "sheet" else "vnd.ms-excel.sheet.macroEnabled"
    names = "".join(f'<sheet name="表{at}" sheetId="{at}" r:id="rId{at}"/>' for at in range(1, len(sheets) + 1))
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{types}"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="application/{content}.main+xml"/></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{package}"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr{properties}/>'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{package}">{links}'
        f'<Relationship Id="rId900" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="rId901" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    }
    for at, sheet in enumerate(sheets, start=1):
        parts[f"xl/worksheets/sheet{at}.xml"] = sheet
    return parts


def texts_xml(*items: str) -> str:
    """Return a shared strings part of ``si`` contents."""
    return f'{HEAD}<sst xmlns="{MAIN}">{"".join(f"<si>{item}</si>" for item in items)}</sst>'


def styles_xml(*cell_formats: tuple[int, str, bool]) -> str:
    """Return a styles part: for each style the number of its format, its code (``""`` for none) and whether it is struck."""
    formats = "".join(f'<numFmt numFmtId="{at}" formatCode="{code}"/>' for at, code, _ in cell_formats if code)
    styles = "".join(f'<xf numFmtId="{at}" fontId="{int(struck)}"/>' for at, _, struck in cell_formats)
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><fonts><font/><font><strike/></font></fonts>'
        f'<cellStyleXfs><xf numFmtId="9" fontId="1"/></cellStyleXfs><cellXfs>{styles}</cellXfs></styleSheet>'
    )


def small_xlsx(**changes: str | bytes) -> bytes:
    """Return a sound small workbook; ``changes`` replace or add parts, ``/`` in their names written ``__``."""
    parts = xlsx_parts(sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>出生</t></is></c><c r="B1"><v>12</v></c></row>'))
    return zipped({**parts, **{name.replace("__", "/"): data for name, data in changes.items()}})


ODS_MIME = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"))
)


def ods(tables: str, *, styles: str = "", manifest: str = "", mime: str = ODS_MIME) -> bytes:
    """Return an OpenDocument spreadsheet around ``table:table`` elements."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_NAMESPACES} '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    listed = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>{manifest}</manifest:manifest>'
    )
    return zipped({"mimetype": mime, "content.xml": content, "META-INF/manifest.xml": listed})


def compound(*names: str, first: bytes = b"") -> bytes:
    """Return a compound document with these streams at its top; ``first`` begins the first one's only sector."""
    entries = [b"Root Entry".decode(), *names]
    directory = b""
    for place, name in enumerate(entries):
        raw = name.encode("utf-16-le") + b"\0\0"
        following = place + 1 if 0 < place < len(entries) - 1 else 0xFFFFFFFF
        child = 1 if place == 0 and names else 0xFFFFFFFF
        directory += raw.ljust(64, b"\0") + len(raw).to_bytes(2, "little") + bytes((5 if place == 0 else 2, 1))
        directory += b"".join(value.to_bytes(4, "little") for value in (0xFFFFFFFF, following, child)) + bytes(36)
        start, size = (2 + len(entries) // 4, 4096) if place == 1 else (0xFFFFFFFE, 0)
        directory += start.to_bytes(4, "little") + size.to_bytes(8, "little")
    directory = directory.ljust(-(-len(directory) // 512) * 512, b"\0")
    sectors = len(directory) // 512
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE, *range(sectors + 2, sectors + 9), 0xFFFFFFFE]
    table = b"".join(value.to_bytes(4, "little") for value in chain).ljust(512, b"\xff")
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    head[24:34] = b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0"
    head[44:52] = (1).to_bytes(4, "little") + (1).to_bytes(4, "little")
    head[56:76] = b"".join(value.to_bytes(4, "little") for value in (4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0))
    head[76:512] = (0).to_bytes(4, "little") + b"\xff" * 432
    body = (
        directory if len(directory) // 512 == 1 + len(entries) // 4 else directory.ljust((1 + len(entries) // 4) * 512, b"\0")
    )
    return bytes(head) + table + body + first.ljust(4096, b"\0")

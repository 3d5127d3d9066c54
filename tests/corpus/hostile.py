"""Files that are no spreadsheet or mean harm, each made by code and named with the cause it must be refused for.

``None`` as the cause means that the file is read after all: it only looks dangerous.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import xlwt

from nianbao.files.grid import column_letters
from spreadsheets import HEAD, MAIN, compound, ods, sheet_xml, small_xlsx, texts_xml, xlsx_parts, zipped

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(60)
ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'
BOMB = 40_000_000


def xls(*, far: bool = False) -> bytes:
    """Return an old workbook of one sheet."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("表1")
    sheet.write(0, 0, "出生")
    sheet.write(65_535 if far else 0, 255 if far else 1, 12)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def encrypted_xls() -> bytes:
    """Return an old workbook whose second record says that a password is needed."""
    return compound("Workbook", first=struct.pack("<HHHHIII", 0x809, 16, 0x600, 5, 0, 0, 0) + struct.pack("<HHH", 0x2F, 54, 1))


def locked_zip() -> bytes:
    """Return a workbook all of whose entries say they are encrypted."""
    content = bytearray(small_xlsx())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


def swelling(size: int) -> str:
    """Return a worksheet part of that many blanks."""
    return sheet_xml(ROW, after=" " * size)


def lying_sizes() -> bytes:
    """Return a workbook whose sheet states 500 bytes, the checksum of just these, and inflates to far more."""
    parts = xlsx_parts(sheet_xml(ROW))
    data = swelling(BOMB).encode()
    content = bytearray(zipped({**parts, "xl/worksheets/sheet1.xml": data}))
    real, told = struct.pack("<I", len(data)), struct.pack("<I", 500)
    check, false = struct.pack("<I", zlib.crc32(data)), struct.pack("<I", zlib.crc32(data[:500]))
    return bytes(content.replace(real, told).replace(check, false))


def nested_bomb() -> bytes:
    """Return a zip of zips of zips that would unpack to terabytes."""
    inner = zipped({"0": bytes(BOMB)})
    for _ in range(3):
        inner = zipped({f"{place}.zip": inner for place in range(16)})
    return inner


def laughs() -> str:
    """Return a worksheet part whose entities multiply to a thousand million."""
    entities = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    return (
        f'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY l0 "lol">{entities}]><worksheet xmlns="{MAIN}"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData></worksheet>'
    )


def outside() -> str:
    """Return a worksheet part that asks for a file of the machine."""
    return laughs().replace("<!ENTITY l0 ", '<!ENTITY l9 SYSTEM "file:///etc/passwd"><!ENTITY l0 ')


def many_entries() -> bytes:
    """Return a workbook with three thousand parts more than it needs."""
    return zipped({**xlsx_parts(sheet_xml(ROW)), **{f"xl/media/{at}.bin": b"" for at in range(3000)}})


def in_bzip2() -> bytes:
    """Return a workbook in a compression that no spreadsheet program writes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_BZIP2) as package:
        for name, data in xlsx_parts(sheet_xml(ROW)).items():
            package.writestr(name, data)
    return packed.getvalue()


def with_sheet(xml: str | bytes, **more: str | bytes) -> bytes:
    """Return a workbook with this worksheet part."""
    return small_xlsx(**{"xl__worksheets__sheet1.xml": xml, **more})


def with_parts(*more: tuple[str, str | bytes]) -> bytes:
    """Return a sound workbook with further entries, which may repeat a name."""
    return zipped([*xlsx_parts(sheet_xml(ROW)).items(), *more])


def one_cell(reference: str, row: str) -> bytes:
    """Return a workbook with one cell far out."""
    return with_sheet(sheet_xml(f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'))


def big_table(columns: int, rows: int) -> bytes:
    """Return an OpenDocument sheet of one cell repeated."""
    cell = f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/>'
    return ods(
        f'<table:table table:name="t"><table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row></table:table>'
    )


SOUND = small_xlsx()
HTML = "<html><head><meta charset='gb2312'></head><body><table><tr><td>出生</td><td>12</td></tr></table></body></html>"
XML_2003 = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
)
CSV = "指标,数值\n出生,12\n死亡,3\n"

FILES: tuple[tuple[str, str | None, Callable[[], bytes]], ...] = (
    ("far-cell.xlsx", "far-cell", lambda: one_cell("XFD1048576", "1048576")),
    ("far-row.xlsx", "far-cell", lambda: one_cell("A1048576", "1048576")),
    ("far-column.xlsx", "far-cell", lambda: one_cell("XFD1", "1")),
    ("far-row-unaddressed.xlsx", "far-cell", lambda: with_sheet(sheet_xml('<row r="1048576"><c><v>1</v></c></row>'))),
    ("far-cell-entity.xlsx", "far-cell", lambda: one_cell("&#88;FD1048576", "1048576")),
    ("far-empty-cell.xlsx", None, lambda: with_sheet(sheet_xml(ROW + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'))),
    ("far-dimension.xlsx", None, lambda: with_sheet(sheet_xml(ROW, before='<dimension ref="A1:XFD1048576"/>'))),
    ("huge-merge.xlsx", None, lambda: with_sheet(sheet_xml(ROW, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'))),
    ("far-cell.xls", "far-cell", lambda: xls(far=True)),
    ("bomb.xlsx", "bomb", lambda: with_sheet(swelling(BOMB))),
    ("bomb-in-media.xlsx", "bomb", lambda: with_parts(("xl/media/image1.png", bytes(BOMB)))),
    ("bomb-lying.xlsx", "bomb", lying_sizes),
    ("bomb-strings.xlsx", "bomb", lambda: small_xlsx(**{"xl__sharedStrings.xml": texts_xml(f"<t>{'a' * BOMB}</t>")})),
    ("bomb-nested.xlsx", "zip-no-workbook", nested_bomb),
    ("bomb-embedded.xlsx", None, lambda: with_parts(("xl/embeddings/1.zip", nested_bomb()))),
    ("laughs.xlsx", "doctype", lambda: with_sheet(laughs())),
    ("laughs-utf16.xlsx", "doctype", lambda: with_sheet(laughs().encode("utf-16"))),
    ("laughs-utf32.xlsx", "xml-encoding", lambda: with_sheet(laughs().encode("utf-32"))),
    ("laughs-ebcdic.xlsx", "xml-encoding", lambda: with_sheet(laughs().replace("?>", ' encoding="cp037"?>').encode("cp037"))),
    ("laughs-in-styles.xlsx", "doctype", lambda: small_xlsx(**{"xl__styles.xml": laughs()})),
    ("utf7.xlsx", "xml-encoding", lambda: with_sheet('<?xml version="1.0" encoding="UTF-7"?><worksheet/>')),
    ("outside.xlsx", "doctype", lambda: with_sheet(outside())),
    ("laughs.ods", "doctype", lambda: zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": laughs()})),
    ("deep.xlsx", "too-deep", lambda: with_sheet(sheet_xml(f'<row r="1">{"<a>" * 5000}{"</a>" * 5000}</row>'))),
    ("deep.ods", "too-deep", lambda: ods('<table:table table:name="t">' + "<text:p>" * 5000 + "</text:p>" * 5000 + "</table:table>")),
    ("locked-entries.xlsx", "encrypted", locked_zip),
    ("password.xlsx", "encrypted", lambda: compound("EncryptedPackage", "EncryptionInfo")),
    ("password.xls", "encrypted", encrypted_xls),
    ("password.ods", "encrypted", lambda: ods("", manifest='<manifest:encryption-data xmlns:manifest="m"/>')),
    ("cut-head.xlsx", "truncated", lambda: SOUND[:40]),
    ("cut-half.xlsx", "truncated", lambda: SOUND[: len(SOUND) // 2]),
    ("cut-end.xlsx", "damaged", lambda: SOUND[:-15]),
    ("cut-directory.xlsx", "truncated", lambda: SOUND[: SOUND.rfind(b"PK\x05\x06")]),
    ("cut-middle.xlsx", "damaged", lambda: SOUND[:300] + SOUND[500:]),
    ("cut-part.xlsx", "damaged", lambda: with_sheet(sheet_xml(ROW)[:-60])),
    ("cut.xls", "damaged", lambda: xls()[:1500]),
    ("cut-signature.xls", "truncated", lambda: SIGNATURE[:6]),
    ("page.xls", "html-table", lambda: HTML.encode("gb18030")),
    ("page-utf16.xls", "html-table", lambda: HTML.encode("utf-16")),
    ("page.xlsx", "html-table", lambda: b"\xef\xbb\xbf\n<!-- x --><table><tr><td>1</td></tr></table>"),
    ("page.mht", "web-archive", lambda: b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n" + HTML.encode()),
    ("xml2003.xls", "xml-spreadsheet", XML_2003.encode),
    ("flat.ods", "flat-opendocument", lambda: b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:opendocument"/>'),
    ("some.xlsx", "xml", lambda: b"<?xml version='1.0'?><data><row/></data>"),
    ("csv-named.xlsx", "wrong-extension", lambda: CSV.encode("gb18030")),
    ("csv-named.xls", "wrong-extension", lambda: CSV.replace(",", "\t").encode("utf-16")),
    ("xlsx-named.csv", "wrong-extension", lambda: SOUND),
    ("xls-named.txt", "wrong-extension", xls),
    ("xlsx-named.xls", None, lambda: SOUND),
    ("xls-named.xlsx", None, xls),
    ("wps.et", None, xls),
    ("no-extension", None, lambda: SOUND),
    ("twice.xlsx", "duplicate-part", lambda: with_parts(("xl/worksheets/sheet1.xml", sheet_xml("")))),
    ("twice-by-case.xlsx", "duplicate-part", lambda: with_parts(("XL/worksheets/Sheet1.xml", sheet_xml("")))),
    ("climbing.xlsx", "unsafe-name", lambda: with_parts(("../../evil.xml", "x"))),
    ("absolute.xlsx", "unsafe-name", lambda: with_parts(("/etc/evil.xml", "x"))),
    ("backslash.xlsx", "unsafe-name", lambda: with_parts(("xl\\evil.xml", "x"))),
    ("drive.xlsx", "unsafe-name", lambda: with_parts(("C:evil.xml", "x"))),
    ("crowd.xlsx", "too-many-parts", many_entries),
    ("bzip2.xlsx", "odd-compression", in_bzip2),
    ("picture.xlsx", "picture", lambda: PNG),
    ("photo.xls", "picture", lambda: b"\xff\xd8\xff\xe0" + bytes(100)),
    ("print.xlsx", "pdf", lambda: b"%PDF-1.7\n" + bytes(100)),
    ("letter.xls", "rtf", lambda: b"{\\rtf1 x}"),
    ("letter.docx", "word", lambda: zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<d/>"})),
    ("letter.doc", "word", lambda: compound("WordDocument", "1Table")),
    ("talk.pptx", "slides", lambda: zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"})),
    ("talk.ppt", "slides", lambda: compound("PowerPoint Document")),
    ("text.odt", "other-office", lambda: ods("", mime="application/vnd.oasis.opendocument.text")),
    ("mail.msg", "other-office", lambda: compound("__substg1.0_0037001F")),
    ("setup.msi", "installer", lambda: compound("\u4840\u3f7f\u4164", "\x05SummaryInformation")),
    ("thumbs.xls", "ole-other", lambda: compound("Catalog")),
    ("binary.xlsb", "xlsb", lambda: zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"\x83\x01"})),
    ("files.zip", "zip-no-workbook", lambda: zipped({"a.txt": "x", "b.txt": "y"})),
    ("none.zip", "zip-no-workbook", lambda: zipped({})),
    ("files.rar", "archive", lambda: b"Rar!\x1a\x07\x01\0" + bytes(50)),
    ("old.xls", "old-excel", lambda: b"\x09\x04\x06\0\0\0\x10\0"),
    ("tool.xlsx", "program", lambda: b"MZ" + bytes(200)),
    ("~$open.xlsx", "lock-file", lambda: b"\x05admin" + b" " * 159),
    ("junk.xlsx", "binary", lambda: bytes((at * 7 + at * at // 3) % 256 for at in range(4000))),
    ("nuls.csv", "binary", lambda: b"a,b\n1,\0\0\n" * 3 + b"x"),
    ("zeros.csv", "binary", lambda: bytes(1000)),
    ("empty.xlsx", "empty", lambda: b""),
    ("blank.csv", "blank", lambda: b" \r\n\r\n"),
    ("other.csv", "unknown-encoding", lambda: "指标,数值\n".encode() + b"\xff\xfe\xfa,1\n"),
    ("long-text.xlsx", "text-too-long", lambda: small_xlsx(**{"xl__sharedStrings.xml": texts_xml(f"<t>{'出' * 40_000}</t>")})),
    ("no-sheet.xlsx", "no-sheets", lambda: zipped(xlsx_parts())),
    ("lost-sheet.xlsx", "damaged", lambda: zipped({k: v for k, v in xlsx_parts(sheet_xml(ROW)).items() if "sheet1" not in k})),
    ("wide.ods", "far-cell", lambda: big_table(16_384, 1)),
    ("tall.ods", "far-cell", lambda: big_table(1, 1_048_576)),
    ("both.ods", "far-cell", lambda: big_table(16_384, 1_048_576)),
    ("crowded.ods", "too-many-cells", lambda: big_table(900, 19_000)),
    ("empty-repeats.ods", None, lambda: ods(
        '<table:table table:name="t"><table:table-row><table:table-cell office:value-type="float" office:value="1"/>'
        '<table:table-cell table:number-columns-repeated="16383"/></table:table-row><table:table-row '
        'table:number-rows-repeated="1048575"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )),
    ("long-row.xlsx", "row-too-long", lambda: with_sheet(sheet_xml(f'<row r="1">{element_run(400_000)}</row>'))),
    ("many-tags.xlsx", "too-many-tags", lambda: with_sheet(sheet_xml(f"<row>{element_run(1_400_000)}</row>"))),
    ("many-cells.xlsx", "too-many-cells", lambda: with_sheet(sheet_xml(many_rows(560)))),
    ("one-line.csv", "text-too-long", lambda: b"a,b\n" + b"x" * 20_000_000),
    ("one-quote.csv", "text-too-long", lambda: b'a,b\n"' + b"x,\n" * 5_000_000),
    ("many-columns.csv", "far-cell", lambda: b"a" + b",1" * 2_000_000),
    ("many-rows.csv", "far-cell", lambda: b"a,b\n" * 100_000),
)  # fmt: skip
"""File name, the code it is refused with (None: it is read), and how its bytes are made."""


def element_run(count: int) -> str:
    """Return very many empty elements that pack badly enough to pass as honest."""
    return "".join(f'<c r="{"ABCDEFGH"[at % 8]}{at * 7919 % 9973}" s="{at % 61}"><q a="{at}"/></c>' for at in range(count))


def many_rows(columns: int) -> str:
    """Return a thousand rows of that many filled cells."""
    names = [column_letters(at) for at in range(1, columns + 1)]
    return "".join(
        f'<row r="{row}">' + "".join(f'<c r="{name}{row}"><v>{row * 31 % 97}</v></c>' for name in names) + "</row>"
        for row in range(1, 1001)
    )


def special(folder: Path) -> dict[Path, str]:
    """Make the things that are no plain files and return each with its code."""
    made: dict[Path, str] = {}
    (folder / "folder.xlsx").mkdir()
    made[folder / "folder.xlsx"] = "not-a-file"
    (folder / "loop.xlsx").symlink_to("loop.xlsx")
    made[folder / "loop.xlsx"] = "link-loop"
    (folder / "gone.xlsx").symlink_to("nowhere.xlsx")
    made[folder / "gone.xlsx"] = "missing"
    os.mkfifo(folder / "pipe.xlsx")
    made[folder / "pipe.xlsx"] = "not-a-file"
    (folder / "device.xlsx").symlink_to("/dev/zero")
    made[folder / "device.xlsx"] = "not-a-file"
    with (folder / "sparse.csv").open("wb") as stream:
        stream.truncate(100_000_000)
    made[folder / "sparse.csv"] = "too-large"
    made[folder / "never.xlsx"] = "missing"
    return made


__all__ = ["CSV", "FILES", "HEAD", "SOUND", "special", "xls"]

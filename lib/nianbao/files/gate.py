"""What a file is, by its content, and whether it may be opened: decided before any library that reads spreadsheets sees it.

Nothing a file says about itself is believed: its extension only chooses the words, packages are inflated here and measured while they
grow, and only what passed goes on to the readers.  How far the cells of a sheet reach is checked by the readers as they stream it.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nianbao.errors import GateError
from nianbao.files.refusals import refusal

MAX_BYTES = 50_000_000
MAX_PART = 100_000_000
MAX_UNPACKED = 160_000_000
MAX_RATIO = 250
"""Sheets of zeros in a styled grid reach about 60; a run of one byte reaches 1,030."""
_UTF8_NAME = 1 << 11
"""Flag of a zip entry whose name is written in UTF-8."""
_RATIO_COUNTS_FROM = 2_000_000
MAX_ENTRIES = 2_000
MAX_TAGS = 4_000_000
"""Tags of one part: half a million cells have about two million."""
MAX_CELLS = 500_000
"""Filled cells of a whole file: 500 MB are enough to read them twice and compare."""
MAX_ROW = 4_000_000
"""Bytes of one row's XML: readers hold a whole row at a time; a thousand cells have about 100,000."""

_FOUND = {
    "xlsx": ("Excel工作簿（.xlsx）", "an Excel workbook (.xlsx)", ".xlsx"),
    "xlsm": ("带宏的Excel工作簿（.xlsm）", "an Excel workbook with macros (.xlsm)", ".xlsm"),
    "xls": ("Excel 97-2003工作簿（.xls）", "an Excel 97-2003 workbook (.xls)", ".xls"),
    "ods": ("OpenDocument表格（.ods）", "an OpenDocument spreadsheet (.ods)", ".ods"),
    "csv": ("纯文本", "plain text", ".csv"),
}
_BOOK_NAMES = {".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt", ".et", ".ett", ".ods", ".xlsb"}
_TEXT_NAMES = {".csv", ".tsv", ".txt", ".tab"}
_USUAL_NAMES = {"xlsx": {".xlsx", ".xltx"}, "xlsm": {".xlsm", ".xltm"}, "xls": {".xls", ".xlt", ".et", ".ett"}, "ods": {".ods"}}

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "picture", "PNG"),
    (b"\xff\xd8\xff", "picture", "JPEG"),
    (b"GIF8", "picture", "GIF"),
    (b"II*\0", "picture", "TIFF"),
    (b"MM\0*", "picture", "TIFF"),
    (b"{\\rtf", "rtf", ""),
    (b"Rar!", "archive", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "archive", "7z"),
    (b"\x1f\x8b", "archive", "gzip"),
    (b"BZh", "archive", "bzip2"),
    (b"\xfd7zXZ\0", "archive", "xz"),
    (b"\x28\xb5\x2f\xfd", "archive", "zstd"),
    (b"PK\x07\x08", "archive", "ZIP"),
    (b"MZ", "program", ""),
    (b"\x7fELF", "program", ""),
    (b"\x09\x00\x04\x00", "old-excel", ""),
    (b"\x09\x02\x06\x00", "old-excel", ""),
    (b"\x09\x04\x06\x00", "old-excel", ""),
    (b"\x09\x08\x08\x00", "old-excel", ""),
    (b"\x09\x08\x10\x00", "old-excel", ""),
    (b"SQLite format 3\0", "binary", ""),
)


@dataclass(frozen=True)
class Admitted:
    """A file that may be read: its kind (xlsx, xlsm, xls, ods, csv), its bytes, and what of it is already unpacked.

    ``parts`` holds a package's XML parts by name, inflated and measured; ``text`` and ``encoding`` a text file's characters;
    ``work`` is how many bytes the readers have before them; ``notices`` are codes with their figures.
    """

    kind: str
    content: bytes
    work: int
    parts: Mapping[str, bytes] = field(default_factory=dict)
    text: str = ""
    encoding: str = ""
    notices: tuple[tuple[str, Mapping[str, str]], ...] = ()


def admit(path: Path, where: str = "") -> Admitted:
    """Return the file at ``path``, measured and known to be a spreadsheet; ``where`` names it in messages.

    Raises:
        GateError: it is missing, is no spreadsheet, or must not be opened; the code names which.
    """
    where = where or path.name
    content = _content(path, where)
    if path.name.startswith(("~$", ".~")) and len(content) < 1024:
        raise refusal("lock-file", where)
    admitted = admit_bytes(content, where)
    return _by_name(admitted, path.suffix.lower(), where)


def _content(path: Path, where: str) -> bytes:
    """Return the bytes of a regular file of bearable size; never waits for a pipe or device."""
    try:
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        )
    except OSError as error:
        raise _unopened(error, path, where) from error
    state = os.fstat(handle)
    if not stat.S_ISREG(state.st_mode):
        os.close(handle)
        raise _no_file(state.st_mode, where)
    with os.fdopen(handle, "rb") as stream:
        if not state.st_size:
            raise refusal("empty", where)
        if state.st_size > MAX_BYTES:
            raise refusal("too-large", where, bytes=f"{state.st_size:,}", limit=f"{MAX_BYTES:,}")
        try:
            content = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise refusal("unreadable", where, reason=error.strerror or type(error).__name__) from error
    if len(content) > MAX_BYTES:
        raise refusal("too-large", where, bytes=f"{len(content):,}+", limit=f"{MAX_BYTES:,}")
    if not content:
        raise refusal("empty", where)
    return content


def _unopened(error: OSError, path: Path, where: str) -> GateError:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return refusal("missing", where)
    if error.errno == errno.ELOOP:
        return refusal("link-loop", where)
    if path.is_dir():
        return _no_file(stat.S_IFDIR, where)
    if error.errno in (errno.EACCES, errno.EPERM):
        return refusal("not-permitted", where)
    if error.errno in (errno.ENXIO, errno.ENODEV):  # a socket, or a device without its machine
        return _no_file(stat.S_IFSOCK, where)
    return refusal("unreadable", where, reason=error.strerror or type(error).__name__)


def _no_file(mode: int, where: str) -> GateError:
    if stat.S_ISDIR(mode):
        return refusal("not-a-file", where, found="a folder", found_zh="文件夹")
    if stat.S_ISFIFO(mode):
        return refusal("not-a-file", where, found="a pipe", found_zh="管道")
    return refusal("not-a-file", where, found="a device or socket", found_zh="设备或套接字")


def admit_bytes(content: bytes, where: str = "") -> Admitted:
    """Return a file's bytes, measured and known to be a spreadsheet, whatever its name.

    Raises:
        GateError: they are no spreadsheet, or must not be opened; the code names which.
    """
    if not content:
        raise refusal("empty", where)
    if len(content) > MAX_BYTES:
        raise refusal("too-large", where, bytes=f"{len(content):,}", limit=f"{MAX_BYTES:,}")
    if content[:2] == b"PK" and content[2:4] in (b"\x03\x04", b"\x05\x06"):
        return _package(content, where)
    if content.startswith(OLE):
        return _compound(content, where)
    if content.startswith(OLE[:4]):
        raise refusal("truncated", where, bytes=f"{len(content):,}")
    for head, code, found in _HEADS:
        if content.startswith(head):
            raise refusal(code, where, found=found)
    if b"%PDF-" in content[:1024]:
        raise refusal("pdf", where)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        raise refusal("picture", where, found="WebP")
    if content[4:8] == b"ftyp":
        raise refusal("picture", where, found="HEIC / AVIF / MP4")
    if content[:2] == b"BM" and content[6:10] == b"\0\0\0\0":
        raise refusal("picture", where, found="BMP")
    return _text(content, where)


def _by_name(admitted: Admitted, extension: str, where: str) -> Admitted:
    """Hold the extension against the content: refuse text under a workbook's name and the reverse, tell the rest."""
    found_zh, found, wanted = _FOUND[admitted.kind]
    text = admitted.kind == "csv"
    if (text and extension in _BOOK_NAMES) or (not text and extension in _TEXT_NAMES):
        raise refusal("wrong-extension", where, extension=extension, found=found, found_zh=found_zh, wanted=wanted)
    if text or extension not in _BOOK_NAMES or extension in _USUAL_NAMES[admitted.kind]:
        return admitted
    told = ("workbook-extension", {"extension": extension, "found": found})
    return Admitted(admitted.kind, admitted.content, admitted.work, admitted.parts, notices=(*admitted.notices, told))


# ---- packages -------------------------------------------------------------------------------------------------------


def _package(content: bytes, where: str) -> Admitted:
    """Return a zip package that is a workbook, its XML parts inflated under watch."""
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise refusal("too-many-parts", where, limit=f"{MAX_ENTRIES:,}")
    if content.rfind(b"PK\x05\x06") < max(0, len(content) - 70_000):
        raise refusal("truncated", where, bytes=f"{len(content):,}")
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except Exception as error:  # a broken directory raises many kinds; each means the same to the sender
        raise refusal("damaged", where, part="zip directory") from error
    names: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        if name.startswith("/") or "\\" in name or ".." in name.split("/") or "\0" in name or re.match(r"[A-Za-z]:", name):
            raise refusal("unsafe-name", where, part=_quotable(name))
        if name.casefold() in names:
            raise refusal("duplicate-part", where, part=_quotable(name))
        names.add(name.casefold())
        if entry.flag_bits & 0x41:
            raise refusal("encrypted", where)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refusal("odd-compression", where, part=_quotable(name))
    kind = _package_kind(content, entries, names, where)
    parts: dict[str, bytes] = {}
    room = MAX_UNPACKED
    for entry in entries:
        if entry.is_dir():
            continue
        data = _inflated(content, entry, room, where)
        room -= len(data)
        if _looks_like_xml(data) or entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            _check_xml(data, _quotable(entry.filename), where)
            parts[entry.filename] = data
    if kind == "ods" and b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise refusal("encrypted", where)
    macros = (
        kind == "xlsm"
        or any(name.endswith("vbaproject.bin") for name in names)
        or any(name.startswith("basic/") for name in names)
    )
    return Admitted(kind, content, MAX_UNPACKED - room, parts, notices=(("macros-ignored", {}),) if macros else ())


def _package_kind(content: bytes, entries: list[zipfile.ZipInfo], names: set[str], where: str) -> str:
    """Return xlsx, xlsm or ods, or refuse by what the package holds instead."""
    by_name = {entry.filename.casefold(): entry for entry in entries}
    if "mimetype" in names:
        mime = _inflated(content, by_name["mimetype"], 200_000, where)[:200].decode("ascii", "replace").strip()
        if mime.startswith("application/vnd.oasis.opendocument.spreadsheet"):
            if "content.xml" not in names:
                raise refusal("damaged", where, part="content.xml")
            return "ods"
        if "opendocument" in mime or "epub" in mime:
            raise refusal("other-office", where, found=_quotable(mime.removeprefix("application/vnd.oasis.opendocument.")))
    if "xl/workbook.bin" in names:
        raise refusal("xlsb", where)
    if any(name.startswith("word/document") for name in names):
        raise refusal("word", where)
    if any(name.startswith("ppt/presentation") for name in names):
        raise refusal("slides", where)
    if any(name.startswith("index/") and name.endswith(".iwa") for name in names):
        raise refusal("other-office", where, found="iWork")
    if "[content_types].xml" in names:
        types = _inflated(content, by_name["[content_types].xml"], MAX_PART, where)
        if b"ms-excel.sheet.binary" in types:
            raise refusal("xlsb", where)
        if b"spreadsheetml" in types or b"xl/workbook.xml" in types or "xl/workbook.xml" in names:
            return "xlsm" if b"macroEnabled" in types else "xlsx"
    elif "xl/workbook.xml" in names:
        raise refusal("damaged", where, part="[Content_Types].xml")
    if "content.xml" in names and "meta-inf/manifest.xml" in names:
        manifest = _inflated(content, by_name["meta-inf/manifest.xml"], MAX_PART, where)
        if b"opendocument.spreadsheet" in manifest:
            return "ods"
    raise refusal("zip-no-workbook", where, entries=f"{len(entries):,}")


def _inflated(content: bytes, entry: zipfile.ZipInfo, room: int, where: str) -> bytes:
    """Return an entry's bytes, inflated here so that neither its stated size nor its checksum is believed."""
    name = _quotable(entry.filename)
    head = content[entry.header_offset : entry.header_offset + 30]
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise refusal("damaged", where, part=name)
    flags, method = struct.unpack("<HH", head[6:10])
    begin = entry.header_offset + 30 + sum(struct.unpack("<HH", head[26:30]))
    if flags & 0x41:
        raise refusal("encrypted", where)
    stated = content[entry.header_offset + 30 : entry.header_offset + 30 + struct.unpack("<H", head[26:28])[0]]
    if method != entry.compress_type or stated != _raw_name(entry):
        raise refusal("package-lies", where, part=name)
    packed = memoryview(content)[begin : begin + entry.compress_size]
    if len(packed) < entry.compress_size:
        raise refusal("truncated", where, bytes=f"{len(content):,}")
    limit = min(MAX_PART, room, max(_RATIO_COUNTS_FROM, MAX_RATIO * len(packed)))
    if method == zipfile.ZIP_STORED:
        data = bytes(packed)
    else:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = stream.decompress(packed, limit + 1)
        except zlib.error as error:
            raise refusal("damaged", where, part=name) from error
        if len(data) <= limit and not stream.eof:
            raise refusal("damaged", where, part=name)
    if len(data) > limit:
        raise refusal("bomb", where, part=name, limit=f"{limit / 1e6:,.0f} MB")
    if len(data) != entry.file_size or zlib.crc32(data) != entry.CRC:
        raise refusal("package-lies" if len(data) != entry.file_size else "damaged", where, part=name)
    return data


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    """Return an entry's name as the central directory writes it."""
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8_NAME else "cp437", "replace")


def _quotable(name: str) -> str:
    """Return a name from a file fit for a one-line message."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in name)
    return shown if len(shown) <= 60 else shown[:57] + "…"


def _looks_like_xml(data: bytes) -> bool:
    head = data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    return head.startswith(b"<") or data[:4] == b"\x4c\x6f\xa7\x94"


def _check_xml(data: bytes, name: str, where: str) -> None:
    """Refuse a part in an encoding no package uses, and any that declares a document type or entities."""
    if data[:4] in (b"\0\0\xfe\xff", b"\xff\xfe\0\0", b"\0\0\0<", b"<\0\0\0", b"\x4c\x6f\xa7\x94"):
        raise refusal("xml-encoding", where, part=name)
    width = "utf-16-le" if data[:2] in (b"\xff\xfe", b"<\0") else "utf-16-be" if data[:2] in (b"\xfe\xff", b"\0<") else "ascii"
    if width == "ascii":
        declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]*)", data[:400])
        if declared and declared[1].lower() not in (
            b"utf-8",
            b"utf8",
            b"us-ascii",
            b"ascii",
            b"iso-8859-1",
            b"gb2312",
            b"gbk",
            b"gb18030",
        ):
            raise refusal("xml-encoding", where, part=name)
    if any(mark.encode(width) in data for mark in ("<!DOCTYPE", "<!ENTITY")):
        raise refusal("doctype", where, part=name)
    if len(data) > MAX_ROW:
        if data.count(b"<") > MAX_TAGS:
            raise refusal("too-many-tags", where, part=name, limit=f"{MAX_TAGS:,}")
        if data.count(b"<v>") > MAX_CELLS:
            raise refusal("too-many-cells", where, limit=f"{MAX_CELLS:,}")
        if "sheetData".encode(width) in data or "table-row".encode(width) in data:
            longest = max(map(len, data.split("row>".encode(width))))
            if longest > MAX_ROW:
                raise refusal("row-too-long", where, part=name, bytes=f"{longest:,}", limit=f"{MAX_ROW:,}")


# ---- compound documents (OLE 2) -------------------------------------------------------------------------------------


def _compound(content: bytes, where: str) -> Admitted:
    """Return an .xls workbook, or refuse by what the compound document holds instead."""
    try:
        names = _directory(content)
    except (struct.error, IndexError, ValueError) as error:
        raise refusal("damaged", where, part="OLE directory") from error
    folded = {name.casefold() for name in names}
    if folded & {"encryptedpackage", "encryptioninfo"}:
        raise refusal("encrypted", where)
    if folded & {"workbook", "book"}:
        if any(_has_password(stream) for name, stream in names.items() if name.casefold() in ("workbook", "book")):
            raise refusal("encrypted", where)
        macros = "_vba_project_cur" in folded
        return Admitted("xls", content, len(content), notices=(("macros-ignored", {}),) if macros else ())
    if "worddocument" in folded:
        raise refusal("word", where)
    if "powerpoint document" in folded:
        raise refusal("slides", where)
    if any(ord(sign) >= 0x3800 for name in names for sign in name[:1]) and "\x05SummaryInformation" in names:
        raise refusal("installer", where)  # Windows Installer writes its stream names in that range
    if any(name.startswith("__substg1.0") for name in folded):
        raise refusal("other-office", where, found="Outlook")
    raise refusal("ole-other", where)


def _has_password(stream: bytes) -> bool:
    """True when a FILEPASS record stands among the first of a workbook stream ([MS-XLS] 2.4.117)."""
    at = 0
    while at + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, at)
        if record == 0x2F:
            return True
        at += 4 + length
    return False


def _directory(content: bytes) -> dict[str, bytes]:
    """Return the names at the top level of a compound document, each with its stream's first sector ([MS-CFB] 2.6).

    Raises:
        ValueError, IndexError, struct.error: its chains lead nowhere.
    """
    shift = struct.unpack_from("<H", content, 30)[0]
    if shift not in (9, 12):
        raise ValueError("sector size")
    size = 1 << shift
    table = _allocation(content, size)
    sector = struct.unpack_from("<I", content, 48)[0]
    seen: set[int] = set()
    chunks = []
    while sector < 0xFFFFFFFA:
        if sector in seen:
            raise ValueError("directory chain")
        seen.add(sector)
        chunks.append(content[(sector + 1) * size : (sector + 2) * size])
        sector = table[sector]
    raw = b"".join(chunks)
    entries = []
    for at in range(0, len(raw) - 127, 128):
        length = min(struct.unpack_from("<H", raw, at + 64)[0], 64)
        name = raw[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        start = struct.unpack_from("<I", raw, at + 116)[0]
        entries.append((name, *struct.unpack_from("<III", raw, at + 68), content[(start + 1) * size : (start + 2) * size]))
    if not entries:
        raise ValueError("no entries")
    names: dict[str, bytes] = {}
    todo, met = [entries[0][3]], set()
    while todo:
        place = todo.pop()
        if place == 0xFFFFFFFF or place in met:
            continue
        met.add(place)
        name, left, right, _, stream = entries[place]
        names[name] = stream
        todo += [left, right]
    return names


def _allocation(content: bytes, size: int) -> list[int]:
    """Return the sector allocation table."""
    sectors = [place for place in struct.unpack_from("<109I", content, 76) if place < 0xFFFFFFFA]
    following = struct.unpack_from("<I", content, 68)[0]
    most = len(content) // size + 1
    for _ in range(most):
        if following >= 0xFFFFFFFA:
            break
        listed = struct.unpack_from(f"<{size // 4}I", content, (following + 1) * size)
        sectors += [place for place in listed[:-1] if place < 0xFFFFFFFA]
        following = listed[-1]
    table: list[int] = []
    for sector in sectors[:most]:
        block = content[(sector + 1) * size : (sector + 2) * size]
        table += struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4])
    return table


# ---- text -----------------------------------------------------------------------------------------------------------

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decoded(content: bytes, where: str = "") -> tuple[str, str]:
    """Return a text file's characters and its encoding: by its mark, by where NULs stand, else strict UTF-8, else strict GB18030.

    Raises:
        GateError: it is binary, or in none of these.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError as error:
                raise refusal("unknown-encoding", where, byte=f"{error.start:,}") from error
            return _sound(text.removeprefix("\ufeff"), where), "utf-8" if encoding == "utf-8-sig" else encoding
    if b"\0" in content:
        wide = _by_nuls(content)
        if wide is None:
            raise refusal("binary", where)
        try:
            return _sound(content.decode(wide), where), wide
        except UnicodeDecodeError as error:
            raise refusal("binary", where) from error
    try:
        return _sound(content.decode("utf-8"), where), "utf-8"
    except UnicodeDecodeError as error:
        first = error.start
    if _controls(content[:4096]) > len(content[:4096]) // 20:
        raise refusal("binary", where)
    try:
        return _sound(content.decode("gb18030"), where), "gb18030"
    except UnicodeDecodeError as error:
        raise refusal("unknown-encoding", where, byte=f"{max(first, error.start):,}") from error


def _by_nuls(content: bytes) -> str | None:
    """Return the byte order of 16-bit text by its separators and line ends, whose high byte is NUL; None for anything else."""
    if len(content) % 2:
        return None
    scores = {
        order: sum(map(content.decode(order, "replace").count, "\t\r\n,")) for order in ("utf-16-le", "utf-16-be")
    }  # only these: the ideographs 一 and U+3000 read the other way round are a letter and a digit
    best = max(scores, key=lambda order: scores[order])
    return best if scores[best] else None


def _controls(data: bytes) -> int:
    return sum(data.count(bytes((sign,))) for sign in (*range(1, 9), *range(14, 27), *range(28, 32), 127))


def _sound(text: str, where: str) -> str:
    if not text.strip():
        raise refusal("blank", where)
    if "\0" in text or _controls(text[:4096].encode("utf-8", "replace")) > max(len(text[:4096]) // 20, 1):
        raise refusal("binary", where)
    return text


def _text(content: bytes, where: str) -> Admitted:
    """Return a text table, or refuse markup under a spreadsheet's name."""
    head = content[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if head.startswith(b"mime-version:") or b"content-type: multipart/related" in head[:1000]:
        raise refusal("web-archive", where)
    if head.startswith(b"<"):
        if b"schemas-microsoft-com:office:spreadsheet" in head and b"<html" not in head:
            raise refusal("xml-spreadsheet", where)
        if b"opendocument" in head and b"office:document" in head:
            raise refusal("flat-opendocument", where)
        if re.match(
            rb"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|meta|body|table|style|div|span|tr|td|font|center)\b",
            head,
            re.S,
        ):
            raise refusal("html-table", where)
        if head.startswith(b"<?xml") or re.match(rb"<[a-z_:][\w:.-]*(?:\s[^<>]*)?>", head):
            raise refusal("xml", where)
    text, encoding = decoded(content, where)
    return Admitted("csv", content, len(content), text=text, encoding=encoding)

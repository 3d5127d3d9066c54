"""The faces of every document: which there are, what they can draw, and small copies for web pages.

nianbao ships four faces under the SIL Open Font License (``faces/README.md`` tells their origin), so that a
report looks the same on any machine.  An office that owns the faces official documents ask for (仿宋_GB2312,
方正小标宋) keeps their files in a folder of its own; its faces then come first.  System fonts are never
looked at: they differ from machine to machine.
"""

from __future__ import annotations

import base64
import io
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import brotli
import uharfbuzz
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.sfnt import SFNTReader
from fontTools.ttLib.woff2 import packBase128, woff2KnownTags

from nianbao.errors import ReportError, did_you_mean

SHIPPED_FOLDER = Path(__file__).resolve().parent / "faces"
"""Folder of the shipped font files and their licence."""
FONT_SUFFIXES = frozenset({".otf", ".ttf", ".otc", ".ttc"})
"""File name endings by which an office's font files are recognised."""

_SUBSET_FEATURES = ("calt", "ccmp", "chws", "halt", "kern", "liga", "lnum", "mark", "mkmk", "tnum")
_FAMILY, _TYPOGRAPHIC_FAMILY = 1, 16
_BOLD_FROM = 600
_BROTLI_QUALITY = 5
_WOFF2_HEADER = struct.Struct(">4s4sIHHIIHHIIIII")
_WOFF2_UNKNOWN_TAG = 63
_RESTRICTED_LICENCE, _NO_SUBSETTING = 0x0002, 0x0100


@dataclass(frozen=True)
class Face:
    """One face: its key, family name, weight (400 or 700) and font file.

    ``index`` is its place in a font collection, ``names`` every family name it answers to (a Chinese face has
    an English and a Chinese one), ``embeddable`` false when the file itself forbids embedding a part of it in
    a document.
    """

    key: str
    family: str
    weight: int
    path: Path
    index: int = 0
    names: tuple[str, ...] = ()
    embeddable: bool = True


def _shipped(key: str, family: str, *, weight: int, file: str) -> Face:
    return Face(key=key, family=family, weight=weight, path=SHIPPED_FOLDER / file, names=(family,))


SHIPPED_FACES = (
    _shipped("song", "Nianbao Song", weight=400, file="NianbaoSong-Regular.otf"),
    _shipped("song-bold", "Nianbao Song", weight=700, file="NianbaoSong-Bold.otf"),
    _shipped("hei", "Nianbao Hei", weight=400, file="NianbaoHei-Regular.otf"),
    _shipped("kai", "Nianbao Kai", weight=400, file="NianbaoKai-Regular.ttf"),
)
"""Song (宋体) in two weights, Hei (黑体) and Kai (楷体), all under the SIL Open Font License 1.1."""


def faces(office_folder: Path | None = None) -> tuple[Face, ...]:
    """Return the faces a report may use: the office's own by file name, then the shipped ones.

    The key of an office's face is ``office/`` and its path in the folder, with ``#`` and a number for the
    second and later faces of a collection.  Its family is the first one in the file's name table, the name by
    which the PDF compiler knows it; its weight is 700 from a weight class of 600 on, else 400.  Folders
    inside the folder are searched too.

    Raises :class:`ReportError` when the folder does not exist or a font file in it cannot be read.
    """
    if office_folder is None:
        return SHIPPED_FACES
    if not office_folder.is_dir():
        raise ReportError(
            f"{office_folder}: not a folder; expected the folder of the office's font files; "
            "create it, or take its name out of the parameters"
        )
    files = sorted(file for file in office_folder.rglob("*") if file.suffix.lower() in FONT_SUFFIXES and file.is_file())
    office = [face for file in files for face in _office_faces(file, folder=office_folder)]
    return (*office, *SHIPPED_FACES)


def folders(office_folder: Path | None = None) -> list[Path]:
    """Return the folders that hold the font files, the office's own first."""
    return [SHIPPED_FOLDER] if office_folder is None else [office_folder, SHIPPED_FOLDER]


def missing_characters(text: str, *, office_folder: Path | None = None) -> set[str]:
    """Return the characters of ``text`` that no face can draw.

    White space, control and format characters and variation selectors need no drawing and are never in the
    result.
    """
    undrawn = set(text)
    for face in faces(office_folder):
        if not undrawn:
            break
        undrawn -= _characters(face)
    return {character for character in undrawn if _needs_drawing(character)}


def subset_woff2(face: Face, text: str) -> bytes:
    """Return a WOFF2 font with the characters of ``text`` alone; equal characters give equal bytes.

    A space is always added; characters the face lacks are left to the page's next face.  Width and weight of
    the glyphs are those of the whole face.
    """
    order = uharfbuzz.SubsetInput()
    order.unicode_set.update({ord(character) for character in text} | {0x20})
    order.layout_feature_tag_set.clear()
    order.layout_feature_tag_set.update({int.from_bytes(tag.encode("ascii"), "big") for tag in _SUBSET_FEATURES})
    order.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    cut = uharfbuzz.subset(_open(face), order)
    if cut is None:
        raise ReportError(f"{face.path}: no subset of it can be made; replace it by a fresh copy of the font")
    return _woff2(bytes(cut.blob.data))


def css(text_by_face: Mapping[str, str], *, office_folder: Path | None = None) -> str:
    """Return the ``@font-face`` rules of a page, with each face's subset for its text as a data address.

    ``text_by_face`` maps keys of :func:`faces` to the text set in them; a face whose text holds none of its
    characters gets no rule. A face that forbids embedding is named as a face of the reader's machine instead.

    Raises :class:`ReportError` for a key no face has.
    """
    known = {face.key: face for face in faces(office_folder)}
    for key in text_by_face:
        if key not in known:
            raise ReportError(
                f"face {key!r}: not known; expected one of {', '.join(known)}{did_you_mean(key, known)}; "
                "add its file to the office's font folder, or name another face"
            )
    # In the order of faces(), not of the mapping, so that a page does not depend on who collected its text
    # first.
    return "".join(
        _rule(face, source=_source(face, text_by_face[key]))
        for key, face in known.items()
        if key in text_by_face and _characters(face) & set(text_by_face[key])
    )


def _woff2(sfnt: bytes) -> bytes:
    """Return an OpenType font as WOFF2 (W3C Recommendation, 2024), its tables untransformed.

    Written here because fontTools offers only the best compression: a hundred times the time for a tenth of the
    size.
    """
    reader = SFNTReader(io.BytesIO(sfnt))
    tables = {tag: bytes(reader[tag]) for tag in sorted(reader.keys())}
    head = bytearray(tables["head"])
    # Bit 11 of the flags: the font went through a lossless transformation; the format demands it.
    head[16] |= 0x08
    tables["head"] = bytes(head)
    directory = b"".join(_woff2_entry(tag, len(data)) for tag, data in tables.items())
    packed: bytes = brotli.compress(b"".join(tables.values()), mode=brotli.MODE_FONT, quality=_BROTLI_QUALITY)
    unpacked_n = 12 + sum(16 + (len(data) + 3) // 4 * 4 for data in tables.values())
    padding = -(_WOFF2_HEADER.size + len(directory) + len(packed)) % 4
    length = _WOFF2_HEADER.size + len(directory) + len(packed) + padding
    header = _WOFF2_HEADER.pack(b"wOF2", sfnt[:4], length, len(tables), 0, unpacked_n, len(packed), 1, 0, 0, 0, 0, 0, 0)
    return header + directory + packed + bytes(padding)


def _woff2_entry(tag: str, length: int) -> bytes:
    """Return a table's line in the directory: its tag as a number where it has one, and its length."""
    untransformed = 3 << 6 if tag in ("glyf", "loca") else 0
    told_length: bytes = packBase128(length)
    if tag in woff2KnownTags:
        return bytes([woff2KnownTags.index(tag) | untransformed]) + told_length
    return bytes([_WOFF2_UNKNOWN_TAG | untransformed]) + tag.encode("ascii") + told_length


def _rule(face: Face, *, source: str) -> str:
    described = f"font-family:{_quoted(face.family)};font-weight:{face.weight};font-style:normal"
    return f"@font-face{{{described};src:{source}}}\n"


def _source(face: Face, text: str) -> str:
    if not face.embeddable:
        return ",".join(f"local({_quoted(name)})" for name in face.names)
    encoded = base64.b64encode(subset_woff2(face, text)).decode("ascii")
    return f'url(data:font/woff2;base64,{encoded}) format("woff2")'


def _quoted(name: str) -> str:
    """Return ``name`` as a CSS string that can end neither itself nor the style element around it."""
    return '"' + "".join(one if one.isalnum() or one in " -_" else f"\\{ord(one):x} " for one in name) + '"'


def _needs_drawing(character: str) -> bool:
    if 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF:
        return False
    return unicodedata.category(character) not in ("Zs", "Zl", "Zp", "Cc", "Cf")


def _office_faces(file: Path, *, folder: Path) -> list[Face]:
    """Return the faces in one font file of the office."""
    made = []
    try:
        count = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file)), 0).count
        for index in range(max(count, 1)):
            with file.open("rb") as stream, TTFont(stream, fontNumber=index, lazy=True) as font:
                names = _family_names(font)
                weight_class, permission = font["OS/2"].usWeightClass, font["OS/2"].fsType
            key = f"office/{file.relative_to(folder).as_posix()}" + (f"#{index}" if index else "")
            made.append(
                Face(
                    key=key,
                    family=names[0],
                    weight=700 if weight_class >= _BOLD_FROM else 400,
                    path=file,
                    index=index,
                    names=names,
                    embeddable=permission & 0xF != _RESTRICTED_LICENCE and not permission & _NO_SUBSETTING,
                )
            )
    except (TTLibError, OSError, LookupError, ValueError, AssertionError, EOFError) as fault:
        raise ReportError(
            f"{file}: cannot be read as a font ({fault}); expected an OpenType or TrueType file; "
            "replace it by a fresh copy or take it out of the folder"
        ) from fault
    return made


def _family_names(font: TTFont) -> tuple[str, ...]:
    """Return every family name in the order of the name table; the first is the one PDF compilers use."""
    records = sorted(font["name"].names, key=lambda record: record.nameID != _FAMILY)
    told = (record.toUnicode().strip() for record in records if record.nameID in (_FAMILY, _TYPOGRAPHIC_FAMILY))
    names = tuple(dict.fromkeys(name for name in told if name))
    if not names:
        raise LookupError("it has no family name")
    return names


def _open(face: Face) -> uharfbuzz.Face:
    return _opened(face.path, index=face.index, stamp=_stamp(face.path)).face


def _characters(face: Face) -> frozenset[str]:
    return _opened(face.path, index=face.index, stamp=_stamp(face.path)).characters


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@dataclass(frozen=True)
class _Opened:
    face: uharfbuzz.Face
    characters: frozenset[str]


@lru_cache(maxsize=32)
def _opened(path: Path, *, index: int, stamp: tuple[int, int]) -> _Opened:  # noqa: ARG001
    """Return the opened face; ``stamp`` changes with the file, so that a replaced file is read again."""
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), index)
    return _Opened(face=face, characters=frozenset(map(chr, face.unicodes)))

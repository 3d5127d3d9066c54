"""The reader of text tables (.csv, .tsv, .txt): finds the separator, keeps every field as written, shifts nothing.

A field is text, always: no number, date or blank is guessed.  Rows of unequal length stay as they are and are told.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from nianbao.files.draft import MAX_TEXT, Draft, SheetDraft, check_place, check_text
from nianbao.files.gate import Admitted
from nianbao.files.refusals import refusal

_SEPARATORS = ("\t", ",", "，", ";", "|")
_NAMES = {"\t": "tab", ",": ",", "，": "，", ";": ";", "|": "|"}
_SAMPLE = 200
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u200b\u2060]")
_GARBLED = re.compile(r"锟斤拷|烫烫烫|屯屯屯|[ÃÂ][\x80-\xbf]|ï»¿|\ufffd|[\ue000-\uf8ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")


def read_text(admitted: Admitted) -> Draft:
    """Return the one sheet of a text table, named by nothing: its sheet name is empty.

    Raises:
        GateError: a field or the table is longer than any spreadsheet holds.
    """
    draft = Draft("csv")
    sheet = draft.begin("")
    text = admitted.text
    _looks(draft, text, admitted.encoding)
    separator = _separator(draft, text)
    quoted = '"' in text
    try:
        rows = _fill(draft, sheet, text, separator, quoted=quoted)
    except csv.Error as error:
        if "field larger" in str(error):
            raise refusal("text-too-long", limit=f"{MAX_TEXT:,}") from error
        draft, sheet = Draft("csv", notices=draft.notices, told=draft.told), SheetDraft("")
        draft.sheets.append(sheet)
        draft.tell("quotes-broken")
        rows = _fill(draft, sheet, text, separator, quoted=False)
    _ragged(draft, rows)
    return draft


def _fill(draft: Draft, sheet: SheetDraft, text: str, separator: str, *, quoted: bool) -> list[tuple[int, int]]:
    """Enter every field; return the number and width of each row that is not blank."""
    widths = []
    for number, fields in enumerate(_records(text, separator, quoted=quoted), start=1):
        if any(fields):
            check_place(number, 1, "")
            widths.append((number, len(fields)))
        filled = 0
        for column, words in enumerate(fields, start=1):
            if words:
                check_place(number, column, "")
                check_text(words, "", f"R{number}C{column}")
                sheet.cells[number, column] = (number, column, words, words, "", False, "")
                filled += 1
        draft.take(filled, "")
    return widths


def _records(text: str, separator: str, *, quoted: bool) -> Iterator[list[str]]:
    """Yield the fields of each record; quotes are honoured strictly, so that one that never closes is noticed."""
    if quoted:
        usual = csv.field_size_limit(MAX_TEXT + 1)  # of the whole process, so whoever reads next gets it back
        try:
            yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        finally:
            csv.field_size_limit(usual)
        return
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if len(line) > MAX_TEXT and any(len(words) > MAX_TEXT for words in line.split(separator)):
            raise refusal("text-too-long", limit=f"{MAX_TEXT:,}")
        yield line.split(separator)


def _separator(draft: Draft, text: str) -> str:
    """Return the separator that gives the most rows the same number of fields, more fields before fewer."""
    lines = [line for line in _outside_quotes(text[:200_000]).split("\n")[:_SAMPLE] if line.strip()]
    scores = {}
    for place, sign in enumerate(_SEPARATORS):
        counts = Counter(line.count(sign) for line in lines)
        counts.pop(0, None)
        if counts:
            usual, times = max(counts.items(), key=lambda pair: (pair[1] * pair[0], pair[0]))
            scores[sign] = (times / len(lines), usual, -place)
    if not scores:
        draft.tell("one-column")
        return ","
    best = max(scores, key=lambda sign: (round(scores[sign][0], 1), scores[sign][1], scores[sign][2]))
    share, usual, _ = scores[best]
    rivals = [sign for sign in scores if sign != best and scores[sign][0] >= share and scores[sign][1] >= usual]
    if share < 0.5 or rivals:
        draft.tell("separator-unsure", separator=_NAMES[best])
    return best


def _outside_quotes(text: str) -> str:
    """Return text with quoted stretches emptied, line ends unified."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r'(^|[\t,，;|\n])"(?:[^"]|"")*"', r"\1", text)


def _ragged(draft: Draft, rows: list[tuple[int, int]]) -> None:
    """Tell the rows that have other than the usual number of fields."""
    if not rows:
        return
    counts = Counter(width for _, width in rows)
    usual = max(counts, key=lambda width: (counts[width], width))
    odd = [(number, width) for number, width in rows if width != usual]
    for number, width in odd:
        draft.tell("ragged-row", "", f"A{number}", found=str(width), expected=str(usual))


def _looks(draft: Draft, text: str, encoding: str) -> None:
    """Tell when decoded text shows the marks of a wrong encoding, or holds invisible control characters."""
    sample = text[:200_000]
    if _CONTROL.search(sample):
        draft.tell("control-characters")
    han = _HAN.findall(sample)
    rare = sum(1 for sign in han if not _in_gb2312(sign)) if encoding == "gb18030" else 0
    if _GARBLED.search(sample) or rare > max(len(han) // 10, 2):
        draft.tell("text-looks-wrong", encoding=encoding)


def _in_gb2312(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True

"""The one tree of errors, their exit codes, and the finding: a data problem with an address.

    NianbaoError
    ├── UserError            exit 1: somebody's input is at fault; one clear message, no traceback
    │   ├── ParamsError      a file under params/ (catalogue, township, report)
    │   ├── ReturnError      a return that cannot be read, or that blocks a report
    │   │   └── GateError    a file that is no readable spreadsheet; its code names the cause
    │   ├── TextError        the office's own text: an unknown reference, an unknown section
    │   ├── ParameterError   a notebook parameter: unknown, missing, of the wrong type
    │   └── ReportError      a document that cannot be made (a character no face can draw, …)
    ├── UsageError           exit 2: the command line
    └── ChapterError         exit 1: a notebook failed; the report is built and says so on page one

Anything else is a defect of nianbao and prints its traceback.
"""

from __future__ import annotations

import difflib
import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class NianbaoError(Exception):
    """Root of every error nianbao raises on purpose.

    The message is English; ``zh`` says the same in Chinese, ``""`` where only whoever writes params or programs meets the error.
    """

    exit_code = 1

    def __init__(self, message: str, *, zh: str = "") -> None:
        super().__init__(message)
        self.zh = zh

    def told(self, lang: str) -> str:
        """Return the message in a language, ``zh`` or ``en``; in English where there is no Chinese."""
        return self.zh if lang == "zh" and self.zh else str(self)


class UserError(NianbaoError):
    """Input that nianbao refuses; the message says where, what was found, what was expected, what to do."""


class ParamsError(UserError):
    """Faults of a params file, all of them, each with its line."""


class ReturnError(UserError):
    """A return that cannot be read or must not be reported; ``findings`` holds what is wrong."""

    def __init__(self, message: str, findings: Sequence[Finding] = (), *, zh: str = "") -> None:
        super().__init__(message, zh=zh)
        self.findings = tuple(findings)


class TextError(UserError):
    """The office's own text refers to something that does not exist."""


class ParameterError(UserError):
    """A notebook parameter is unknown, missing or of the wrong type."""


class ReportError(UserError):
    """A document cannot be made from the chapters."""


class UsageError(NianbaoError):
    """The command line is at fault."""

    exit_code = 2


class ChapterError(NianbaoError):
    """A notebook failed while it ran; the message names the notebook and the cell, never the cell's content."""


class Severity(StrEnum):
    """What a finding means for the report."""

    BLOCK = "block"
    """No report is built until it is mended."""
    WARN = "warn"
    """The report is built and prints the finding."""
    NOTE = "note"
    """For the analyst's information."""

    def word(self, lang: str) -> str:
        """Return what the severity is called for a reader; in English by its value."""
        return {"block": "须改正", "warn": "待核实", "note": "提示"}[self.value] if lang == "zh" else self.value


@dataclass(frozen=True, order=True)
class Cell:
    """Address of one source cell: file (relative to the project), sheet (``""`` in a text table), cell reference such as ``F9``."""

    file: str
    sheet: str
    cell: str

    def __str__(self) -> str:
        return "!".join(part for part in (self.file, self.sheet, self.cell) if part)

    @property
    def short(self) -> str:
        """The address without the file, as a clerk with the workbook open needs it; a text table has no sheet to name."""
        return f"{self.sheet}!{self.cell}" if self.sheet else self.cell


@dataclass(frozen=True)
class Finding:
    """A data problem: code, severity, cells, and in both languages what was found and what to do.

    ``message_*`` say what was found and what was expected; ``remedy_*`` what to do.  ``figures`` maps names to the numbers
    the message prints, so that a report can trace them; every key appears in the messages as ``{key}``.
    """

    code: str
    severity: Severity
    cells: tuple[Cell, ...]
    message_zh: str
    message_en: str
    remedy_zh: str
    remedy_en: str
    area: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)

    def message(self, lang: str = "zh") -> str:
        """Return the message with its figures filled in."""
        template = self.message_zh if lang == "zh" else self.message_en
        return template.format_map(_Literal(self.figures))

    def told(self, lang: str = "zh") -> str:
        """Return the message as running text has it: without the cells and files it names, which a table beside it lists."""
        said = self.message(lang)
        for cell in self.cells:
            for bracket in (f"（{cell.short}）", f" ({cell.short})"):
                said = said.replace(bracket, "")
            for address, words in (
                (f"{cell.short}单元格的", "一项"),
                (f"采用{cell.short}", "采用前者"),
                (f" in cell {cell.short}", ""),
                (f"the report uses {cell.short}", "the report uses the first"),
                (f"{cell.file}填", "此前报表填"),
                (f" in {cell.file}", " in an earlier one"),
            ):
                said = said.replace(address, words)
        return said

    def remedy(self, lang: str = "zh") -> str:
        """Return what to do, with the figures filled in."""
        template = self.remedy_zh if lang == "zh" else self.remedy_en
        return template.format_map(_Literal(self.figures))

    @property
    def address(self) -> str:
        """Every cell of the finding, separated by semicolons."""
        return "; ".join(str(cell) for cell in self.cells)


class _Literal(dict[str, str]):
    """Leaves a brace expression that names no figure as it stands."""

    def __init__(self, figures: Mapping[str, str]) -> None:
        super().__init__(figures)

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class GateError(ReturnError):
    """A file that is not opened or cannot be read as a spreadsheet; :mod:`nianbao.files.refusals` has one sentence a cause.

    ``code`` names the cause and never changes; ``finding`` says the same in both languages, for a report or a list.
    """

    def __init__(self, finding: Finding) -> None:
        place = finding.cells[0]
        where = "!".join(part for part in (place.file, place.sheet, place.cell) if part)
        said = f"{where}: {finding.message('en')}; {finding.remedy('en')}"
        super().__init__(said, (finding,), zh=f"{where}：{finding.message('zh')}；{finding.remedy('zh')}")
        self.code = finding.code
        self.finding = finding


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like ``word``, upper and lower case alike, or None when nothing is alike."""
    folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.55)
    return folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], *, lang: str = "en") -> str:
    """Return ``"; did you mean 'x'?"``, in Chinese ``"；是不是“x”？"``, or ``""``."""
    best = nearest(word, known)
    if not best:
        return ""
    return f"；是不是“{best}”？" if lang == "zh" else f"; did you mean {best!r}?"


_REFUSED_ZH = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "所在磁盘是只读的",
    errno.ENOENT: "路径不存在",
    errno.ENOTDIR: "上级路径是文件，不是文件夹",
    errno.EEXIST: "已有同名文件",
    errno.EISDIR: "是文件夹，不是文件",
    errno.ENOSPC: "磁盘已满",
    errno.ENAMETOOLONG: "名称太长",
}


def path_refused(error: OSError, path: str | Path | None = None) -> UserError:
    """Return what the system's refusal of a path means for whoever named it; a hidden file stands for the folder it was to lie in."""
    where = Path(path if path is not None else os.fsdecode(error.filename or ""))
    shown = where.parent if where.name.startswith(".") else where
    why = error.strerror or type(error).__name__
    why_zh = _REFUSED_ZH.get(error.errno or 0, why)
    return UserError(
        f"{shown}: {why}; check that the path exists and can be read and written",
        zh=f"{shown}：{why_zh}；请检查路径是否存在、能否读写",
    )

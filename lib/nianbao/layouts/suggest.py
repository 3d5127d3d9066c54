"""A form proposed for a table no form knows: every column with its score, what spoke for it and its rivals, for an analyst to confirm.

A proposal is text, and is applied only once somebody has read it and saved it under ``params/forms``.  Likeness of words is the only
evidence; the score says how much there is of it.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nianbao.catalogue import Catalogue, Element, Entry, Indicator
from nianbao.fields import Dims
from nianbao.files.grid import Sheet
from nianbao.files.personal import personal_number
from nianbao.formulas import format_dims
from nianbao.layouts.cellvalues import names_unit, percent_paths
from nianbao.layouts.forms import IGNORED_WORDS, STOP_WORDS, TOTAL_WORDS, Rows, bracket, dimension_words, fits, word
from nianbao.layouts.headers import SEARCHED_ROWS, header_paths, is_number, text_of, unit_in
from nianbao.layouts.placenames import match_place
from nianbao.layouts.registers import NAMING, persons_row
from nianbao.layouts.remarks import HIDDEN
from nianbao.layouts.tables import Setting, row_texts, title_lines
from nianbao.layouts.windows import window_in
from nianbao.periods import PeriodKind

LEAST = 0.62
"""A column is proposed from this score up; below, it is left to the analyst as a comment."""
_RIVALS = 3
_DIGITS = re.compile(r"^-?\d[\d,.]*[%‰]?$")
_SEX = {"男": ("sex", "male"), "女": ("sex", "female"), "男性": ("sex", "male"), "女性": ("sex", "female")}
_USUAL_VALUES = {
    "sex": '{male: ["男"], female: ["女"]}',
    "parity": '{"1": ["1", "一"], "2": ["2", "二"], "3+": ["3", "4", "5", "三", "四", "三孩及以上"]}',
}
"""How registers write a value, beside the names of the catalogue."""
_MONEY = ("金额", "资金", "经费")
_RATES = ("percent", "permille", "per_100000", "ratio_per_100")
_PERIOD_WORDS = ("报表时间", "统计时间", "统计期间", "截止时间")


@dataclass(frozen=True)
class Guess:
    """An entry a header may mean, with its score from 0 to 1 and what spoke for it."""

    entry: str
    dims: Dims
    score: float
    why: str


@dataclass(frozen=True)
class ColumnGuess:
    """A column of the table: its header path as found, and its guesses, best first; empty where nothing is alike."""

    path: tuple[str, ...]
    guesses: tuple[Guess, ...]

    @property
    def best(self) -> Guess | None:
        """The guess that is proposed, None where none is good enough."""
        return self.guesses[0] if self.guesses and self.guesses[0].score >= LEAST else None


@dataclass(frozen=True)
class Suggestion:
    """A proposed form: the text of its file, ready to be read and saved, and the guesses it rests on."""

    key: str
    sheet: str
    text: str
    columns: tuple[ColumnGuess, ...]


def suggest_form(sheet: Sheet, *, key: str, setting: Setting) -> Suggestion | None:
    """Return a proposal for a sheet, or None where no header is found.

    In a sheet of persons only the header row is looked at, and a count by declared columns is proposed.
    """
    persons = persons_row(sheet, NAMING)
    if persons:
        return _suggest_register(sheet, persons, key, setting)
    block = _header_block(sheet)
    if block is None:
        return None
    top, bottom = block
    paths = header_paths(sheet, top, bottom, fill=True) or {}
    labels = _labels(sheet, paths, bottom)
    rows = _row_key(labels.last, setting)
    beneath = {column for start in labels.columns for column in range(start, start + labels.span)}
    index = _Index(setting.catalogue)
    lines = title_lines(sheet, top)
    columns: dict[int, ColumnGuess] = {}
    for column, path in sorted(paths.items()):
        if column in beneath or any(fits(path[-1], one) for one in IGNORED_WORDS):
            continue
        columns[column] = ColumnGuess(path, index.guesses(path, title=lines))
    label_path = paths.get(labels.columns[0], ()) if labels.columns else ()
    text = _Text(sheet, key, setting, lines, rows, label_path, labels, index)
    return Suggestion(key, sheet.name, text.of(tuple(columns.values())), tuple(columns.values()))


# ---- where the header stands -----------------------------------------------------------------------------------------


def _numeric(sheet: Sheet, row: int) -> list[int]:
    found = []
    for column in range(1, sheet.last_column + 1):
        cell = sheet.at(row, column)
        if is_number(cell) or _DIGITS.match(word(text_of(cell))):
            found.append(column)
    return found


def _is_numbering(sheet: Sheet, row: int) -> bool:
    """True for a row that numbers the columns: 甲 1 2 3."""
    texts = [word(text_of(sheet.at(row, column))) for column in range(1, sheet.last_column + 1)]
    digits = [int(text) for text in texts if text.isdigit()]
    heads = {text for text in texts if text and not text.isdigit()}
    return (
        heads <= {"甲", "乙", "栏次", "栏目", "列次"}
        and len(digits) > 2
        and digits == list(range(digits[0], digits[0] + len(digits)))
    )


def _header_block(sheet: Sheet) -> tuple[int, int] | None:
    """Return first and last row of the header: the words above the first row that has a label and numbers."""
    for row in range(2, min(SEARCHED_ROWS, sheet.last_row) + 1):
        numbers = _numeric(sheet, row)
        words = [
            column for column in range(1, sheet.last_column + 1) if column not in numbers and text_of(sheet.at(row, column))
        ]
        if not numbers or (not words and len(numbers) < 2):
            continue
        if _is_numbering(sheet, row):
            return _upwards(sheet, row - 1)
        return _upwards(sheet, row - 1)
    return None


def _upwards(sheet: Sheet, bottom: int) -> tuple[int, int] | None:
    while bottom and not any(text_of(sheet.covering(bottom, column)) for column in range(1, sheet.last_column + 1)):
        bottom -= 1
    top = bottom
    while top > 1 and _heads(sheet, top - 1):
        top -= 1
    return (top, bottom) if bottom and _heads(sheet, bottom) else None


def _heads(sheet: Sheet, row: int) -> bool:
    """True for a row that can belong to a header: at least two different texts, none of them a line such as 单位：万元."""
    cells = {cell.address: text_of(cell) for column in range(1, sheet.last_column + 1) if (cell := sheet.covering(row, column))}
    texts = [text for text in cells.values() if text]
    lines = [text for text in texts if ("：" in text or ":" in text) and not word(text).startswith("其中")]
    return len(texts) > 1 and not lines and not _numeric(sheet, row)


@dataclass(frozen=True)
class _Labels:
    """The columns of row labels, how wide each is, and the label paths found beneath, blanks and foot rows left out."""

    columns: tuple[int, ...] = ()
    span: int = 1
    paths: tuple[tuple[str, ...], ...] = ()

    @property
    def last(self) -> tuple[str, ...]:
        """The innermost word of every label."""
        return tuple(path[-1] for path in self.paths)


def _labels(sheet: Sheet, paths: Mapping[int, tuple[str, ...]], bottom: int) -> _Labels:
    for column in range(1, sheet.last_column + 1):
        path = paths.get(column, ())
        if any(fits(step, one) for step in path for one in IGNORED_WORDS):
            continue
        if not _label_paths(sheet, (column,), bottom):
            continue
        head = sheet.covering(bottom, column)
        place = (head.row, head.column) if head is not None else None
        span = sum(one.left == column and place in one for one in sheet.merges for _ in range(one.left, one.right + 1)) or 1
        columns = tuple(one for one, other in sorted(paths.items()) if other == path and path) or (column,)
        starts = tuple(one for one in columns if one - 1 not in columns)
        found = [label for start in starts for label in _label_paths(sheet, tuple(range(start, start + span)), bottom)]
        return _Labels(starts, span, tuple(found))
    return _Labels()


def _label_paths(sheet: Sheet, columns: tuple[int, ...], bottom: int) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    texts = 0
    for row in range(bottom + 1, sheet.last_row + 1):
        if _is_numbering(sheet, row):
            continue
        opening = next(row_texts(sheet, row), None)
        if opening is not None and any(word(text_of(opening)).startswith(stop) for stop in STOP_WORDS):
            break
        cells = [cell for column in columns if (cell := sheet.covering(row, column)) is not None and text_of(cell)]
        texts += bool(cells)
        words = tuple(
            dict.fromkeys(text_of(cell) for cell in cells if not is_number(cell) and not _DIGITS.match(word(text_of(cell))))
        )
        if words:
            found.append(words)
    return found if len(found) * 2 >= texts else []


def _row_key(labels: Sequence[str], setting: Setting) -> Rows:
    plain = [label for label in labels if not any(fits(word(label), one) for one in TOTAL_WORDS)]
    if not plain:
        return Rows(by="none")
    if sum(bool(match_place(label, setting.places, clinics=True).key) for label in plain) * 2 >= len(plain):
        clinics = sum(bool(match_place(label, setting.places).key) for label in plain) * 2 < len(plain)
        return Rows(by="institution" if clinics else "village")
    for by, tail in (("month", ("月", "月份")), ("quarter", ("季度", "季"))):
        if all(word(label).endswith(tail) and len(word(label)) < 10 for label in plain):
            return Rows(by="month" if by == "month" else "quarter")
    best, name = 0, ""
    known = {dim: {*dimension_words(Rows(by="dimension", dim=dim), setting.catalogue)} for dim in setting.catalogue.dimensions}
    for text, (dim, _) in _SEX.items():
        known.setdefault(dim, set()).add(text)
    for dim, words in known.items():
        hits = sum(word(label) in words for label in plain)
        if hits > best:
            best, name = hits, dim
    several = any(word(label) in words for label in plain if word(label) not in known.get(name, ()) for words in known.values())
    if best * 2 >= len(plain) and not several:  # 一孩, 二孩, 男, 女 divide a figure in two ways
        return Rows(by="dimension", dim=name)
    return Rows(by="item")


# ---- what a header means ---------------------------------------------------------------------------------------------


class _Index:
    """The names of every entry, as compared, and the words of dimension values."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.names = {key: _names(entry) for key, entry in catalogue.entries.items()}
        self.values: dict[str, list[tuple[str, str]]] = {}
        for dim, spec in catalogue.dimensions.items():
            for value, label in spec.values.items():
                self.values.setdefault(word(label.zh), []).append((dim, value))
        for text, pair in _SEX.items():
            self.values.setdefault(text, []).append(pair)

    def guesses(self, path: Sequence[str], *, title: Sequence[str] = ()) -> tuple[Guess, ...]:
        """Return the best guesses for a header path, best first; of equals the one that stands first in the catalogue."""
        steps = [bracket(step)[0] for step in path]
        unit = unit_in(path)
        found = [
            guess for key in self.names if (guess := self._guess(key, steps, unit, percent_paths(path), title)) is not None
        ]
        order = {key: place for place, key in enumerate(self.names)}
        found.sort(key=lambda guess: (-guess.score, order[guess.entry]))
        return tuple(found[: _RIVALS + 1])

    def _guess(self, key: str, steps: Sequence[str], unit: str, rate: bool, title: Sequence[str]) -> Guess | None:
        entry = self.catalogue.entries[key]
        dims: dict[str, str] = {}
        rest: list[str] = []
        for step in steps:
            bare = step.removeprefix("其中")
            pairs = [pair for pair in self.values.get(bare, []) if pair[0] in entry.dims and _allows(entry, pair)]
            if pairs:
                dims.setdefault(*pairs[0])
            elif not any(fits(bare, total) for total in TOTAL_WORDS):
                rest.append(bare)
        last = steps[-1] if steps else ""
        if (rate and entry.unit not in _RATES) or (
            isinstance(entry, Indicator) and not (rate or last.endswith(("率", "比", "比例")))
        ):
            return None
        if (entry.unit == "yuan") != any(mark in last for mark in _MONEY) and any(mark in last for mark in (*_MONEY, "人数")):
            return None
        tries = {"".join(rest), rest[-1] if rest else "", "".join(reversed(rest))} - {""}
        if not tries:
            tries = {topic(line) for line in title} | {word(line) for line in title} or {""}
        best, name = max(((_likeness(one, name), name) for one in sorted(tries) for name in self.names[key]), default=(0.0, ""))
        score = 0.9 * best
        why = [f"“{name}” {best:.2f}"]
        if dims:
            score += 0.05
            why.append(format_dims(dims.items()))
        if unit and self.catalogue.unit_of(unit, expected=entry.unit) == entry.unit:
            score += 0.05
            why.append(f"单位{unit}")
        elif unit and names_unit(unit, self.catalogue) and unit not in ("万元", "亿元"):
            score -= 0.15
        if best < 0.4:
            return None
        return Guess(
            key,
            tuple(sorted(dims.items())),
            round(min(score + (0.05 if name == self.names[key][0] and best == 1 else 0.0), 1.0), 3),
            ", ".join(why),
        )


_DATED = re.compile(r"(?:^|[^\W\d]*[镇乡县区市])?\d{4}年?(?:统计)?(?:度|[上下]半年|第?[一二三四]季度?|\d+-?\d*月份?)?")
_GENERIC = re.compile(r"(?:统计|汇总|一览|明细|登记|基本|分类|情况|完成|月|季|半?年)*(?:表|报|册)?$")


def topic(line: str) -> str:
    """Return what a title is about, as compared: 出生 of 某某镇2020年出生情况统计表; ``""`` where nothing is left."""
    return _GENERIC.sub("", _DATED.sub("", word(line)))


def _names(entry: Entry) -> tuple[str, ...]:
    own = [entry.zh, *entry.aliases]
    cut = [
        name for full in own for name in (full, full.removesuffix("人数"), full.removesuffix("数"), full.removeprefix("免费"))
    ]
    return tuple(dict.fromkeys(word(name) for name in cut if name))


def _allows(entry: Entry, pair: tuple[str, str]) -> bool:
    values = entry.dims[pair[0]]
    return "*" in values or pair[1] in values


@lru_cache(maxsize=1 << 16)
def _likeness(found: str, name: str) -> float:
    return 1.0 if found == name else difflib.SequenceMatcher(None, found, name, autojunk=False).ratio()


# ---- the text --------------------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    return json.dumps(HIDDEN if personal_number(text) else text, ensure_ascii=False)


def _listed(words: Iterable[str]) -> str:
    return f"[{', '.join(_quoted(one) for one in words)}]"


def _braced(dims: Dims) -> str:
    return "{" + ", ".join(f"{key}: {_quoted(value)}" for key, value in dims) + "}"


@dataclass(frozen=True)
class _Text:
    """Writes the proposal."""

    sheet: Sheet
    key: str
    setting: Setting
    lines: tuple[str, ...]
    rows: Rows
    label_path: tuple[str, ...]
    labels: _Labels
    index: _Index

    def of(self, columns: Sequence[ColumnGuess]) -> str:
        """Return the text of the form's file."""
        written = [*self._head(columns), *self._rows(columns), "columns:"]
        kept = 0
        for column in self._once(columns) if self.rows.by == "item" else columns:
            line, proposed = self._column(column, columns)
            written.append(line)
            kept += proposed
        if not kept:
            first = columns[0].path if columns else ("?",)
            written.append(f"  - {{path: {_listed(first)}, role: ignore}}")
        return "\n".join(written) + "\n"

    def _head(self, columns: Sequence[ColumnGuess]) -> list[str]:
        title = next((line for line in self.lines if "：" not in line and ":" not in line), self.sheet.name)
        proposed = [column for column in columns if column.best]
        chosen = columns if self.rows.by == "item" or not proposed else proposed
        words = [step for column in chosen for step in column.path[-1:]]
        anchors = list(dict.fromkeys(words))[:3] or [self.sheet.name]
        read, cumulative = self._period()
        return [
            "# 建议的表式：请逐列核对后保存；未经确认不会使用。",
            "# A proposed form: check every column, then save it; it is never applied unconfirmed.",
            f"zh: {_quoted(title)}",
            f"en: {_quoted('Proposed: ' + self.key)}",
            f"sheets: {_listed([self.sheet.name])}",
            f"anchors: {_listed(anchors)}",
            f"period: {{kind: {self._kind(columns)}, read: {_listed(read)}, cumulative: {str(cumulative).lower()}}}",
            *(f"# {line}" for line in self.lines if "单位" in line and len(line) < 40 and not personal_number(line)),
        ]

    def _kind(self, columns: Sequence[ColumnGuess]) -> str:
        kinds = [self.setting.catalogue.entries[column.best.entry].period.value for column in columns if column.best]
        return max(sorted(set(kinds)), key=kinds.count) if kinds else PeriodKind.CALENDAR_YEAR.value

    def _period(self) -> tuple[list[str], bool]:
        read: list[str] = []
        for line in self.lines:
            if window_in(line, kind=PeriodKind.CALENDAR_YEAR, cumulative=True) is None:
                continue
            opened = next((one for one in _PERIOD_WORDS if word(line).startswith(one)), "title")
            if opened not in read:
                read.append(opened)
        return read, any(mark in line for line in self.lines for mark in ("累计", "截至", "截止", "季度", "季报"))

    @staticmethod
    def _once(columns: Sequence[ColumnGuess]) -> list[ColumnGuess]:
        return list({column.path: column for column in columns}.values())

    def _rows(self, columns: Sequence[ColumnGuess]) -> list[str]:
        header = f", header: {_quoted(self.label_path[0])}" if len(self.label_path) == 1 else ""
        by = self.rows.by
        if by == "none":
            return ["rows: {by: none}"]
        if by == "dimension":
            return [f"rows: {{by: dimension, dim: {self.rows.dim}{header}}}"]
        if by != "item":
            return [f"rows: {{by: {by}{header}}}"]
        lines = ["rows:", "  by: item", *([f"  header: {_quoted(self.label_path[0])}"] if header else [])]
        lines += [f"  span: {self.labels.span}"] if self.labels.span > 1 else []
        lines += ["  repeat: true"] if len(self.labels.columns) > 1 else []
        labels = list(dict.fromkeys(self.labels.paths))
        once = self._once(columns)
        told: dict[tuple[tuple[str, ...], tuple[str, ...]], ColumnGuess] = {}
        scores: dict[tuple[str, Dims], list[float]] = {}
        for label in labels:
            words = tuple(word(one) for one in label)
            for column in once:
                path = (*words, *column.path) if len(once) > 1 else words
                guess = ColumnGuess(words, self.index.guesses(path, title=(*self.lines, *column.path)))
                told[label, column.path] = guess
                if guess.best is not None:
                    scores.setdefault((guess.best.entry, guess.best.dims), []).append(guess.best.score)
        # where two rows are equally like an entry, neither gets it
        best = {key: max(held) if held.count(max(held)) == 1 else 2.0 for key, held in scores.items()}
        items = [self._item(label, {one.path: told[label, one.path] for one in once}, best) for label in labels]
        if all(item.lstrip().startswith("#") for item in items):
            items.append(f"    - {{label: {_listed(self.labels.paths[0])}, ignore: true}}")
        return [*lines, "  items:", *items]

    def _item(
        self, label: tuple[str, ...], guesses: Mapping[tuple[str, ...], ColumnGuess], best: Mapping[tuple[str, Dims], float]
    ) -> str:
        """Return the line of one row; an entry goes only to the row and column that is most like it."""
        start = f"    - {{label: {_listed(label)}"
        if any(fits(word(label[-1]), one) for one in TOTAL_WORDS) and len(label) == 1:
            return f"{start}, total: true}}"
        kept = {
            path: guess
            for path, guess in guesses.items()
            if guess.best is not None and guess.best.score == best[guess.best.entry, guess.best.dims]
        }
        told = "; ".join(f"{_quoted('/'.join(path))}: {_told(guess)}" for path, guess in kept.items())
        if not kept:
            rivals = "; ".join(_rivals(guess.guesses) for guess in guesses.values())
            return f"    # - {{label: {_listed(label)}, entry: ?}}  # 没有相近的指标 nothing alike; {rivals}"
        dims = next(guess.guesses[0].dims for guess in kept.values())
        same = {path: guess for path, guess in kept.items() if guess.guesses[0].dims == dims}
        spelt = f", dims: {_braced(dims)}" if dims else ""
        if len(guesses) < 2:
            return f"{start}, entry: {next(iter(same.values())).guesses[0].entry}{spelt}}}  # {told}"
        pairs = ", ".join(f"{_quoted('/'.join(path))}: {guess.guesses[0].entry}" for path, guess in same.items())
        return f"{start}, entries: {{{pairs}}}{spelt}}}  # {told}"

    def _column(self, column: ColumnGuess, columns: Sequence[ColumnGuess]) -> tuple[str, bool]:
        path = _listed(column.path)
        if self.rows.by == "item":
            return f"  - {{path: {path}, role: value}}", True
        best = column.best
        same = [one for one in columns if best and one.best and (one.best.entry, one.best.dims) == (best.entry, best.dims)]
        if best is None or max(same, key=lambda one: one.guesses[0].score) is not column:
            why = "已由另一列占用 taken by another column" if best else "没有相近的指标 nothing alike"
            return f"  # - {{path: {path}, entry: ?}}  # {why}; {_rivals(column.guesses)}", False
        entry = self.setting.catalogue.entries[best.entry]
        kind = "check" if isinstance(entry, Indicator) else "entry"
        dims = f", dims: {_braced(best.dims)}" if best.dims and isinstance(entry, Element) else ""
        total = kind == "entry" and any(fits(step, one) for step in column.path for one in TOTAL_WORDS)
        mark = ", total: true" if total else ""
        return f"  - {{path: {path}, {kind}: {best.entry}{dims}{mark}}}  # {_told(column)}", True


def _told(column: ColumnGuess) -> str:
    best = column.guesses[0]
    rivals = _rivals(column.guesses[1:])
    return f"{best.score:.2f} ({best.why}); {rivals}"


def _rivals(guesses: Sequence[Guess]) -> str:
    told = ", ".join(
        f"{guess.entry}{'[' + format_dims(guess.dims) + ']' if guess.dims else ''} {guess.score:.2f}" for guess in guesses
    )
    return f"其他可能 rivals: {told or '—'}"


# ---- sheets of persons -----------------------------------------------------------------------------------------------


def _suggest_register(sheet: Sheet, row: int, key: str, setting: Setting) -> Suggestion:
    """Propose a count by the columns that say nothing of who a person is."""
    catalogue = setting.catalogue
    texts = {column: word(text_of(sheet.covering(row, column))) for column in range(1, sheet.last_column + 1)}
    known = {word(spec.zh): dim for dim, spec in catalogue.dimensions.items()}
    known |= {"村名": "village", "户籍地": "village", "居住村": "village", "村(居)": "village", "胎次": "parity"}
    chosen = {known[text]: text for text in texts.values() if text in known}
    lines = title_lines(sheet, row)
    index = _Index(catalogue)
    best = index.guesses([word("".join(lines[:1]) or sheet.name).replace("登记册", "").replace("花名册", "")[-8:]])
    entry = next((guess.entry for guess in best if set(chosen) <= set(catalogue.entries[guess.entry].dims)), "births")
    dims = [dim for dim in chosen if dim in catalogue.entries[entry].dims]
    told = _rivals(best)
    written = [
        "# 建议的表式：个人登记册，只按下列各列计数；姓名、身份证号等列不读取。请核对后保存。",
        "# A proposed form of a register: counted by these columns only. Check it, then save it; it is never applied unconfirmed.",
        f"zh: {_quoted(lines[0] if lines else sheet.name)}",
        f"en: {_quoted('Proposed: ' + key)}",
        f"sheets: {_listed([sheet.name])}",
        f"anchors: {_listed(list(chosen.values()) or [text for text in texts.values() if text][:1])}",
        f"period: {{kind: {catalogue.entries[entry].period.value}, read: [title]}}",
        "count_rows: true",
        "register:",
        "  columns:",
        *(f"    {dim}: {{header: {_quoted(chosen[dim])}, dim: {dim}{_usual_values(dim)}}}" for dim in dims),
        *([] if dims else [f"    row: {{header: {_quoted(next(text for text in texts.values() if text))}}}"]),
        "  counts:",
        f"    - {{entry: {entry}, by: {_listed(dims)}}}  # {told}",
    ]
    return Suggestion(key, sheet.name, "\n".join(written) + "\n", ())


def _usual_values(dim: str) -> str:
    return f", values: {_USUAL_VALUES[dim]}" if dim in _USUAL_VALUES else ""

"""Words and figures: names, counting words, periods and printed numbers, the pieces of which sentences and tables are made.

Every printed number is registered as a fact of the chapter's book.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from nianbao.blocks import Run, plain, run
from nianbao.catalogue import QUOTIENTS, Element, Indicator, Method, Nature, Unit
from nianbao.facts import Fact, FactBook
from nianbao.fields import Dims
from nianbao.indicators import Result, Results
from nianbao.money import YUAN, Money, money_unit
from nianbao.periods import Period, PeriodKind
from nianbao.values import BLANK, MINUS, Status, display

Piece = str | Run | Sequence[Run]
_RANGE = re.compile(r"(?<=\d)-(?=\d)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
CLAUSES, _LENGTH = 5, {"zh": 100, "en": 240}
"""How many clauses, and how many characters, a sentence may hold before the next one starts."""
_AGAIN_ZH, _AGAIN_EN = ("全年", "本年度"), ("Over the year, ", "In the same year, ")


class Phrases:
    """The words and figures that sentences and tables of one chapter are made of; every number becomes a fact of its book."""

    def __init__(self, results: Results, book: FactBook, *, lang: str) -> None:
        self.results, self.book, self.lang = results, book, lang
        self.catalogue, self.township, self.year = results.catalogue, results.township, results.year
        self.zh = lang == "zh"
        self._opened: dict[Period, int] = {}
        self._last: Period | None = None
        self._hedged: set[str] = set()
        self._ratio_told = False
        """Whether the chapter has said what its sex ratios are ratios to."""

    # --- words ------------------------------------------------------------------------------------------------------

    def join(self, *pieces: Piece) -> list[Run]:
        """Return pieces (words, runs, run lists) as one list of runs, neighbouring plain words merged."""
        made: list[Run] = []
        for piece in pieces:
            for part in [run(piece)] if isinstance(piece, str) else [piece] if isinstance(piece, dict) else piece:
                if not part["text"]:
                    continue
                if made and "fact" not in part and "fact" not in made[-1] and part.get("emphasis") == made[-1].get("emphasis"):
                    made[-1] = {**made[-1], "text": made[-1]["text"] + part["text"]}
                else:
                    made.append(part)
        return made

    def label_text(self, entry: Element | Indicator, dims: Dims) -> str:
        """Return the name of a result as plain text: its label template filled in, or its dimension values and name."""
        names = {
            key: self.catalogue.dim_label(key, value, lang=self.lang, township=self.township)
            for key, value in dims
            if key != "unit" and value != "all"
        }
        if self.zh:  # 2012-2014年 is a range: 2012—2014年
            names = {key: _RANGE.sub("—", name) for key, name in names.items()}
        template = entry.label_zh if self.zh else entry.label_en
        if template and (names or not dims):
            text = _PLACEHOLDER.sub(lambda found: names.get(found[1], ""), template)
            text = re.sub(r"  +", " ", text).strip() or (entry.zh if self.zh else entry.en)
            if not names and _PLACEHOLDER.search(template) and entry.id not in self._short:
                text = entry.zh if self.zh else entry.en
            unnamed = [name for key, name in names.items() if f"{{{key}}}" not in template]
        elif self.zh:
            return "".join(names.values()) + entry.zh
        else:
            text, unnamed = entry.en, list(names.values())
        if not unnamed:
            return text
        return f"{text}（{'、'.join(unnamed)}）" if self.zh else f"{text} ({', '.join(unnamed)})"

    @cached_property
    def _short(self) -> frozenset[str]:
        """The entries whose Chinese label still says what it counts when no dimension fills it: 出生 of 出生人口.

        Such a label opens the entry's name, so that only the noun counted is left out (案件 of 非法行医案件 does not), and no other
        entry shares it (节育奖 is a number of persons and a sum of money).  English names are said in full.
        """
        opened: dict[str, list[str]] = {}
        for key, name, label in self.catalogue.labels() if self.zh else ():
            bare = _PLACEHOLDER.sub("", label).strip()
            if bare and name.startswith(bare):
                opened.setdefault(bare, []).append(key)
        return frozenset(ids[0] for ids in opened.values() if len(ids) == 1)

    def label(self, result: Result) -> list[Run]:
        """Return the name of a result as runs; digits in a name (75度酒精) are facts of the params file that names it."""
        source = self.catalogue.stated(result.entry.id)
        return self.book.words(self.label_text(result.entry, result.dims), source=source, role="label", subject=result.entry.id)

    def row_label(self, result: Result) -> list[Run]:
        """Return the name of a result at the head of a table row, where no verb stands beside it: 出生人口, not 出生."""
        if result.dims:
            return self.label(result)
        source = self.catalogue.stated(result.entry.id)
        name = result.entry.zh if self.zh else result.entry.en
        return self.book.words(name, source=source, role="label", subject=result.entry.id)

    def in_full(self, result: Result) -> list[Run]:
        """Return the clause for a hundred per cent in words: 职业病危害因素网上申报全部完成."""
        assert isinstance(result.entry, Indicator)
        subject = re.sub(r"(任务完成|完成|覆盖)?率$", "", plain(self.label(result)))
        words = self.book.words(subject, source=self.catalogue.stated(result.entry.id), role="label", subject=result.entry.id)
        return self.join(words, self.fact(result), "落实" if result.raw == "全部" else "")

    def mark(self, result: Result) -> str:
        """Return the symbol that is printed with the figure (%, ‰, /10万), or nothing."""
        return self.catalogue.units[result.unit].mark(self.lang)

    def measure(self, result: Result) -> str:
        """Return the counting word that follows the figure, or nothing: a figure in words (未发现, 全部) takes none."""
        return "" if self.zh and result.status in (Status.ZERO, Status.FULL) and result.raw else self.counting_word(result)

    def counting_word(self, result: Result) -> str:
        """Return the word a result is counted in, the clerk's own (只, 支) where the unit allows several.

        It follows every number said of the result: a change of three cases is one of three cases though the figure itself is in words.
        """
        unit = self.catalogue.units[result.unit]
        ratio = isinstance(result.entry, Indicator) and result.entry.method is Method.RATIO
        text = isinstance(result.entry, Element) and result.entry.nature is Nature.TEXT
        if unit.symbol or ratio or text or not unit.spoken or result.unit == "text":
            return ""
        standard = isinstance(result.entry, Element) and result.entry.nature is Nature.STANDARD
        # the size of a pack: the unit of its dimension is the pack; a task counted in couples or in persons is no pack
        if standard and "unit" in dict(result.dims) and result.entry.unit not in result.entry.dims["unit"]:
            size = self.catalogue.units[result.entry.unit]
            return f"{size.zh}/{unit.zh}" if self.zh else f" {size.en} per unit of {unit.en}"
        if not self.zh:
            return f" {unit.en}" if unit.spoken_en else ""
        if result.unit_word and result.unit_word in unit.aliases:
            return result.unit_word
        return self._own_word(result, unit) or unit.zh

    def _own_word(self, result: Result, unit: Unit) -> str:
        """Return the counting word the things themselves take (羊584只), where the unit allows it; nothing where they take none."""
        for key, value in result.dims:
            named = self.catalogue.dimensions[key].values.get(value)
            if named is not None and named.measure in (unit.zh, *unit.aliases):
                return named.measure
        return ""

    def column_unit(self, result: Result) -> str:
        """Return the unit as the column of a table prints it; a dash for a text, and where the figure carries its own mark (60%).

        A counting word that names what is counted (9个村) leaves that to the row: 个.
        """
        unit = self.catalogue.units[result.unit]
        silent = not unit.spoken or not (self.zh or unit.spoken_en)
        own = (unit.zh if self.zh else unit.en) if silent else ""
        word = own or self.counting_word(result).strip() or "—"
        return word[0] if self.zh and word[0] == "个" and not unit.difference_zh else word

    def whole(self) -> str:
        """Return 全镇, 全县, … after the township's level."""
        words = self.catalogue.outline.whole[self.township.level]
        return words.zh if self.zh else words.en

    def year_before(self, compared: Iterable[Result | Period]) -> str:
        """Return what figures are compared with: 上年, or 上年同期 where a window of theirs is less than a year."""
        windows = [item if isinstance(item, Period) else item.period for item in compared]
        part = any(window.partial for window in windows)
        if self.zh:
            return "上年同期" if part else "上年"
        return "the same period of the year before" if part else "the year before"

    def opening(self, period: Period, *, work: bool = True) -> str:
        """Return the words a sentence on a period opens with, the period in full only where another one was spoken of before.

        ``work`` marks a sentence on what was done, which needs a subject: 2020年，全镇, then 全年 and 本年度 in turn.
        """
        before = self._opened.get(period, 0)
        again = before > 0 and self._last == period
        self._opened[period], self._last = before + 1, period
        whole = self.whole() if self.zh and work else ""
        if again and period.kind is PeriodKind.CALENDAR_YEAR:
            if self.zh:
                return _AGAIN_ZH[(before - 1) % 2] if work else "本年度，"
            return _AGAIN_EN[(before - 1) % 2]
        if again and self.zh and period.kind is PeriodKind.STATISTICAL_YEAR:
            return f"本统计年度，{whole}"
        if again and self.zh and period.kind is PeriodKind.AS_OF:
            return f"截至同日，{whole}"
        return f"{self.when(period)}，{whole}" if self.zh else f"{self.when(period)}, "

    def paced(self, opening: Piece, clauses: Iterable[Sequence[Run]]) -> list[Run]:
        """Return clauses as sentences of a readable length: as few as hold five clauses and a hundred characters each, evenly filled.

        An opening that ends in a colon announces a list; where the list runs over several sentences it ends in a full stop instead.
        """
        waiting = [(clause, len(plain(clause))) for clause in clauses if clause]
        if not waiting:
            return []
        opened = self.join(opening)
        said, longest = plain(opened), _LENGTH[self.lang]
        colon = said.endswith("：" if self.zh else ": ")
        head = 0 if colon else len(said.rstrip().rpartition("。" if self.zh else ".")[2])
        total = head + sum(size + 1 for _, size in waiting)
        full = total / max(1, -(-total // longest), -(-len(waiting) // CLAUSES))
        sentences: list[list[Sequence[Run]]] = [[]]
        length = head
        for clause, size in waiting:
            count = len(sentences[-1])
            if (count or (head and not colon and said.rstrip()[-1:] not in "。.")) and (
                count >= CLAUSES or (count and length + size / 2 > full) or (count and length + size > longest * 7 // 6)
            ):
                sentences.append([])
                length = 0
            sentences[-1].append(clause)
            length += size + 1
        comma, stop = ("；", "。") if self.zh else ("; ", ". ")
        if colon and len(sentences) > 1:
            last = opened[-1]
            opened[-1] = {**last, "text": last["text"].rstrip("： :") + stop}
        fresh = not self.zh and plain(opened)[-2:] == ". "
        pieces: list[Piece] = [opened]
        for place, sentence in enumerate(sentences):
            pieces.append(stop if place else "")
            for number, clause in enumerate(sentence):
                start = not self.zh and number == 0 and (place > 0 or fresh)
                pieces += [comma if number else "", capital(clause) if start else clause]
        return self.join(*pieces, stop.rstrip())

    def when(self, period: Period, *, window: bool = False, stock: bool = False) -> str:
        """Return the words a sentence opens with for a period; ``window`` adds its first and last day."""
        label = period.label(self.lang, year=self.year)
        statistical = period.kind is PeriodKind.STATISTICAL_YEAR
        if self.zh:
            return (
                f"{label}末" if statistical and stock else f"{label}（{period.window()}）" if statistical and window else label
            )
        if period.kind in (PeriodKind.AS_OF, PeriodKind.SINCE):
            return label[0].upper() + label[1:]
        label = f"{label} ({period.window('en')})" if statistical and window else label
        if period.kind is PeriodKind.HALF_YEAR and period.start.month in (1, 7):
            return f"In the {'first' if period.start.month == 1 else 'second'} half of {period.year}"
        if period.kind is PeriodKind.HALF_YEAR or (period.kind is PeriodKind.MONTH_RANGE and " to " in label):
            return f"From {label}"
        return f"At the end of {label}" if statistical and stock else f"In {label}"

    # --- facts ------------------------------------------------------------------------------------------------------

    def fact(self, result: Result, role: str = "value") -> Run:
        """Return the run that prints one aspect of a result.

        Raises:
            ValueError: the result has nothing of that kind.
        """
        value, shown = self.aspect(result, role)
        made = self.fact_of(result, role, value, shown)
        if role == "value":
            made = replace(made, numerator=result.numerator, denominator=result.denominator)
        elif role == "plan":
            made = replace(made, fact=f"{made.fact}:{result.period.code}")
        elif role == "previous":
            made = replace(made, status=str(result.previous_status))
        return self.book.add(made)

    def fact_of(self, result: Result, role: str, value: Fraction | None, shown: str) -> Fact:
        """Return the fact that prints ``value`` of a result as ``shown``, in the result's unit, with its status; not yet registered."""
        return Fact(
            fact=f"{self.book.chapter}:{result.ref}:{role}",
            chapter=self.book.chapter,
            indicator=result.entry.id,
            dims=result.dims,
            role=role,
            display=shown,
            value=value,
            unit=result.unit,
            period=result.period.code,
            status=str(result.status),
            sources=self._sources(result, role),
        )

    def _sources(self, result: Result, role: str) -> tuple[str, ...]:
        """Return what one aspect of a result comes from, and nothing else: cells, and the line of the params that sets its target."""
        cells, target = result.cells, (self.target_place(result),) if role in ("target", "deviation", "gap") else ()
        match role:
            case "target":
                cells = ()
            case "previous":
                cells = result.previous_cells
            case "change" | "change_pct":
                cells = (*result.cells, *result.previous_cells)
            case "numerator" | "denominator":
                quotient = isinstance(result.entry, Indicator) and result.entry.method in QUOTIENTS
                wanted = result.numerator if role == "numerator" else result.denominator
                sides = result.parts if len(result.parts) == 1 else result.parts[0 if role == "numerator" else 1 :][:1]
                if quotient and sides and sides[0].value == wanted:  # of a rate reported alone, one side may be known
                    cells = sides[0].cells
            case _:
                pass
        return (*dict.fromkeys(str(cell) for cell in cells), *target)

    def target_place(self, result: Result) -> str:
        """Return where the target of a result is written: file and line of the township's params, or of the catalogue."""
        own = self.township.years.get(self.year)
        if own is not None and result.entry.id in own.targets:
            return self.township.stated(self.year, result.entry.id)
        return self.catalogue.stated(result.entry.id)

    def aspect(self, result: Result, role: str) -> tuple[Fraction | None, str]:
        """Return the exact value and the printed form of one aspect of a result."""
        decimals = result.entry.decimals
        symbol = self.mark(result)
        if role in ("value", "plan"):
            return result.value, self.results.shown(result, lang=self.lang)
        if role in ("lower", "upper"):
            limit = result.lower if role == "lower" else result.upper
            if limit is None:
                raise ValueError(f"{result.ref} has no interval")
            exact = Fraction(repr(limit))
            return exact, f"{self.results.rounding(exact, max(decimals, 1)):f}{symbol}"
        if role in ("numerator", "denominator"):
            part = result.numerator if role == "numerator" else result.denominator
            if part is None:
                raise ValueError(f"{result.ref} has no {role}")
            return part, f"{self.results.rounding(part, 0):f}"  # an estimated number of persons is printed whole
        if role == "target":
            if result.target is None:
                raise ValueError(f"{result.ref} has no target")
            return Fraction(result.target.value), f"{result.target.value.normalize():f}{symbol}"
        if role == "gap":
            if result.gap is None:
                raise ValueError(f"{result.ref} has no gap")
            return Fraction(result.gap), str(result.gap)
        if role == "change_pct":
            if result.change is None or not result.previous:
                raise ValueError(f"{result.ref} has no relative change")
            exact = result.change / result.previous * 100
            return exact, f"{self.results.rounding(abs(exact), 1):f}%"
        if role == "deviation" and result.deviation is not None and result.target is not None and result.value is not None:
            # for the same reason: a printed 94.13% is 5.87 below 100%, whatever 94.125 is
            shown = Fraction(self.results.rounding(result.value, decimals)) - Fraction(result.target.value)
            return result.deviation, f"{self.results.rounding(abs(shown), decimals):f}"
        amount = {"previous": result.previous, "change": result.change, "deviation": result.deviation}[role]
        if amount is None:
            raise ValueError(f"{result.ref} has no {role}")
        if role == "previous":
            rounding, status = self.results.rounding, result.previous_status
            return amount, display(amount, decimals=decimals, status=status, symbol=symbol, rounding=rounding, lang=self.lang)
        ratio = isinstance(result.entry, Indicator) and result.entry.method is Method.RATIO
        if role == "change" and (symbol or ratio) and result.value is not None and result.previous is not None:
            # readers subtract the printed figures, so the printed difference is that of the printed figures
            rounding = self.results.rounding
            left = Fraction(rounding(result.value, decimals)) - Fraction(rounding(result.previous, decimals))
            return amount, f"{self.results.rounding(abs(left), decimals):f}"
        return amount, f"{self.results.rounding(abs(amount), decimals):f}"

    def money(self, results: Iterable[Result]) -> Money:
        """Return the one unit a table of these results prints money in; see :func:`nianbao.money.money_unit`."""
        paid = [result for result in results if result.unit == "yuan"]
        amounts = [amount for item in paid for amount in (item.value, item.previous) if amount is not None]
        return money_unit(amounts, large=self.zh and self.township.money == "wan")

    def scaled(self, result: Result, money: Money, role: str = "value") -> Run:
        """Return the run that prints an aspect of a result in a table whose head or unit column names ``money``."""
        amount, shown = self.aspect(result, role)
        if result.unit != "yuan" or amount is None or not shown or result.status in BLANK:
            return self.fact(result, role)
        status = {"value": result.status, "previous": result.previous_status}.get(role, Status.COMPUTED)
        size = amount if role in ("value", "previous") else abs(amount)
        if money == YUAN:
            text = display(
                size,
                decimals=result.entry.decimals,
                status=status,
                rounding=self.results.rounding,
                lang=self.lang,
                raw=result.raw if role == "value" else "",
            )
        else:
            text = money.text(size, status=status, lang=self.lang)
        if text == shown:
            return self.fact(result, role)
        made = self.fact_of(result, role, amount / money.factor, text)
        return self.book.add(replace(made, fact=f"{made.fact}_{money.unit}", unit=money.unit, status=str(status)))

    def below_zero(self, size: Run) -> Run:
        """Return the run that prints a magnitude with its minus sign, a fact of its own: a reader takes −32 for one number."""
        known = self.book.facts[size["fact"]]
        return self.book.add(replace(known, fact=f"{known.fact}_signed", display=f"{MINUS}{known.display}"))

    def counted(self, subject: str, count: int, cells: Iterable[str] = (), *, role: str = "items", symbol: str = "") -> Run:
        """Return the run for a number of things listed (8 schemes), a fact of role ``items``; ``floor`` for what all of them reach."""
        return self.book.add(
            Fact(
                fact=f"{self.book.chapter}:{subject}:{role}",
                chapter=self.book.chapter,
                indicator=subject,
                dims=(),
                role=role,
                display=f"{count}{symbol}",
                value=Fraction(count),
                status="computed",
                sources=tuple(cells),
            )
        )

    def share(self, part: Result, whole: Result) -> Run:
        """Return the run for a part's share of a whole in per cent, to two decimals."""
        if part.value is None or not whole.value:
            raise ValueError(f"{part.ref} has no share of {whole.ref}")
        exact = part.value / whole.value * 100
        sources = tuple(dict.fromkeys(str(cell) for cell in (*part.cells, *whole.cells)))
        made = self.fact_of(part, "share", exact, f"{self.results.rounding(exact, 2):f}%")
        return self.book.add(replace(made, numerator=part.value, denominator=whole.value, unit="percent", sources=sources))


def capital(runs: Sequence[Run]) -> list[Run]:
    """Return runs with their first letter in upper case, where words open them and not a figure."""
    if not runs or "fact" in runs[0]:
        return list(runs)
    return [{**runs[0], "text": runs[0]["text"][:1].upper() + runs[0]["text"][1:]}, *runs[1:]]

"""What a chapter is composed of: headings, sentences and tables from results, published as blocks.

What has no data is left out in silence; a heading appears only when something follows it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from IPython.display import publish_display_data

from nianbao import blocks
from nianbao.blocks import BLOCK_MIME, Block, Run, figure_tail, run
from nianbao.breakdown import Part, break_down, values_in_order, whole_set
from nianbao.catalogue import PLACES, Element, Indicator, Method, Standing
from nianbao.consistency import BALANCE
from nianbao.dataset import Dataset
from nianbao.errors import Finding
from nianbao.facts import Fact, FactBook
from nianbao.indicators import Result, place_of
from nianbao.leading import few
from nianbao.money import Money
from nianbao.narrative import Narrator
from nianbao.phrasing import capital
from nianbao.values import BLANK, SUPPRESSED_MARK, Status
from nianbao.villages import in_order

_INEXACT_ZH = {
    Status.FLOOR: "“余”“以上”",
    Status.CEILING: "“近”",
    Status.APPROXIMATE: "“约”",
    Status.ESTIMATED: "“预计”",
}
"""The words that mark a bound or an approximation in a table."""
_POPULATIONS = frozenset({"registered", "resident"})
"""Bases that are a whole population, of which there is more than one."""
FEW = 2
"""So many figures are said in a sentence, not shown in a table."""


class Composer:
    """Publishes the blocks of one chapter and keeps the facts they print."""

    def __init__(self, name: str, dataset: Dataset, *, lang: str) -> None:
        self.name, self.lang = name, lang
        self.zh = lang == "zh"
        self._data = dataset
        self._public = dataset.internal is not None
        self._results = dataset.results
        self._catalogue = dataset.catalogue
        self._book = FactBook(name)
        self._tell = Narrator(self._results, self._book, lang=lang)
        self._pending: list[Block] = []
        self._published = 0
        self._level = 1
        """Level of the heading that what follows stands under."""
        self._keys: set[str] = set()

    # --- structure ---------------------------------------------------------------------------------------------------

    def section(self, zh: str, en: str) -> None:
        """Open a section; its heading appears only when something follows in it."""
        title = zh if self.zh else en
        self._pending = [block for block in self._pending if block["level"] < 2]
        self._pending.append(blocks.heading(title, level=2, key=self._key(en)))
        self._level = 2

    def _area_title(self, key: str) -> str:
        """Return the name of a work area; where a figure in force stands in it, the name without the mark of history."""
        area = self._catalogue.areas[key]
        found = [self._catalogue.entries[told].status for told in self._data.told_of(key)]
        current = any(status is not Standing.HISTORICAL for status in found) or not found
        if self.zh:
            return (area.current_zh if current else "") or area.zh
        return (area.current_en if current else "") or area.en

    def _key(self, text: str) -> str:
        base = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower()).strip("-") or "part"
        key, count = base, 1
        while key in self._keys:
            count += 1
            key = f"{base}-{count}"
        self._keys.add(key)
        return key

    def _publish(self, block: Block, *, images: dict[str, str] | None = None) -> None:
        for waiting in self._pending:
            _show(waiting)
        self._pending = []
        self._published += 1
        made = aligned(self._with_mark_explained(block)) if block["type"] == "table" else block
        _show(made if self.zh else _capitalised(made), images)

    def _with_mark_explained(self, table: Block) -> Block:
        """Return a table with a note on the mark of withheld figures, where it prints one."""
        mark = SUPPRESSED_MARK[self.lang]
        if not self._public or not any(blocks.plain(cell).endswith(mark) for row in table["rows"] for cell in row["cells"]):
            return table
        zh = f"注：“{mark}”表示人数少，或者由其可以推算出人数少的数据，为保护个人信息不予公布。"
        en = f"Note: {mark} marks what is withheld to protect persons: a small number, or one it could be worked out from."
        return {**table, "notes": [*table["notes"], [run(zh if self.zh else en)]]}

    def _blank(self, status: Status) -> list[Run]:
        """Return what stands in a cell without a figure: the mark of a withheld one, else a dash."""
        return [run(SUPPRESSED_MARK[self.lang] if status is Status.SUPPRESSED else "—")]

    def _say(self, runs: Sequence[Run], *, origin: Any = "generated") -> None:
        if runs:
            self._publish(blocks.paragraph(runs, origin=origin))

    def _find(self, *refs: str) -> list[Result]:
        """Return the results that references name.

        A bare entry name takes every result of the entry, ``name[]`` only the one without dimensions, ``name[key;key]`` those with
        exactly these dimensions, ``name[key=value]`` that one; a bare name leaves villages and towns out.
        """
        found: list[Result] = []
        for ref in refs:
            entry, bracket, inside = ref.removesuffix("]").partition("[")
            self._catalogue.entry(entry)
            if "=" in inside:
                one = self._results.get(ref)
                found += [one] if one is not None else []
            elif bracket:
                keys = sorted(filter(None, inside.split(";")))
                found += [item for item in self._results.of(entry) if [key for key, _ in item.dims] == keys]
            else:
                found += [item for item in self._results.of(entry) if place_of(item.dims) is None]
        return found

    def _of_areas(self, areas: Sequence[str]) -> list[Result]:
        """Return the results of work areas in catalogue order, those of villages and towns left out."""
        chosen = [area for area in self._catalogue.areas if area in areas]
        return [item for area in chosen for item in self._results.of_area(area) if place_of(item.dims) is None]

    def _known(self, *refs: str) -> list[Result]:
        return [result for result in self._find(*refs) if result.status not in BLANK]

    def _total(self, ref: str) -> Result | None:
        entry, _, dims = ref.partition("[")
        self._catalogue.entry(entry)
        found = self._results.get(ref)
        if found is None and not dims:
            found = next(iter(self._results.of(entry)), None)
        return found if found is not None and found.status not in BLANK else None

    # --- narration -----------------------------------------------------------------------------------------------------

    def levels(self, *refs: str) -> None:
        """State levels (counts, stocks) in one sentence, parts after the whole they belong to."""
        self._say(self._tell.levels(self._known(*refs)))

    def development(self, ref: str, *, by: str) -> None:
        """State a count with its change on the year before, and its parts along the dimension ``by``."""
        total = self._total(ref)
        if total is None:
            return
        # the partition the total was summed from: other groupings would count twice
        own = [self._results.get(part.ref) or part for part in total.parts if by in dict(part.dims)]
        parts = own or [
            item for item in self._known(total.entry.id) if len(item.dims) == len(total.dims) + 1 and by in dict(item.dims)
        ]
        self._say(self._tell.development(total, parts))

    def rates(self, *refs: str) -> None:
        """State rates with change and binding target, in one sentence."""
        self._say(self._tell.rates(self._known(*refs)))

    def tasks(self, *refs: str) -> None:
        """State completion against the tasks handed down."""
        self._say(self._tell.tasks(self._find(*refs)))

    def activities(self, *refs: str) -> None:
        """State what was done, in one sentence with the catalogue's verbs."""
        self._say(self._tell.activities(self._known(*refs)))

    def funds(self, ref: str) -> None:
        """State a composite fund with its largest items, then a table of all items with recipients and shares."""
        total = self._total(ref) or self._results.get(ref)
        parts = [part for part in total.parts if tellable(part)] if total is not None else []
        if total is not None and total.status not in BLANK:
            self._say(self._tell.funds(total, [part for part in parts if part.status is not Status.SUPPRESSED]))
            self._fund_table(total, parts)
        elif total is not None and parts:
            told = [part for part in total.parts if part.status is not Status.SUPPRESSED]
            self._say(self._tell.funds_without_total(total, told))
            self._fund_table(total, total.parts)

    def inventory(self, ref: str) -> None:
        """State how many kinds of goods are in stock and the first of them, then a table of all."""
        known = self._known(ref)
        if not known:
            return
        tell = self._tell
        count = tell.counted(ref, len(known), (str(cell) for item in known for cell in item.cells))
        verb = known[0].entry.verb_zh if self.zh else known[0].entry.verb_en
        goods = known[0].entry.zh if self.zh else known[0].entry.en
        if self.zh:
            self._say(
                tell.join(
                    tell.whole(), verb, goods.removesuffix(verb), count, "种，其中", tell.listing(known[:4], verb=False), "等。"
                )
            )
        else:
            self._say(
                tell.join(
                    f"{tell.whole().capitalize()} had ",
                    count,
                    f" kinds of {goods}, among them ",
                    tell.listing(known[:4], verb=False),
                    ".",
                )
            )
        self.table(goods, goods, ref)

    def aid(self, recipients: str, standard: str) -> None:
        """State assistance item by item: how many recipients, at which standard."""
        known = self._known(recipients)
        if not known:
            return
        tell = self._tell
        whole = next((item for item in known if not item.dims), None)
        items = [item for item in known if item is not whole]
        pieces: list[Any] = []
        if whole is not None:
            pieces.append(tell.join(tell.label(whole), tell.amount(whole)) if self.zh else tell.counting(whole))
            pieces.append(("，其中" if self.zh else ", including ") if items else "")
        for place, item in enumerate(items):
            key = ";".join(f"{name}={value}" for name, value in item.dims if name != "unit")
            rate = self._results.get(f"{standard}[{key}]")
            pieces += ["；" if place and self.zh else "; " if place else ""]
            pieces += [tell.join(tell.label(item), tell.amount(item)) if self.zh else tell.counting(item)]
            if rate is not None and rate.status not in BLANK:
                pieces += [tell.join("，每人" if self.zh else ", ", tell.amount(rate), "" if self.zh else " each")]
            elif rate is not None:
                pieces.append("，救助标准原件数字不清" if self.zh else ", standard illegible in the source")
        verb = "落实" if self.zh and whole is None else ""
        if not self.zh:
            verb = f"{tell.whole()} {'gave' if whole is None else 'recorded'} "
        self._say(tell.join(tell.opening(known[0].period), verb, *pieces, "。" if self.zh else "."))

    def support_for(self, ref: str, zh: str, en: str) -> None:
        """State a service for a group the return describes in words: ``zh`` and ``en`` hold ``{}`` where the words go."""
        for result in self._known(ref):
            before, _, after = (zh if self.zh else en).partition("{}")
            source = str(result.cells[0]) if result.cells else ref
            said = result.raw if self.zh else _age_band(result.raw)
            words = self._book.words(said, source=source, role="value", subject=result.ref)
            self._say(self._tell.join(self._tell.whole() if self.zh else "", before, words, after))

    # --- tables --------------------------------------------------------------------------------------------------------

    def table(self, zh: str, en: str, *refs: str) -> None:
        """Show results in a table: levels with the year before where known, rates with numerator, denominator and interval."""
        found = self._find(*refs)
        rates = [item for item in found if is_rate(item) and tellable(item)]
        levels = [item for item in found if not is_rate(item) and tellable(item)]
        if self._said_in_full(levels):
            levels = []
        if self._said_in_full(rates):
            rates = []
        if levels:
            self._level_table(zh if self.zh else en, levels)
        if rates:
            self._rate_table(zh if self.zh else en, rates)

    def _said_in_full(self, found: Sequence[Result]) -> bool:
        """True for a figure or two that a sentence has given with all there is to say, so that a table would only repeat it."""
        told = {(fact.indicator, fact.dims, fact.role) for fact in self._book.facts.values()}
        return len(found) <= FEW and all(
            (item.entry.id, item.dims, "value") in told
            and item.lower is None
            and (item.previous is None or is_rate(item))
            and (item.numerator is None or (isinstance(item.entry, Indicator) and item.entry.method is Method.COMPLETION))
            for item in found
        )

    def _level_table(self, caption: str, found: Sequence[Result]) -> None:
        compared = any(item.change is not None for item in found)
        before = self._tell.year_before(item for item in found if item.change is not None)
        same = before != self._tell.year_before([])
        head = ["项目", "单位", "本期" if same else "本年", before, "增减"]
        if not self.zh:
            head = [
                "Item",
                "Unit",
                *(("This period", "Year before, same period") if same else ("This year", "Year before")),
                "Change",
            ]
        if not compared:
            paid = all(item.unit == "yuan" for item in found)
            head = [*head[:2], ("金额" if paid else "数量") if self.zh else ("Amount" if paid else "Number")]
        aligns: list[blocks.Align] = ["left", "center", "right", "right", "right"]
        columns = [blocks.column(word, align=align) for word, align in zip(head, aligns, strict=False)]
        rows = []
        money = self._tell.money(found)
        crossed: list[tuple[Element, list[Result]]] = []
        entries = {item.entry.id: item.entry for item in found}
        for entry in entries.values():
            own = [item for item in found if item.entry is entry]
            if not isinstance(entry, Element):
                rows += [self._level_row([], item, compared=compared, money=money) for item in own]
                continue
            known = break_down(entry, own)
            rows += [self._level_row([], item, compared=compared, money=money) for item in known.totals]
            for dim, parts in known.blocks:
                if len(entries) == 1 and len(known.blocks) > 1:
                    name = self._catalogue.dimensions[dim]
                    label = f"按{name.zh}" if self.zh else f"By {name.en}"
                    rows.append(blocks.row([[run(label)], *([] for _ in columns[1:])], kind="group"))
                rows += [
                    self._level_row(self._inset(parts, place), part.result, compared=compared, money=money)
                    for place, part in enumerate(parts)
                ]
            alone = len(known.crossed) < 2
            rows += [
                self._level_row([], item, compared=compared, money=money)
                for item in (*(known.crossed if alone else ()), *known.others)
            ]
            if not alone:
                crossed.append((entry, list(known.crossed)))
        if rows:
            notes = self._notes(found)
            if compared and any(blocks.plain(cell) == "—" for row in rows for cell in row["cells"][3:]):
                zh, en = (
                    "注：“—”表示没有可比的上年数据。",
                    "Note: a dash marks what has no comparable figure of the year before.",
                )
                notes.append([run(zh if self.zh else en)])
            unit = one_unit(rows)
            line = (f"单位：{unit}" if self.zh else f"Unit: {unit}") if unit else None
            if unit:  # said once above the table, where every row would repeat it
                del columns[1]
                rows = [blocks.row([row["cells"][0], *row["cells"][2:]], kind=row["kind"]) for row in rows]
            key = self._key("table")
            self._publish(blocks.table([run(caption)], key=key, unit_line=line, columns=columns, rows=rows, notes=notes))
        for entry, cells in crossed:
            self._crossed_tables(entry, cells)

    def _inset(self, parts: Sequence[Part], place: int) -> list[Run]:
        """Return what stands before the name of a part that a group before it includes; nothing before others."""
        if not parts[place].depth:
            return []
        first = not parts[place - 1].depth
        if self.zh:
            return [run("其中：" if first else "\u3000\u3000\u3000")]
        return [run("of these ")]

    def _level_row(self, before: Sequence[Run], item: Result, *, compared: bool, money: Money) -> dict[str, Any]:
        tell = self._tell
        cells = [[*before, *tell.row_label(item)], [run(self._column_unit(item, money))], [tell.scaled(item, money)]]
        if compared:
            before = self._blank(item.previous_status)
            cells.append([tell.scaled(item, money, "previous")] if item.previous is not None else before)
            cells.append(self._signed(item, money) if item.change is not None else before)
        return blocks.row(cells)

    def _column_unit(self, item: Result, money: Money) -> str:
        """Return the unit a table prints beside a figure: of money the one the whole table is in."""
        if item.unit != "yuan":
            return self._tell.column_unit(item)
        unit = self._catalogue.units[money.unit]
        return unit.zh if self.zh else unit.en

    def _crossed_tables(self, entry: Element, crossed: Sequence[Result]) -> None:
        """Show what is broken down by two dimensions at once: the first down, the second across, with the sums that are complete.

        A sum is shown where every part of it is in the table: then it is the reported (or computed) figure of that group.
        """
        pairs = dict.fromkeys(tuple(name for name in entry.dims if name in dict(item.dims)) for item in crossed)
        for rows, columns in pairs:
            cells = {
                (dict(item.dims)[rows], dict(item.dims)[columns]): item
                for item in crossed
                if {rows, columns} == set(dict(item.dims))
            }
            self._crossed_table(entry, cells, rows=rows, columns=columns)

    def _crossed_table(self, entry: Element, cells: dict[tuple[str, str], Result], *, rows: str, columns: str) -> None:
        known = {item.dims: item for item in self._results.of(entry.id) if item.status not in BLANK}
        down = [value for value, _ in values_in_order(entry, rows, (value for value, _ in cells))]
        across = [value for value, _ in values_in_order(entry, columns, (value for _, value in cells))]
        full = [value for value in down if whole_set(entry, columns, (other for one, other in cells if one == value))]
        summed = [other for other in across if whole_set(entry, rows, (one for one, value in cells if value == other))]
        grid: list[tuple[str | None, list[Result | None]]] = []
        for value in down:
            total = known.get(((rows, value),)) if value in full else None
            grid.append((value, [*(cells.get((value, other)) for other in across), total]))
        sums = [known.get(((columns, other),)) if other in summed else None for other in across]
        if any(sums):
            grid.append((None, [*sums, known.get(()) if full and len(summed) == len(across) else None]))
        if not any(line[-1] for _, line in grid):
            grid = [(value, line[:-1]) for value, line in grid]
        self._publish_crossed(entry, grid, rows=rows, columns=columns, across=across)

    def _publish_crossed(
        self,
        entry: Element,
        grid: Sequence[tuple[str | None, list[Result | None]]],
        *,
        rows: str,
        columns: str,
        across: Sequence[str],
    ) -> None:
        tell = self._tell
        shown = [item for _, line in grid for item in line if item is not None]
        compared = any(item.change is not None for item in shown)
        total = "合计" if self.zh else "Total"
        source = self._catalogue.stated(entry.id)
        money = tell.money(shown)
        unit = self._column_unit(shown[0], money)

        def named(dim: str, value: str | None) -> list[Run]:
            label = (
                total if value is None else self._catalogue.dim_label(dim, value, lang=self.lang, township=self._data.township)
            )
            return self._book.words(label, source=source, role="label", subject=entry.id)

        heads: list[list[Run]] = []
        for value in (*across, None)[: len(grid[0][1])]:
            heads.append(named(columns, value))
            if compared:
                heads.append([*named(columns, value), run("增减" if self.zh else ", change")])
        made = []
        depths = dict(values_in_order(entry, rows, (value for value, _ in grid if value is not None)))
        for value, line in grid:
            inset = [run("其中：" if self.zh else "of these ")] if value is not None and depths[value] else []
            texts: list[list[Run]] = [[*inset, *named(rows, value)]]
            for item in line:
                texts.append([tell.scaled(item, money)] if item is not None else [run("—")])
                if compared:
                    texts.append(self._signed(item, money) if item is not None and item.change is not None else [run("—")])
            made.append(blocks.row(texts, kind="total" if value is None else "body"))
        first, second = self._catalogue.dimensions[rows], self._catalogue.dimensions[columns]
        caption = f"{entry.zh}（按{first.zh}和{second.zh}）" if self.zh else f"{entry.en} by {first.en} and {second.en}"
        corner = blocks.column(first.zh if self.zh else first.en, align="left")
        self._publish(
            blocks.table(
                self._book.words(caption, source=source, role="label", subject=entry.id),
                key=self._key("crossed"),
                unit_line=f"单位：{unit}" if self.zh else f"Unit: {unit}",
                columns=[corner, *({**blocks.column(""), "runs": head} for head in heads)],
                rows=made,
                notes=self._notes(shown),
            )
        )

    def cross_table(self, zh: str, en: str, ref: str, *, rows: str, columns: str) -> None:
        """Show an element by two dimensions, ``rows`` down and ``columns`` across, with the totals that are known.

        For a place with members, rows by village are rows by town.  ``{place}`` in a caption is the word for what the rows are of.
        """
        tell = self._tell
        if rows == "village":
            rows = self._data.township.place_dimension
        names = self._catalogue.dimensions[rows]
        zh, en = zh.replace("{place}", names.zh), en.replace("{place}", names.en)
        every = {item.dims: item for item in self._results.of(ref)}
        found = {dims: item for dims, item in every.items() if tellable(item)}
        across = dict.fromkeys(dict(dims)[columns] for dims in found if columns in dict(dims))
        if not across or not any(rows in dict(dims) for dims in found):
            return
        # a place that left its cell empty keeps its row, so that a reader sees who is silent
        down = dict.fromkeys(dict(dims)[rows] for dims in every if rows in dict(dims))
        if rows in PLACES:
            down = dict.fromkeys(in_order(self._results, down, dimension=rows))
        named = [self._catalogue.dim_label(columns, value, lang=self.lang, township=self._data.township) for value in across]
        money = tell.money(found.values())
        units = [
            next((self._column_unit(item, money) for dims, item in found.items() if dict(dims).get(columns) == value), "")
            for value in across
        ]
        head = self._catalogue.dimensions[rows]
        titles = [f"{name}（{unit}）" if self.zh else f"{name} ({unit})" for name, unit in zip(named, units, strict=True)]
        made = []
        for value in (*down, None):
            fixed = {} if value is None else {rows: value}
            named_dims = [tuple(sorted({**fixed, columns: other}.items())) for other in across]
            cells = [found.get(dims) for dims in named_dims]
            if value is None and not any(dims in every for dims in named_dims):
                continue
            label = (
                ("合计" if self.zh else "Total")
                if value is None
                else self._catalogue.dim_label(rows, value, lang=self.lang, township=self._data.township)
            )
            shown = [[tell.scaled(cell, money)] if cell is not None else [run("—")] for cell in cells]
            made.append(blocks.row([[run(label)], *shown], kind="total" if value is None else "body"))
        heads = [blocks.column(head.zh if self.zh else head.en, align="left"), *(blocks.column(title) for title in titles)]
        notes = self._dashes(made)
        self._publish(blocks.table([run(zh if self.zh else en)], key=self._key("table"), columns=heads, rows=made, notes=notes))

    def _dashes(self, rows: Sequence[dict[str, Any]]) -> list[list[Run]]:
        """Return the note on what a table by place leaves open: dashes, illegible figures, and totals there cannot be."""
        printed = [(row["kind"], blocks.plain(cell)) for row in rows for cell in row["cells"]]
        illegible = "不详" if self.zh else "illegible"
        said = []
        if any(kind != "total" and text == "—" for kind, text in printed):
            said.append("“—”表示没有填报" if self.zh else "a dash marks what was not reported")
        if any(text == illegible for _, text in printed):
            said.append("“不详”表示填报的数字不清" if self.zh else "illegible: reported, but with digits that cannot be read")
        if any(kind == "total" and text == "—" for kind, text in printed):
            said.append("有缺报或数字不清的不作合计" if self.zh else "what is incomplete has no total")
        if not said:
            return []
        return [[run(f"注：{'；'.join(said)}。" if self.zh else f"Note: {'; '.join(said)}.")]]

    def _signed(self, item: Result, money: Money) -> list[Run]:
        """Return the change with its sign, as tables print it."""
        tell = self._tell
        change = tell.companion(item, Method.CHANGE)
        if change is not None and change.value is not None:
            return [run("+"), tell.fact(change)] if change.value > 0 else [tell.fact(change)]
        assert item.change is not None
        size = tell.scaled(item, money, "change")
        if not item.change or not any(digit in size["text"] for digit in "123456789"):
            return [size]  # what rounds to nothing has no sign
        return [tell.below_zero(size)] if item.change < 0 else [run("+"), size]

    def _rate_table(self, caption: str, found: Sequence[Result]) -> None:
        tell = self._tell
        source = self._catalogue.stated("confidence")
        interval = f"{self._catalogue.outline.confidence * 100:.0f}%" + ("置信区间" if self.zh else " interval")
        words = ("指标", "分子", "分母", "数值") if self.zh else ("Indicator", "Numerator", "Denominator", "Value")
        if all(isinstance(item.entry, Indicator) and item.entry.method is Method.COMPLETION for item in found):
            words = ("项目", "完成数", "任务数", "完成率") if self.zh else ("Task", "Done", "Task size", "Completion")
        columns = [blocks.column(word, align="left" if place == 0 else "right") for place, word in enumerate(words)]
        if bounded := any(item.lower is not None for item in found):
            columns.append(
                {
                    **blocks.column(""),
                    "runs": self._book.words(interval, source=source, role="definition", subject="confidence"),
                }
            )
        rows = []
        for item in found:
            cells = [tell.label(item)]
            cells += [
                [tell.fact(item, side)] if getattr(item, side) is not None else self._blank(item.status)
                for side in ("numerator", "denominator")
            ]
            cells.append(tell.amount(item) if item.status is not Status.SUPPRESSED else [tell.fact(item)])
            if bounded:
                limits = (
                    [tell.fact(item, "lower"), run("～" if self.zh else " to "), tell.fact(item, "upper")]
                    if item.lower is not None
                    else self._blank(item.status)
                )
                cells.append(limits)
            rows.append(blocks.row(cells))
        notes = self._notes(found)
        if bounded and any(item.lower is None and item.status is not Status.SUPPRESSED for item in found):
            zh, en = "注：区间栏“—”表示该项不计算区间。", "Note: a dash in the last column marks what has no interval."
            notes.append([run(zh if self.zh else en)])
        notes += self._other_bases(found)
        self._publish(blocks.table([run(caption)], key=self._key("table"), columns=columns, rows=rows, notes=notes))

    def _other_bases(self, found: Sequence[Result]) -> list[list[Run]]:
        """Return a note for each population rates are set against that is not the total population: of which people both are."""
        printed = self._results.get(BALANCE[0])
        if printed is None or printed.value is None:
            return []
        tell = self._tell
        others = {
            item.denominator: item
            for item in found
            if {item.entry.base, printed.entry.base} == _POPULATIONS
            and item.denominator != printed.value
            and [part.entry.area for side in item.parts[1:2] for part in side.parts]
            == [printed.entry.area]  # a group of residents is no population
        }
        notes = []
        for size, item in others.items():
            if size is None:
                continue
            one, other = (self._catalogue.bases[entry.base] for entry in (item.entry, printed.entry))
            divisor, whole = tell.fact(item, "denominator"), tell.amount(printed)
            if self.zh:
                name = tell.label(printed)
                said = tell.join("注：分母", divisor, f"为{one.zh}；", name, whole, f"为{other.zh}，两者口径不同。")
            else:
                said = tell.join(
                    "Note: the denominator ", divisor, f" is the {one.en}; the ", tell.label(printed), " of ", whole
                )
                said = tell.join(said, f" is the {other.en}.")
            notes.append(said)
        return notes

    def _notes(self, found: Sequence[Result]) -> list[list[Run]]:
        notes: list[str] = []
        if any(str(item.status) == "implied" for item in found):
            notes.append(
                f"注：{'带分子分母的率' if any(is_rate(item) for item in found) else '部分人数'}由原报告公布的比率反推，已在报表备注列注明。"
                if self.zh
                else "Note: counts worked out from published rates are marked in the return."
            )
        if inexact := [words for status, words in _INEXACT_ZH.items() if any(item.status is status for item in found)]:
            notes.append(
                f"注：带{'、'.join(inexact)}的为概数，按原报数照列，不作精确值使用。"
                if self.zh
                else "Note: bounds and approximations are printed as reported."
            )
        if any(is_rate(item) and item.numerator is None and item.status is not Status.SUPPRESSED for item in found):
            notes.append(
                "注：“—”表示报表只给出比率，未报分子或分母。"
                if self.zh
                else "Note: a dash marks a rate reported without its counts."
            )
        made = [[run(text)] for text in notes]
        minimum = self._catalogue.outline.minimum_denominator
        if tiny := [item for item in found if few(item, minimum)]:
            names = ("、" if self.zh else ", ").join(self._plain_label(item) for item in tiny)
            text = (
                f"注：{names}的发生数或基数不足{minimum}，人数少，波动大，率仅供参考。"
                if self.zh
                else f"Note: fewer than {minimum} events or persons stand behind {names}: the rates jump by chance."
            )
            made.append(
                self._book.words(
                    text, source=self._catalogue.stated("minimum_denominator"), role="definition", subject="minimum_denominator"
                )
            )
        return made

    def _fund_table(self, total: Result, parts: Sequence[Result]) -> None:
        tell = self._tell
        money = tell.money([*parts, total])
        unit = self._catalogue.units[money.unit]
        people = [self._results.get(part.ref.replace("_amount", "_recipients")) for part in parts]
        counted = any(item is not None and item.status not in BLANK for item in people)
        counted = counted or any(item is not None and item.status is Status.SUPPRESSED for item in people)
        words = (
            ("项目", "人数（人）", f"金额（{unit.zh}）", "占比")
            if self.zh
            else ("Scheme", "Recipients", f"Amount ({unit.en})", "Share")
        )
        shown = [word for place, word in enumerate(words) if counted or place != 1]
        columns = [blocks.column(word, align="left" if place == 0 else "right") for place, word in enumerate(shown)]
        rows = []
        dash = [[run("—")]] if counted else []
        for part, number in zip(parts, people, strict=True):
            known = [[tell.fact(number)]] if counted and number is not None and tellable(number) else dash
            share = [tell.share(part, total)] if total.value and part.value is not None else self._blank(part.status)
            rows.append(blocks.row([tell.label(part), *known, [tell.scaled(part, money)], share]))
        label = [run("合计" if self.zh else "Total")]
        whole = tell.share(total, total) if total.value else run("—")
        rows.append(blocks.row([label, *dash, [tell.scaled(total, money)], [whole]], kind="total"))
        caption = tell.join(tell.label(total), "构成" if self.zh else ", by scheme")
        notes = self._fund_notes(total, dash=counted)
        self._publish(blocks.table(caption, key=self._key("funds"), columns=columns, rows=rows, notes=notes))

    def _fund_notes(self, total: Result, *, dash: bool) -> list[list[Run]]:
        zh, en = "注：“—”表示报表未报人数，或人数不作合计。", "Note: a dash marks recipients not reported, or not added up."
        said = zh if self.zh else en
        notes = [[run(said)]] if dash else []
        if total.status in BLANK:
            zh, en = (
                "注：有项目数字不清或没有填报，不作合计。",
                "Note: an item is illegible or not reported, so there is no total.",
            )
            notes.append([run(zh if self.zh else en)])
        notes += [
            self._tell.join("注：" if self.zh else "Note: ", self._finding_runs(item), "。" if self.zh else ".")
            for item in self._data.findings_of("total-differs")
            if total.cells[0] in item.cells
        ]
        return notes

    def _plain_label(self, result: Result) -> str:
        return blocks.plain(self._tell.label(result))

    def _finding_runs(self, finding: Finding, *, addresses: bool = False) -> list[Run]:
        """Return what a finding says; cells are named where ``addresses``, in the appendix, and not in the text."""
        sources = tuple(str(cell) for cell in finding.cells)
        said = finding.message(self.lang) if addresses else finding.told(self.lang)
        made: list[Run] = []
        for run_ in self._book.words(said, source=f"{finding.code}@{sources[0]}", role="finding", subject=finding.code):
            made.append(run_)
            if "fact" in run_:
                known = self._book.facts[run_["fact"]]
                self._book.facts[run_["fact"]] = Fact(**{**known.__dict__, "sources": sources})
        return made


def aligned(table: Block) -> Block:
    """Return a table whose columns of figures that end unlike say so: ``decimal`` is the most digits behind a point there.

    Renderers set the points of such a column under each other; figures with words or a range behind them have no one point, and
    their column no ``decimal``.
    """
    columns = []
    for place, column in enumerate(table["columns"]):
        said = [blocks.plain(row["cells"][place]) for row in table["rows"] if row["kind"] != "group"]
        tails = {figure_tail(text) for text in said if any(map(str.isdigit, text))}
        digits = [sum(map(str.isdigit, tail)) for tail in tails if tail is not None]
        mixed = column["align"] == "right" and None not in tails and len(tails) > 1
        columns.append({**column, "decimal": max(digits)} if mixed else column)
    return {**table, "columns": columns}


def one_unit(rows: Sequence[dict[str, Any]]) -> str:
    """Return the unit in the second column where every row has the same one, or nothing; rows that head a group have none."""
    found = {blocks.plain(row["cells"][1]) for row in rows if row["kind"] != "group"}
    return found.pop() if len(found) == 1 and len(rows) > 1 and "—" not in found else ""


def tellable(item: Result) -> bool:
    """True for what a table prints: a figure, the word that what was reported is illegible (20_ is not unreported), or that it is withheld."""
    return item.status not in BLANK or item.status in (Status.MASKED, Status.SUPPRESSED)


def is_rate(item: Result) -> bool:
    return isinstance(item.entry, Indicator) and item.entry.method in (
        Method.PROPORTION,
        Method.COMPLETION,
        Method.RATE,
        Method.RATIO,
    )


def _age_band(text: str) -> str:
    """Return an age band a Chinese return gives (60岁以上, 55-80岁) in English words."""
    if found := re.fullmatch(r"(\d+)周?岁及?以上", text):
        return f"{found[1]} and over"
    if found := re.fullmatch(r"(\d+)周?岁以下", text):
        return f"under {found[1]}"
    if found := re.fullmatch(r"(\d+)[-—～~至](\d+)周?岁", text):
        return f"{found[1]} to {found[2]}"
    return text


def _capitalised(block: Block) -> Block:
    """Return an English table or figure with a capital at the head of its caption, its columns and its rows."""
    if block["type"] not in ("table", "figure"):
        return block
    made: Block = {**block, "caption": capital(block["caption"])}
    if block["type"] == "table":
        made["columns"] = [{**column, "runs": _named(column["runs"])} for column in block["columns"]]
        made["rows"] = [{**row, "cells": [_named(row["cells"][0]), *row["cells"][1:]]} for row in block["rows"]]
        made["notes"] = [capital(note) for note in block["notes"]]
    return made


def _named(cell: Sequence[Run]) -> list[Run]:
    """Return the name at the head of a row with a capital; the path of a file stays as it is."""
    return list(cell) if "/" in blocks.plain(cell).partition(" ")[0] else capital(cell)


def _show(block: Block, images: dict[str, str] | None = None) -> None:
    """Publish a block with a plain preview for JupyterLab."""
    bundle: dict[str, Any] = {BLOCK_MIME: block, "text/html": _preview(block), "text/plain": f"<{block['type']}>"}
    publish_display_data({**bundle, **(images or {})})  # type: ignore[no-untyped-call]


def _preview(block: Block) -> str:
    def words(runs: Sequence[Run]) -> str:
        return html.escape(blocks.plain(runs))

    match block["type"]:
        case "heading":
            return f"<h{block['level'] + 1}>{words(block['runs'])}</h{block['level'] + 1}>"
        case "table":
            head = "".join(f"<th>{words(column['runs'])}</th>" for column in block["columns"])
            body = "".join(
                "<tr>" + "".join(f"<td>{words(cell)}</td>" for cell in row["cells"]) + "</tr>" for row in block["rows"]
            )
            return f"<table><caption>{words(block['caption'])}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        case "figure":
            return f"<p>{words(block['caption'])}</p>"
        case _:
            return f"<p>{words(block['runs'])}</p>"

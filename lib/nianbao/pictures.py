"""The charts of a chapter: which kind shows a figure, what it says, and the facts it prints.

The data decide the kind (``docs/howto/charts.md``); a notebook only names the figure.  The alternative text of a chart opens with its
message, as one would say it to somebody who cannot see it, and then gives every value.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from nianbao import blocks, charts
from nianbao.blocks import Run, run
from nianbao.breakdown import whole_set
from nianbao.catalogue import Element
from nianbao.composer import Composer
from nianbao.facts import Fact
from nianbao.indicators import Result
from nianbao.periods import Period
from nianbao.values import BLANK, Status

ENOUGH_YEARS = 3
"""Comparable years from which a change is a line; two are a pair of bars."""
_DIGITS = "零一二三四五六七八九"
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(count: int, *, lang: str) -> str:
    """Return a small number in words, as a message says it: 三, 两, 十二; three, twelve; from 100, or in English from 13, 多 and many."""
    if lang != "zh":
        return _WORDS[count] if count < len(_WORDS) else "many"
    if count == 2:
        return "两"
    tens, ones = divmod(count, 10)
    if not tens or count > 99:
        return _DIGITS[count] if not tens else "多"
    return f"{_DIGITS[tens] if tens > 1 else ''}十{_DIGITS[ones] if ones else ''}"


class Pictures(Composer):
    """The part of a chapter that draws."""

    def _figure(self, chart: charts.Chart, caption: Sequence[Run], alt: str, *, notes: Sequence[Sequence[Run]] = ()) -> None:
        """Publish a chart; ``alt`` follows the caption."""
        said = f"{blocks.plain(caption)}{'：' if self.zh else ': '}{alt}"
        block = blocks.figure(
            caption, key=self._key("figure"), alt=said, width_mm=chart.width_mm, height_mm=chart.height_mm, notes=notes
        )
        self._publish(block, images={"image/svg+xml": chart.svg})

    def _heads(self, labels: Sequence[str]) -> list[str]:
        """Return labels as a chart prints them: with a capital in English."""
        return [label if self.zh else label[:1].upper() + label[1:] for label in labels]

    def _bar(self, result: Result, role: str = "value") -> charts.Bar:
        value, _ = self._tell.aspect(result, role)
        return charts.Bar(float(value or 0), self._tell.fact(result, role)["text"] + self._tell.measure(result))

    def _listed(self, labels: Sequence[str], values: Sequence[charts.Bar]) -> str:
        gap, comma = ("", "、") if self.zh else (" ", ", ")
        return comma.join(f"{label}{gap}{bar.label}" for label, bar in zip(labels, values, strict=True))

    # --- change over years -----------------------------------------------------------------------------------------------

    def change_chart(self, ref: str, *, by: str) -> None:
        """Draw a count and its parts along the dimension ``by`` over time; the parts never overlap.

        A panel a figure with a line, where three or more comparable years are known; else pairs of bars with the year before.
        """
        total = self._total(ref)
        if total is None:
            return
        parts = {
            dict(item.dims)[by]: item
            for item in self._known(total.entry.id)
            if set(item.dims) - set(total.dims) == {(by, dict(item.dims).get(by))} and len(item.dims) == len(total.dims) + 1
        }
        assert isinstance(total.entry, Element)
        # One complete set of parts: groups beside their members would show the same births twice.
        found = [total, *(parts[value] for value in whole_set(total.entry, by, parts) or parts)]
        found = [item for item in found if item.value is not None and item.period.comparable(total.period)]
        if not found or found[0] is not total:
            return
        earlier = self._data.over_years(found)
        known = [item is not None and item.value is not None and item.status not in BLANK for item in earlier[0]]
        if 1 + sum(known) >= ENOUGH_YEARS:
            back = len(known) - known[::-1].index(True)
            self._years_chart(found, [line[:back] for line in earlier], salt=f"{self.name}-{ref}")
        else:
            self._pairs_chart([item for item in found if item.previous is not None], salt=f"{self.name}-{ref}")

    def _pairs_chart(self, found: Sequence[Result], *, salt: str) -> None:
        if len(found) < 2:
            return
        total = found[0]
        names = [self._year_name(one) for one in (total.period, total.period.previous())]
        now, before = [self._bar(item) for item in found], [self._bar(item, "previous") for item in found]
        labels = [self._plain_label(item) for item in found]
        chart = charts.paired_bars(self._heads(labels), now, before, names=(names[0], names[1]), salt=salt)
        said = [
            self._moved(label, b, a, way=(a.value > b.value) - (a.value < b.value))
            for label, a, b in zip(labels, now, before, strict=True)
        ]
        title, year_before = self._tell.label(total), self._tell.year_before(found)
        caption = self._tell.join(title, f"与{year_before}比较" if self.zh else f", this year and {year_before}")
        self._figure(chart, caption, ("；" if self.zh else "; ").join(said))

    def _moved(self, label: str, first: charts.Bar, last: charts.Bar, *, way: int) -> str:
        """Return the message of two values."""
        if not way:
            return f"{label}持平，均为{last.label}" if self.zh else f"{label} unchanged at {last.label}"
        if self.zh:
            return f"{label}由{first.label}{'上升' if way > 0 else '下降'}到{last.label}"
        return f"{label} {'rose' if way > 0 else 'fell'} from {first.label} to {last.label}"

    def _year_name(self, period: Period) -> str:
        name = period.label(self.lang, year=self._data.year)
        return f"in {name}" if name.isdigit() else name

    def _years_chart(self, found: Sequence[Result], earlier: Sequence[Sequence[Result | None]], *, salt: str) -> None:
        """Draw results and those of the years before, the last one first; what the year before the last one and older say stands in a note."""
        tell, last = self._tell, found[0].period.year
        count = len(earlier[0]) + 1
        numbers = [last - back for back in range(count - 1, -1, -1)]
        names = [f"{year}年" if self.zh else f"in {year}" for year in numbers]
        labels = [self._plain_label(item) for item in found]
        shown: list[list[Run | None]] = []
        series = []
        for item, line, label in zip(found, earlier, self._heads(labels), strict=True):
            runs = [self._earlier(one) for one in reversed(line)]
            runs.append(tell.fact(item))
            values = [*(one.value if one is not None else None for one in reversed(line)), item.value]
            points = [
                charts.Bar(float(value), known["text"]) if known is not None and value is not None else None
                for value, known in zip(values, runs, strict=True)
            ]
            series.append(charts.Series(label, points))
            shown.append(runs)
        percent = bool(tell.mark(found[0]))
        chart = charts.years(series, names, from_zero=not percent, salt=salt)
        measure = tell.measure(found[0]).strip()
        since = "近" + in_words(count, lang="zh") + "年" + ("同期" if found[0].period.partial else "")
        if self.zh:
            words = f"{since}变化" + (f"（单位：{measure}）" if measure else "")
        else:
            words = f" over {in_words(count, lang='en')} years" + (f" ({measure})" if measure else "")
        said = [self._course(labels[0], series[0], names, measure=tell.measure(found[0]))]
        for label, one in zip(labels, series, strict=True):
            listed = [f"{name}{'' if self.zh else ' '}{bar.label}" for name, bar in zip(names, one.points, strict=True) if bar]
            said.append(f"{label}{'：' if self.zh else ': '}{('、' if self.zh else ', ').join(listed)}")
        caption = tell.join(tell.label(found[0]), words)
        self._figure(
            chart, caption, ("；" if self.zh else "; ").join(said), notes=[self._older(labels, shown, names, percent=percent)]
        )

    def _earlier(self, item: Result | None) -> Run | None:
        """Return the run that prints a figure of an earlier year, nothing where it is not known."""
        if item is None or item.value is None or item.status in BLANK:
            return None
        return self._book.add(
            Fact(
                fact=f"{self._book.chapter}:{item.ref}:earlier:{item.period.code}",
                chapter=self._book.chapter,
                indicator=item.entry.id,
                dims=item.dims,
                role="earlier",
                display=self._results.shown(item, lang=self.lang),
                value=item.value,
                numerator=item.numerator,
                denominator=item.denominator,
                unit=item.unit,
                period=item.period.code,
                status=str(item.status),
                sources=tuple(dict.fromkeys(str(cell) for cell in item.cells)),
            )
        )

    def _older(
        self, labels: Sequence[str], shown: Sequence[Sequence[Run | None]], names: Sequence[str], *, percent: bool
    ) -> list[Run]:
        """Return the note that says in words what a line shows of the years before this one, so that no figure stands in a picture alone."""
        pieces: list[Any] = ["注：" if self.zh else "Note: "]
        for place, name in enumerate(names[:-1]):
            known = [(label, one) for label, runs in zip(labels, shown, strict=True) if (one := runs[place]) is not None]
            pieces += [("；" if self.zh else "; ") if len(pieces) > 1 and known else "", name if known else ""]
            for number, (label, one) in enumerate(known):
                pieces += [
                    ("、" if self.zh else ", ") if number else "" if self.zh else ": ",
                    label,
                    "" if self.zh else " ",
                    one,
                ]
        scale = ("纵轴不从零起", "the scale does not start at zero") if percent else ("纵轴从零起", "the scale starts at zero")
        return self._tell.join(*pieces, f"。{scale[0]}。" if self.zh else f"; {scale[1]}.")

    def _course(self, label: str, one: charts.Series, names: Sequence[str], *, measure: str) -> str:
        """Return the message of a line: so many years of rise or fall, or both with its highest year."""
        known = [(bar, name) for bar, name in zip(one.points, names, strict=True) if bar is not None]
        (first, since), (last, until) = known[0], known[-1]
        steps = [b.value - a.value for (a, _), (b, _) in pairwise(known)]
        gap = "" if self.zh else " "
        start, end = f"{since}{gap}{first.label}{measure}", f"{until}{gap}{last.label}{measure}"
        span = f"由{start}到{end}" if self.zh else f"{start}, {end}"
        top, when = max(known, key=lambda item: item[0].value)
        whole = len(known) == len(one.points)
        if whole and (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
            times = in_words(len(steps), lang=self.lang)
            if self.zh:
                return f"{label}连续{times}年{'上升' if steps[0] > 0 else '下降'}，{span}"
            return f"{label} {'rose' if steps[0] > 0 else 'fell'} {times} years running: {span}"
        if not whole:  # what happened in between nobody knows
            return f"{label}{span}，其间有年份没有数据" if self.zh else f"{label}: {span}; a year between is not known"
        if not any(steps):
            return f"{label}各年持平，均为{last.label}{measure}" if self.zh else f"{label} unchanged at {last.label}{measure}"
        if self.zh:
            return f"{label}有升有降，{span}，最高为{when}{top.label}{measure}"
        return f"{label} rose and fell: {span}; highest {when}, {top.label}{measure}"

    # --- levels, composition, targets ------------------------------------------------------------------------------------

    def bar_chart(self, zh: str, en: str, *refs: str) -> None:
        """Draw levels as bars, in the order given."""
        found = [item for item in self._known(*refs) if item.value is not None]
        if len(found) < 2:
            return
        labels, values = [self._plain_label(item) for item in found], [self._bar(item) for item in found]
        caption = zh if self.zh else en
        top = max(range(len(found)), key=lambda place: values[place].value)
        lead = f"{labels[top]}最多；" if self.zh else f"{labels[top]} is the largest; "
        chart = charts.bars(self._heads(labels), values, salt=f"{self.name}-{caption}")
        self._figure(chart, [run(caption)], lead + self._listed(labels, values))

    def composition_chart(self, ref: str) -> None:
        """Draw what a composite is made of, largest first: one divided bar where few parts have room for their words, else bars."""
        total = self._total(ref)
        parts = sorted((part for part in total.parts if part.value), key=lambda part: -(part.value or 0)) if total else []
        if total is None or len(parts) < 2 or any(part.status is Status.SUPPRESSED for part in total.parts):
            return  # which part is the largest cannot be said where one is withheld
        labels = [self._plain_label(part) for part in parts]
        values = [self._with_share(part) for part in parts]
        complete = sum(part.value or 0 for part in parts) == total.value
        draw = charts.whole_bar if complete and charts.fits_whole(self._heads(labels), values) else charts.bars
        chart = draw(self._heads(labels), values, salt=f"{self.name}-{ref}-parts")
        caption = self._tell.join(self._tell.label(total), "构成" if self.zh else ", composition")
        lead = f"{labels[0]}最多，其次是{labels[1]}；" if self.zh else f"{labels[0]} is the largest, then {labels[1]}; "
        self._figure(chart, caption, lead + self._listed(labels, values))

    def _with_share(self, part: Result) -> charts.Bar:
        """Return a part's bar, its share behind its amount where a table printed it."""
        bar = self._bar(part)
        share = self._book.facts.get(f"{self._book.chapter}:{part.ref}:share")
        return charts.Bar(bar.value, f"{bar.label}{'，' if self.zh else ', '}{share.display}") if share is not None else bar

    def completion_chart(self, *refs: str) -> None:
        """Draw completion against the targets, each bar with its own; those short of it are hatched."""
        found = [item for item in self._known(*refs) if item.value is not None and item.target is not None]
        if len(found) < 2 or not any(item.deviation for item in found):
            return  # bars that all end at the target show nothing
        labels, values, marks = [self._plain_label(item) for item in found], [self._bar(item) for item in found], []
        for item in found:
            assert item.target is not None
            words = ("目标" if self.zh else "target ") + self._tell.fact(item, "target")["text"]
            marks.append(charts.Target(float(item.target.value), words, item.met))
        chart = charts.targets(self._heads(labels), values, marks, salt=f"{self.name}-completion")
        caption = "年度任务完成率" if self.zh else "Completion of the year's tasks"
        same = len({mark.label for mark in marks}) == 1
        ended = [
            value
            if same
            else charts.Bar(value.value, f"{value.label}（{mark.label}）" if self.zh else f"{value.label} ({mark.label})")
            for value, mark in zip(values, marks, strict=True)
        ]
        lead = self._reached(labels, values, marks) + (
            f"（{marks[0].label}）" if same and self.zh else f" ({marks[0].label})" if same else ""
        )
        note = "注：斜线表示未达到目标。" if self.zh else "Note: hatched where the target is missed."
        notes = [[run(note)]] if any(mark.met is False for mark in marks) else []
        self._figure(chart, [run(caption)], f"{lead}{'；' if self.zh else '; '}{self._listed(labels, ended)}", notes=notes)

    def _reached(self, labels: Sequence[str], values: Sequence[charts.Bar], marks: Sequence[charts.Target]) -> str:
        """Return the message of a chart of targets: how many are reached, and which are not."""
        short = [place for place, mark in enumerate(marks) if mark.met is False]
        every, met = in_words(len(marks), lang=self.lang), in_words(len(marks) - len(short), lang=self.lang)
        if not short:
            return f"{every}项均达到目标" if self.zh else f"all {every} targets reached"
        if len(short) == len(marks):
            return f"{every}项均未达到目标" if self.zh else f"none of {every} targets reached"
        missed = self._listed([labels[place] for place in short], [values[place] for place in short])
        if self.zh:
            return f"{every}项中{met}项达到目标，未达到的是{missed}"
        return f"{met} of {every} targets reached, not {missed}"

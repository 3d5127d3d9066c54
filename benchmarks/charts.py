"""Time every kind of chart: the drawing, how much of it writing the SVG takes, and the bitmap that only a Word file needs.

Run: ``.venv/bin/python benchmarks/charts.py [ROUNDS] [--json]``.  The first chart of a process also pays for importing matplotlib and for
opening the face; that is printed apart, for the warm parent of a build pays it once for all chapters.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import time
from collections.abc import Callable

_BEGAN = time.perf_counter()

from nianbao import charts  # noqa: E402
from nianbao.charts import Axis, Bar, Chart, Panel, Plot, Series, Spot, Target, Unit  # noqa: E402

NAMES = ["免费婚检完成率", "“两癌”筛查完成率", "叶酸发放完成率", "孕前优生健康检查完成率"]
RATES = [Bar(rate, f"{rate:.2f}%") for rate in (100.64, 106.62, 98.16, 72.73)]
COUNTS = [Bar(count, f"{count}人") for count in (204, 104, 78, 22)]
REPORT = 10
"""Figures of a report, whose bitmaps are made together."""
YEARS = [f"{year}年" for year in range(2016, 2021)]


def kinds() -> dict[str, Callable[[], Chart]]:
    """Return what draws one chart of each kind, of the size reports have."""
    lines = [Series(name, [Bar(count, str(count)) for count in (310, 280, 244, 204, 180)]) for name in NAMES]
    limits = [(float(n), 80 - 900 / n, 80 - 600 / n, 80 + 600 / n, 80 + 900 / n) for n in range(50, 650, 5)]
    units = [Unit(60 + 24 * n, 76.0 + n % 7) for n in range(24)] + [Unit(300, 60.0, side=-1, strong=True, name="上湾村")]
    axes = (
        Axis("分母（人）", [(float(n), str(n)) for n in range(100, 700, 100)]),
        Axis("建档率", [(70.0, "70%"), (90.0, "90%")]),
    )
    panel = Panel(NAMES[0], (82.1, "全县82.10%"), [Spot(bar.value, bar.label) for bar in RATES])
    return {
        "pairs": lambda: charts.paired_bars(NAMES, COUNTS, COUNTS[::-1], names=("2020年", "2019年"), salt="b"),
        "years": lambda: charts.years(lines, YEARS, from_zero=True, salt="b"),
        "targets": lambda: charts.targets(NAMES, RATES, [Target(100, "目标100%", bar.value >= 100) for bar in RATES], salt="b"),
        "ordered bars": lambda: charts.bars(NAMES * 2, RATES * 2, salt="b"),
        "divided bar": lambda: charts.whole_bar(NAMES[:3], [Bar(50, "50元"), Bar(30, "30元"), Bar(20, "20元")], salt="b"),
        "funnel": lambda: charts.funnel(
            Plot(units, limits), centre=(80.0, "全镇80%"), axes=axes, coverages=("95%", "99.8%"), salt="b"
        ),
        "members": lambda: charts.members(NAMES, [panel] * 3, salt="b"),
    }


def main() -> None:
    """Print the median of every kind, and how much of it the SVG and the PNG take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rounds: int = given.rounds
    made = kinds()
    made["pairs"]()
    first = (time.perf_counter() - _BEGAN) * 1000
    from matplotlib.figure import Figure

    from nianbao import bitmaps

    saving = Figure.savefig
    spent: list[float] = []

    def timed(figure: Figure, target: io.IOBase, **options: object) -> None:
        began = time.perf_counter()
        saving(figure, target, **options)  # type: ignore[arg-type]
        spent.append((time.perf_counter() - began) * 1000)

    Figure.savefig = timed  # type: ignore[method-assign, assignment]
    found, sizes = {}, {}
    for name, draw in made.items():
        times, pixels = [], []
        spent.clear()
        for _ in range(rounds):
            began = time.perf_counter()
            chart = draw()
            times.append((time.perf_counter() - began) * 1000)
            # as many as a report may have, for the faces are opened once for all of them
            figures = [bitmaps.Figure(chart.svg, chart.width_mm, chart.height_mm)] * REPORT
            began = time.perf_counter()
            png = bitmaps.drawn(figures)[0]
            pixels.append((time.perf_counter() - began) * 1000 / REPORT)
        sizes[name] = f"{len(chart.svg.encode()):>8} / {len(png)}"
        found[name] = {"whole": statistics.median(times), "svg": statistics.median(spent), "png": statistics.median(pixels)}
    if given.json:
        print(json.dumps({"rounds": rounds, "milliseconds": found, "first_of_a_process": first}))
        return
    print(f"first chart of a process, with imports: {first:.0f} ms")
    print(f"{'kind':<14}{'median':>9}{'svg':>9}{'bitmap':>10}   bytes svg / png")
    for name, taken in found.items():
        print(f"{name:<14}{taken['whole']:>6.1f} ms{taken['svg']:>6.1f} ms{taken['png']:>7.1f} ms {sizes[name]}")


if __name__ == "__main__":
    main()

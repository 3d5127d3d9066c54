"""The next steps of a report whose office wrote none: what the figures themselves ask for, and nothing more.

Targets that were missed and by how much, tasks still running and what they lack, figures the return left open.  Where there is nothing
of the kind nothing is said: a plan is the office's to make.
"""

from __future__ import annotations

from collections.abc import Sequence

from nianbao.blocks import Run
from nianbao.errors import Finding
from nianbao.indicators import Result, underway
from nianbao.leading import missed_targets
from nianbao.narrative import Narrator
from nianbao.observation import Observation

_ORDINALS = "一二三四五六七八九十"
_MOST = 5
"""How many missed targets, and how many running tasks, are named."""


def next_steps(tell: Narrator, *, blank: Sequence[Observation], doubtful: Sequence[Finding]) -> list[Run]:
    """Return the paragraph on what the figures ask for next, or nothing: missed targets, running tasks, an incomplete return."""
    missed, _ = missed_targets(tell.results)
    running = [item for item in tell.results.overall if underway(item) and item.value is not None and item.value < 100]
    steps = [
        _targets(tell, missed[:_MOST]),
        _running(tell, running[:_MOST]),
        _return(tell, blank, doubtful),
    ]
    said = [step for step in steps if step]
    if not tell.zh:
        return tell.join(*(piece for place, step in enumerate(said) for piece in (" " if place else "", step)))
    counts = len(said) > 1  # a single step is not the first of any
    return tell.join(*(piece for place, step in enumerate(said) for piece in (f"{_ORDINALS[place]}是" if counts else "", step)))


def _targets(tell: Narrator, missed: Sequence[Result]) -> list[Run]:
    clauses = []
    for item in missed:
        low = (item.deviation or 0) < 0
        barely = not any(digit in "123456789" for digit in tell.aspect(item, "deviation")[1])
        unit = tell.catalogue.units[item.unit]
        if tell.zh:
            size = (
                "只差毫厘" if barely else tell.join("还差" if low else "超出", tell.fact(item, "deviation"), unit.difference_zh)
            )
            gap = tell.join("（", tell.fact(item, "gap"), tell.gap_word(item), "）") if item.gap else []
            clauses.append(tell.join(tell.label(item), "距目标" if low else "较目标", tell.fact(item, "target"), size, gap))
        else:
            size = "just" if barely else tell.join(tell.fact(item, "deviation"), f" {unit.difference_en}".rstrip())
            gap = tell.join(" (", tell.fact(item, "gap"), ")") if item.gap else []
            clauses.append(
                tell.join(tell.named_rate(item), " are " if tell.is_or_are(item) == " were " else " is ", size, gap)
                + tell.join(" away from the target of " if low else " above the target of ", tell.fact(item, "target"))
            )
    if not clauses:
        return []
    if tell.zh:
        clauses[-1] = tell.join(clauses[-1], "，列为下一步重点")
    return tell.paced("补齐目标差距。" if tell.zh else "Targets come first. ", clauses)


def _running(tell: Narrator, running: Sequence[Result]) -> list[Run]:
    clauses = []
    for item in running:
        task, done = (tell.side(item, side) for side in ("denominator", "numerator"))
        lack = tell.lacking(item, task, done) if task is not None and done is not None else []
        if tell.zh:
            clauses.append(tell.join(tell.task_name(item), "完成全年任务的", tell.fact(item), "，还差" if lack else "", lack))
        else:
            said = tell.join("the year's ", tell.task_name(item), " task is ", tell.fact(item), " complete")
            clauses.append(tell.join(said, ", " if lack else "", lack, " short" if lack else ""))
    return tell.paced("抓紧推进在办任务。" if tell.zh else "Tasks under way are to be finished. ", clauses)


def _return(tell: Narrator, blank: Sequence[Observation], doubtful: Sequence[Finding]) -> list[Run]:
    clauses = []
    if blank:
        count = tell.counted("figures-to-report", len(blank), (str(item.cell) for item in blank))
        end = " figures are" if len(blank) > 1 else " figure is"
        clauses.append(
            tell.join("补报未报或数字不清的", count, "项数据") if tell.zh else tell.join(count, f"{end} missing or illegible")
        )
    if doubtful:
        cells = dict.fromkeys(str(cell) for item in doubtful for cell in item.cells)
        count = tell.counted("findings-to-settle", len(doubtful), cells)
        end = " questions are" if len(doubtful) > 1 else " question is"
        clauses.append(
            tell.join("逐项核实附录所列的", count, "处问题") if tell.zh else tell.join(count, f"{end} to be settled")
        )
    return tell.paced("完善报表。" if tell.zh else "The return is to be completed: ", clauses)

"""What a run shows while it goes on: a live bar on a terminal, plain lines elsewhere, JSON lines for a program, or nothing.

All of it goes to standard error; what became of each township is told at the end, on standard output, by the command.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Literal

from tqdm import tqdm

from nianbao.workers import Event

Manner = Literal["bar", "plain", "json", "none"]
_CHAPTER = re.compile(r"^chapter (\d+)/(\d+) (\w+)")
"""How a build tells of a chapter; its place and the number of chapters."""


class Shown:
    """Shows a run in one of the manners; ``say`` prints one line on standard error."""

    def __init__(self, manner: Manner, *, townships: int, say: Callable[[str], None]) -> None:
        self._manner = manner
        self._count = townships
        self._say = say
        self._ended = 0
        self._part: dict[str, float] = {}
        self._bar: Any = None
        if manner == "bar":
            layout = "{desc} {percentage:3.0f}%|{bar}| {n:.1f}/{total} townships [{elapsed}<{remaining}, {rate_fmt}{postfix}]"
            self._bar = tqdm(
                total=townships, unit="township", bar_format=layout, dynamic_ncols=True, leave=False, smoothing=0.1
            )

    def __call__(self, event: Event) -> None:
        """Show one event of the run."""
        kind = event["event"]
        if kind == "ended":
            self._ended += 1
        if self._manner == "json":
            self._say(json.dumps(event, ensure_ascii=False))
        elif self._manner == "plain":
            self._line(event)
        elif self._bar is not None:
            self._move(event)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def _line(self, event: Event) -> None:
        if event["event"] == "progress" and self._count == 1:
            self._say(f"  {event['township']}: {event['line']}")
        elif event["event"] == "ended" and self._count > 1:
            self._say(f"[{self._ended}/{self._count}] {event['township']}: {event['state']}")
        elif event["event"] == "note":
            self._say(str(event["text"]))

    def _move(self, event: Event) -> None:
        name = event.get("township", "")
        if event["event"] == "note":
            self._above(str(event["text"]))
        elif event["event"] == "begun":
            self._part[name] = 0.0
            self._bar.set_description_str(name)
        elif event["event"] == "ended":
            self._bar.update(1 - self._part.pop(name, 0.0))
            if event["state"] in ("refused", "failed"):
                self._above(f"{name}: {event['state']}")
        elif event["event"] == "progress" and (found := _CHAPTER.match(event["line"])):
            # the documents come after the chapters and take about as long as one of them
            done = int(found[1]) / (int(found[2]) + 1)
            self._bar.set_description_str(f"{name} {found[3]}")
            self._bar.update(done - self._part.get(name, 0.0))
            self._part[name] = done

    def _above(self, text: str) -> None:
        """Say a line above the bar."""
        self._bar.clear()
        self._say(text)
        self._bar.refresh()

"""How the reports of a year stand: for each township what its build and the logs of the runs say of it.

A build says whether it is whole and whether its inputs have changed since; the logs say what the last run that had the
township made of it, which is more recent where it was refused, failed without a draft, or was cut off.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nianbao import journal, store
from nianbao.freshness import FORMATS, Options
from nianbao.runs import fresh_outcome
from nianbao.workers import Task

State = Literal["building", "built", "up to date", "failed", "refused", "interrupted", "never built"]
_WRONG: Mapping[str, State] = {"failed": "failed", "refused": "refused", "interrupted": "interrupted"}


@dataclass(frozen=True)
class Standing:
    """How a township's report stands: ``built`` is whole but not known to be up to date; ``report`` is False where there is none.

    ``when`` is the local time of what made it so, ``""`` where nothing ever did; ``run`` the log that tells of it, or ``""``.
    """

    township: str
    state: State
    reasons: tuple[str, ...] = ()
    when: str = ""
    report: bool = False
    run: str = ""

    def as_data(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {**vars(self), "reasons": list(self.reasons)}


def standings(root: Path, townships: Sequence[str], *, year: int, out: Path, lang: str = "en") -> list[Standing]:
    """Return how the report of each township of a year stands, in the order given; nothing is locked, built or changed.

    Reasons are in ``lang``, but for those a run told in a language of its own.
    """
    folder = out / str(year)
    runs = journal.runs_of(folder)
    last = {name: said for run in runs for name, said in run.last.items()}
    building = {name: run for run in runs if run.live for name in run.townships if name not in run.last}
    return [_standing(root, name, folder, year, last.get(name), building.get(name), lang) for name in townships]


def _standing(
    root: Path, name: str, folder: Path, year: int, last: journal.Last | None, running: journal.Run | None, lang: str
) -> Standing:
    final = folder / name
    manifest = store.read_manifest(final)
    when, run = (last.at, last.run) if last is not None else (_made(final) if manifest is not None else "", "")
    if running is not None:
        return Standing(
            name, "building", (running.holder.told(lang),), running.holder.since, manifest is not None, running.name
        )
    if last is not None and last.state in _WRONG:
        reasons = tuple(reason.told(lang) if isinstance(reason, store.Reason) else reason for reason in last.reasons)
        return Standing(name, _WRONG[last.state], reasons, when, manifest is not None, run)
    if manifest is None:
        return Standing(name, "never built")
    if manifest.status != "complete":
        return Standing(name, "failed", (store.LAST_FAILED.told(lang),), when, True, run)
    return Standing(name, "up to date" if _fresh(root, name, folder, year, manifest) else "built", (), when, True, run)


def _fresh(root: Path, name: str, folder: Path, year: int, manifest: store.Manifest) -> bool:
    said = manifest.options
    formats = tuple(fmt for fmt in FORMATS if fmt in said.get("formats", ()))
    options = Options(year, formats, said.get("lang", "zh"), said.get("edition", "internal"), out=folder.parent)
    return fresh_outcome(Task(root, name, options)) is not None


def _made(final: Path) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime((final / store.MANIFEST_NAME).stat().st_mtime))


def townships_built(out: Path, year: int) -> list[str]:
    """Return the townships of which there is anything in the year's folder: a build, or a word in a log."""
    folder = out / str(year)
    there = {path.name for path in folder.glob("*") if path.is_dir() and not path.name.startswith(".")}
    return sorted(there | {name for run in journal.runs_of(folder) for name in run.townships})

"""The log of a run: what was asked, what happened to each township and when; the one place where run times are kept.

``<out>/<year>/.runs/<when>-<process>.jsonl``, one JSON object a line, each closed by a checksum of its own, so that a file cut
off by a kill is read up to its last whole line.  The file is locked while its run lives and names the run's townships: it is
by it that a second run of the same townships is refused, and that a run which was killed is known.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from nianbao import store
from nianbao.errors import UserError
from nianbao.masking import masked

FOLDER = ".runs"
"""Where the logs of a year's runs lie, beside its reports."""
KEPT = 20
"""Logs kept of a year, the newest."""
_WAIT_S = 10.0
"""How long a run waits for another that is just putting itself down."""
_LASTING = ("run-begun", "begun", "ended", "run-ended")
"""Events that must be on the disk before the run goes on."""


@dataclass
class Journal:
    """The open log of this run; what the disk refuses is not written, and :attr:`refused` says so."""

    path: Path | None
    stream: IO[bytes] | None = None
    refused: str = ""
    _begun: float = field(default_factory=time.monotonic)

    def write(self, event: Mapping[str, Any]) -> None:
        """Add one event with the wall time and the seconds since the run began."""
        if self.stream is None:
            return
        stamped = {"at": _now(), "s": round(time.monotonic() - self._begun, 3), **event}
        try:
            os.write(self.stream.fileno(), _line(stamped))
            if event.get("event") in _LASTING:
                os.fsync(self.stream.fileno())
        except OSError as error:
            self.refused = self.refused or str(error.strerror)


@contextlib.contextmanager
def opened(folder: Path, townships: Sequence[str]) -> Iterator[Journal]:
    """Put a run of ``townships`` down in the year's ``folder`` and yield its journal; the oldest logs are cleared away.

    Where no log can be written the run has none, and the journal says why.

    Raises:
        UserError: another run that is still going on builds one of the townships.
    """
    try:
        runs = folder / FOLDER
        runs.mkdir(parents=True, exist_ok=True)
        gate = (runs / store.LOCK_NAME).open("a+b")
    except OSError as error:
        yield Journal(None, refused=str(error.strerror))
        return
    journal = Journal(None)
    with gate:
        deadline = time.monotonic() + _WAIT_S
        while not store.take(gate) and time.monotonic() < deadline:
            time.sleep(0.02)
        _require_free(folder, townships)
        try:
            journal.path = runs / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.jsonl"
            journal.stream = journal.path.open("ab")
            store.take(journal.stream)
        except OSError as error:
            journal.refused = str(error.strerror)
        journal.write({"event": "run-begun", **vars(store.Holder.this()), "townships": list(townships)})
        _clear_old(runs)
    try:
        yield journal
    finally:
        if journal.stream is not None:
            journal.stream.close()


def _require_free(folder: Path, townships: Sequence[str]) -> None:
    """Refuse townships of a run that goes on; of the logs only those, and of these only the first line, are read."""
    wanted = set(townships)
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        begun = next(_events(path), None) if _live(path) else None
        if begun is None or begun["event"] != "run-begun":  # a full disk took the first line
            continue
        shared = [name for name in begun["townships"] if name in wanted]
        if not shared:
            continue
        more, holder = len(shared) - 1, _holder(begun)
        raise UserError(
            f"{folder}: another nianbao run is building {shared[0]}{f' and {more} more of these' if more else ''} "
            f"({holder.told('en')}); wait until it has finished, or stop it",
            zh=f"{folder}：另一个 nianbao（{holder.told('zh')}）正在生成{shared[0]}{f'等{more + 1}个乡镇' if more else ''}"
            "的报告；请等它结束，或先停止它",
        )


def _clear_old(runs: Path) -> None:
    for path in sorted(runs.glob("*.jsonl"))[:-KEPT]:
        if not _live(path):
            with contextlib.suppress(OSError):
                path.unlink()


# ---- reading ---------------------------------------------------------------------------------------------------------


_CUT_OFF = store.Reason("the run ended before it had finished", "上次运行没有做完就结束了")
_NOT_BEGUN = store.Reason("the run ended before it was begun", "上次运行还没有做到就结束了")


@dataclass(frozen=True)
class Last:
    """What a log says last of one township: the state, why, and when; ``interrupted`` where its run ended before it did."""

    state: str
    reasons: tuple[str, ...]
    at: str
    run: str


@dataclass(frozen=True)
class Run:
    """A log as read back: who ran, over which townships, and what became of each; ``live`` while the run goes on."""

    name: str
    holder: store.Holder
    townships: tuple[str, ...]
    events: tuple[Mapping[str, Any], ...]
    live: bool

    @property
    def ended(self) -> bool:
        """True when the run came to its own end."""
        return any(event["event"] == "run-ended" for event in self.events)

    @property
    def last(self) -> dict[str, Last]:
        """What became of each township of the run; of a run that goes on, only what has ended."""
        found: dict[str, Last] = {}
        begun = {event["township"]: event["at"] for event in self.events if event["event"] == "begun"}
        for event in self.events:
            if event["event"] == "ended":
                found[event["township"]] = Last(event["state"], tuple(event["reasons"]), event["at"], self.name)
        when = self.events[-1]["at"]
        for name in () if self.live else self.townships:
            if name not in found:
                found[name] = Last(
                    "interrupted", (_CUT_OFF if name in begun else _NOT_BEGUN,), begun.get(name, when), self.name
                )
        return found


def runs_of(folder: Path) -> list[Run]:
    """Return the logs of a year's folder, oldest first; a log without a whole first line is passed by."""
    found = []
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        events = tuple(_events(path))
        if events and events[0]["event"] == "run-begun":
            found.append(Run(path.name, _holder(events[0]), tuple(events[0]["townships"]), events, _live(path)))
    return found


def _holder(begun: Mapping[str, Any]) -> store.Holder:
    return store.Holder(begun["pid"], begun["host"], begun["since"])


def _live(path: Path) -> bool:
    try:
        with path.open("r+b") as stream:
            if not store.take(stream):
                return True
            store.release(stream)
    except OSError:
        return False
    return False


def _events(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the whole lines of a log up to the first that is damaged."""
    try:
        with path.open("rb") as stream:
            for line in stream:
                text, mark, check = line.removesuffix(b"\n").rpartition(_MARK)
                if not mark or check != _check(text):
                    return
                yield json.loads(line)
    except OSError:
        return


_MARK = b', "check": "'


def _line(event: Mapping[str, Any]) -> bytes:
    text = json.dumps({key: _shown(value) for key, value in event.items()}, ensure_ascii=False)[:-1].encode("utf-8")
    return text + _MARK + _check(text) + b"\n"


def _shown(value: Any) -> Any:
    """Return a value of an event without what names a person."""
    if isinstance(value, str):
        return masked(value)
    return [_shown(part) for part in value] if isinstance(value, (list, tuple)) else value


def _check(text: bytes) -> bytes:
    """Return the end of a line of which ``text`` is all before its checksum."""
    return f'{zlib.crc32(text):08x}"}}'.encode("ascii")


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S %z")

"""What was built from what, and putting a finished build in place so that a crash at any moment loses nothing.

Freshness is decided by content hashes only, never by file times.  A built folder holds its :class:`Manifest` as
``manifest.json``; it is the provenance record and the freshness key in one.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import re
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from nianbao.errors import UserError, path_refused

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

MANIFEST_NAME = "manifest.json"
"""Name of the manifest in a built folder."""
LOCK_NAME = ".lock"
"""Name of the file that a run holds locked in the folder it writes to."""
_BEGUN = ("staged", "tried")
"""What the names of folders say that a build is made in, or that a place was tried with."""
_LEFT = re.compile(rf"\.(.+)\.(?:(?:{'|'.join(_BEGUN)})-[^.]*|previous|discarded)$")
_LOCKED_BYTE = 1 << 30
"""The byte that is locked where a lock hides what it covers (Windows): far behind what says who holds it."""


# ---- hashes --------------------------------------------------------------------------------------------------------


def sha256_bytes(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's content as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest(mapping: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a mapping of JSON values; the order of its keys does not matter.

    Raises:
        TypeError: a value has no JSON form.
        ValueError: a number is infinite or not a number.
    """
    return sha256_bytes(_canonical(mapping).encode("utf-8"))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


# ---- manifests -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Manifest:
    """What one build of a township's report was made from and what it consists of.

    ``inputs`` maps the name of everything the build depends on (relative paths, or names such as ``library``) to its
    SHA-256; ``outputs`` maps file paths relative to the built folder, with forward slashes, to theirs; ``options`` holds
    JSON values; ``version`` is nianbao's.  ``chapters`` holds for each chapter the hashes of what it was made from: its notebook,
    its slice of the catalogue, the params it reads and, in the internal edition, the ranges of cells behind what it reads.
    """

    township: str
    year: int
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    chapters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    status: Literal["complete", "failed"] = "complete"
    version: str = ""

    def to_json(self) -> str:
        """Return the manifest as JSON text, equal for equal manifests, with a final newline."""
        fields = asdict(self)
        return json.dumps(fields, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Return the manifest that :meth:`to_json` wrote.

        Raises:
            ValueError: the text is no manifest.
        """
        raw = json.loads(text)
        shape = {
            "township": str,
            "year": int,
            "options": dict,
            "inputs": dict,
            "outputs": dict,
            "chapters": dict,
            "status": str,
            "version": str,
        }
        if isinstance(raw, dict):
            raw.setdefault("chapters", {})  # builds of earlier releases say nothing of them
        if not isinstance(raw, dict) or set(raw) != set(shape):
            raise ValueError("a manifest has the fields " + ", ".join(shape))
        for name, kind in shape.items():
            if not isinstance(raw[name], kind):
                raise ValueError(f"manifest field {name!r} is a {type(raw[name]).__name__}, not a {kind.__name__}")
        if raw["status"] not in ("complete", "failed"):
            raise ValueError(f"manifest status {raw['status']!r} is neither 'complete' nor 'failed'")
        return cls(**raw)


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a built folder, or None when there is none or it is damaged: either way, build again."""
    try:
        return Manifest.from_json((folder / MANIFEST_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return None


class Reason(str):
    """Why something is made again: the text itself in English, :attr:`zh` in Chinese."""

    zh: str
    __slots__ = ("zh",)

    def __new__(cls, en: str, zh: str) -> Reason:
        """Return the reason in both languages."""
        made = super().__new__(cls, en)
        made.zh = zh
        return made

    def __reduce__(self) -> tuple[type[Reason], tuple[str, str]]:
        """Return what a copy is made of: both texts."""
        return Reason, (str(self), self.zh)

    def told(self, lang: str) -> str:
        """Return the reason in a language, ``zh`` or ``en``."""
        return self.zh if lang == "zh" else str(self)


LAST_FAILED = Reason("the last build failed", "上次生成没有成功")


def stale(
    manifest: Manifest | None,
    *,
    wanted_inputs: Mapping[str, str],
    wanted_options: Mapping[str, Any],
    folder: Path,
) -> list[Reason]:
    """Return why the build in ``folder`` must be made again, one reason each; ``[]`` when it is fresh.

    A build is fresh when its last run was complete, it was made from exactly these inputs and options, and each of its
    outputs is still there with the content it was built with.
    """
    if manifest is None:
        return [Reason("no earlier build", "没有以前生成的报告")]
    if manifest.status != "complete":
        return [LAST_FAILED]
    reasons = [
        Reason(f"input {name} {how}", f"{_INPUTS.get(name, name)}{_HOW[how]}")
        for name, how in _differences(manifest.inputs, wanted_inputs)
    ]
    reasons += changed_options(manifest.options, wanted_options)
    for name, wanted in sorted(manifest.outputs.items()):
        path = folder / name
        if not path.is_file():
            reasons.append(Reason(f"output {name} is missing", f"生成的文件{name}不见了"))
        elif sha256_file(path) != wanted:
            reasons.append(Reason(f"output {name} was altered after it was built", f"生成的文件{name}后来被改动"))
    return reasons


_HOW = {"was added": "是新增的", "was removed": "不再存在", "changed": "有改动"}
_INPUTS = {"library": "程序", "requirements.lock": "程序所用的软件包（requirements.lock）"}


def changed_options(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Reason]:
    """Return the options that differ, one reason each."""
    built_options = {name: _canonical(value) for name, value in before.items()}
    options = {name: _canonical(value) for name, value in now.items()}
    made = []
    for name, _how in _differences(built_options, options):
        was, is_ = built_options.get(name, "unset"), options.get(name, "unset")
        made.append(Reason(f"option {name} was {was}, now {is_}", f"选项{name}原为{was}，现为{is_}"))
    return made


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(set(before) | set(now)):
        if name not in before:
            yield name, "was added"
        elif name not in now:
            yield name, "was removed"
        elif before[name] != now[name]:
            yield name, "changed"


# ---- putting builds in place ---------------------------------------------------------------------------------------


def atomic_write(path: Path, content: bytes) -> None:
    """Write a file that is at every moment, even after a crash, either the old one or the new one."""
    staged = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        with staged.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        staged.replace(path)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def publish(staged: Path, final: Path) -> None:
    """Put the finished folder ``staged`` where ``final`` is, replacing that whole folder.

    A reader finds the old folder, for an instant none, or the new one, never a mixture.  After a crash the next call, or
    :func:`recover`, completes or undoes the swap.  Both folders must be on one file system; calls for one ``final`` must
    not overlap (:func:`lock`).

    Raises:
        UserError: something that is no folder stands at ``final``.
        OSError: the disk refused; the old folder is back in place and ``staged`` untouched.
    """
    _settle(final)
    _require_folder(final)
    for folder, _folders, files in os.walk(staged):
        for name in files:
            _sync_file(Path(folder) / name)
        _sync_folder(Path(folder))
    final.parent.mkdir(parents=True, exist_ok=True)
    previous = _aside(final, "previous")
    replacing = final.exists()
    if replacing:
        final.rename(previous)
    try:
        staged.rename(final)
    except BaseException:
        if replacing:
            previous.rename(final)
        raise
    _sync_folder(final.parent)
    if replacing:
        # The new build stands: what the disk still holds of the old one is cleared by the next run, and is no failure of this one.
        with contextlib.suppress(OSError):
            _discard(previous, final)


def require_replaceable(final: Path) -> None:
    """Refuse, before any work is done, a place where :func:`publish` could not put a build or could not clear the old one away.

    Raises:
        UserError: the folder above cannot be written to, something that is no folder stands at ``final``, or a folder in it cannot be emptied.
    """
    _require_folder(final)
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(prefix=f".{final.name}.tried-", dir=final.parent)).rmdir()
    except OSError as error:
        raise path_refused(error) from error
    for folder, _folders, _files in os.walk(final):
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise UserError(
                f"{folder}: this folder of the earlier report may not be changed, so no new report can take its place; "
                "grant permission to write in it, or move it away",
                zh=f"{folder}：上次报告的这个文件夹不允许改动，新报告放不进去；请开放写入权限，或把它移走",
            )


def _require_folder(final: Path) -> None:
    if final.is_symlink() or (final.exists() and not final.is_dir()):
        raise UserError(
            f"{final}: is not a folder, so no report can be put there; move it away",
            zh=f"{final}：这里已有一个文件，不是文件夹，报告放不进去；请把它移走",
        )


def recover(final: Path) -> None:
    """Complete or undo a swap of ``final`` that a crash interrupted, and clear away what it had begun to make; else do nothing.

    Only who holds the :func:`lock` of ``final`` may call it: the builds begun beside it are then nobody's.
    """
    _settle(final)
    for role in _BEGUN:
        for begun in final.parent.glob(f".{glob.escape(final.name)}.{role}-*"):
            _remove(begun)


def leftovers(folder: Path) -> list[str]:
    """Return the names of the builds in ``folder`` beside which a run that was cut off left something: :func:`recover` them."""
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    found = (_LEFT.match(name) for name in names)
    return sorted({match[1] for match in found if match})


def _settle(final: Path) -> None:
    previous = _aside(final, "previous")
    if previous.exists():
        if final.exists():
            _discard(previous, final)
        else:
            previous.rename(final)
            _sync_folder(final.parent)
    _remove(_aside(final, "discarded"))


def swap_pending(final: Path) -> bool:
    """True where a crash interrupted a swap of ``final`` that :func:`recover` has not yet completed or undone."""
    return _aside(final, "previous").exists()


def _discard(previous: Path, final: Path) -> None:
    # Renamed first: a removal that a crash cuts short must not be taken for the folder to go back to.
    discarded = _aside(final, "discarded")
    _remove(discarded)
    previous.rename(discarded)
    _remove(discarded)


def _aside(final: Path, role: str) -> Path:
    return final.with_name(f".{final.name}.{role}")


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":  # where a folder cannot be opened
        _sync_file(folder)


# ---- one run at a time ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: process, machine, and since when, in local time with its offset."""

    pid: int
    host: str
    since: str

    @classmethod
    def this(cls) -> Holder:
        """Return what this process says of itself."""
        return cls(os.getpid(), socket.gethostname(), time.strftime("%Y-%m-%d %H:%M:%S %z"))

    def told(self, lang: str) -> str:
        """Return who it is in a language, ``zh`` or ``en``; the machine only where it is another one."""
        elsewhere = "" if self.host == socket.gethostname() else self.host
        if lang == "zh":
            return f"{f'{elsewhere}上的' if elsewhere else ''}进程{self.pid}，{self.since}开始"
        return f"process {self.pid}{f' on {elsewhere}' if elsewhere else ''}, since {self.since}"


@contextlib.contextmanager
def lock(final: Path) -> Iterator[None]:
    """Hold the build ``final`` for this run until the block ends; the system releases it when the process dies.

    The lock is a file beside the build, which is itself replaced; builds of other townships in the same folder stay free.

    Raises:
        UserError: another run holds it (the message says which, and since when), or the folder it lies in cannot be made or written to.
    """
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        held = (final.parent / f"{LOCK_NAME}-{final.name}").open("a+b")
    except OSError as error:
        raise path_refused(error) from error
    with held as stream:
        if not take(stream):
            holder = _holder(stream)
            who, who_zh = (f" ({holder.told('en')})", f"（{holder.told('zh')}）") if holder is not None else ("", "")
            raise UserError(
                f"{final}: another nianbao run is writing here{who}; wait until it has finished",
                zh=f"{final}：另一个 nianbao 正在写这里{who_zh}；请等它结束",
            )
        try:
            with contextlib.suppress(OSError):  # a full disk: the lock holds, whoever meets it is not told whose it is
                os.ftruncate(stream.fileno(), 0)
                os.write(stream.fileno(), json.dumps(asdict(Holder.this())).encode("utf-8"))
            yield
        finally:
            release(stream)


def _holder(stream: IO[bytes]) -> Holder | None:
    try:
        stream.seek(0)
        return Holder(**json.loads(stream.read(4096)))
    except (OSError, ValueError, TypeError):
        return None


def take(stream: IO[bytes]) -> bool:
    """Lock an open file for this process unless another has, and return whether it was; the system undoes it when the process dies."""
    try:
        if sys.platform == "win32":
            stream.seek(_LOCKED_BYTE)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # Linux and macOS, Windows
        return False
    return True


def release(stream: IO[bytes]) -> None:
    """Undo :func:`take`."""
    if sys.platform == "win32":
        stream.seek(_LOCKED_BYTE)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(stream, fcntl.LOCK_UN)

"""Whether a built report is still what its sources say, told from a stamp: no return is opened and no table library imported.

Beside a finished build lies its stamp, ``<out>/<year>/.state/<township>.stamp.json``: size, time and SHA-256 of every file the build was
made from and of every file it consists of, and the names in the folders where a new source could appear.  A file whose size and time are
those of the stamp is taken as unchanged; any other is hashed, and the hash decides.  So is one so young when it was stamped that a later
change could carry the same time.  A stamp that is missing, damaged or of another release says nothing: then the build is checked in full.

The names a run needs before it imports anything heavy live here too: what is asked of it, and what became of a township.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from nianbao import store
from nianbao.errors import ParamsError, UserError

Format = Literal["html", "pdf", "docx", "xlsx"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "docx", "xlsx")
STATE = ".state"
"""Name of the folder beside the builds of a year that holds what later runs need to know of them."""
YEARS_READ = 5
"""How many years' returns a report may read: its own, and those that a line over years reaches."""
_SCHEMA = 1
_YOUNG_NS = 2_000_000_000
"""A file changed less than this before its hash was taken may change again without its time telling so: the coarsest clock of a disk."""
_TICK_NS = 50_000_000
"""The same for files the run has written itself, unless their times show that the disk counts in whole seconds."""
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True)
class Options:
    """What a run is asked for, the same for every township."""

    year: int
    formats: tuple[Format, ...] = FORMATS
    lang: Literal["zh", "en"] = "zh"
    edition: Literal["internal", "public"] = "internal"
    engine: Literal["fast", "kernel"] = "fast"
    force: bool = False
    dry_run: bool = False
    out: Path = Path("outputs")

    def key(self) -> dict[str, Any]:
        """Return the options a build's content depends on."""
        return {"formats": sorted(self.formats), "lang": self.lang, "edition": self.edition}


@dataclass(frozen=True)
class Outcome:
    """What became of one township: its state, why, where its report is, and how long it took."""

    township: str
    state: Literal["built", "up to date", "planned", "refused", "failed", "interrupted"]
    reasons: tuple[str, ...] = ()
    folder: Path | None = None
    files: tuple[Path, ...] = ()
    seconds: float = 0.0
    warnings: int = 0
    unwritten: str = ""
    """The text file that lacks a section on the next steps; empty where the office wrote one."""
    executed: tuple[str, ...] = ()
    """The chapters that were run, or for a plan would be; the others were taken over from the build before."""
    kept: tuple[str, ...] = ()
    """The chapters taken over."""

    @property
    def good(self) -> bool:
        """True when nothing went wrong."""
        return self.state in ("built", "up to date", "planned")


def place_of_build(options: Options, township: str) -> Path:
    """Return the folder of a township's report."""
    return options.out / str(options.year) / township


def documents(final: Path, options: Options) -> tuple[Path, ...]:
    """Return the documents of a build."""
    return tuple(final / f"report.{fmt}" for fmt in options.formats)


def fresh(root: Path, township: str, options: Options) -> Outcome | None:
    """Return the outcome ``up to date`` when the stamp shows that nothing has changed since a report was built, else None.

    None says nothing about the build; :func:`nianbao.pipeline.build_report` then looks at everything.  Writes at most the stamp itself.
    """
    started = time.perf_counter()
    final = place_of_build(options, township)
    path = stamp_path(final)
    if options.force:
        return None
    try:
        stamp = json.loads(path.read_bytes())
        if stamp["schema"] != _SCHEMA or stamp["options"] != options.key() or store.swap_pending(final):
            return None
        check = _Check()
        if not check.holds(root.resolve(), final, stamp):
            return None
        found = Outcome(
            township,
            "up to date",
            (),
            final,
            documents(final, options),
            time.perf_counter() - started,
            int(stamp["warnings"]),
            str(stamp["unwritten"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if check.hashed and not options.dry_run:
        _keep(path, {**stamp, **check.renewed})
    return found


# ---- stamps ----------------------------------------------------------------------------------------------------------


def stamp_path(final: Path) -> Path:
    """Return where the stamp of a build lies."""
    return final.parent / STATE / f"{final.name}.stamp.json"


@dataclass(frozen=True)
class Sources:
    """What a build is made from, as far as a stamp must know it; names are relative to the project, with forward slashes.

    ``own`` are files of the place and of those below it, ``shared`` files every township of the project uses, both with their SHA-256;
    ``places`` the keys of the place and of those below it, in whose data folders a new return may appear; ``folders`` shared folders.
    """

    own: Mapping[str, str]
    shared: Mapping[str, str]
    library: str
    places: Sequence[str]
    folders: Sequence[str]
    year: int


def write_stamp(
    final: Path,
    root: Path,
    options: Options,
    sources: Sources,
    outputs: Mapping[str, str],
    *,
    begun_ns: int,
    warnings: int,
    unwritten: str,
) -> None:
    """Write the stamp of a build; what the disk refuses is no failure, for the next run then checks in full.

    ``outputs`` maps the files of the build to their SHA-256; ``begun_ns`` is the time before the first source was read: a source
    changed since, or just before, is entered so that the next run hashes it.
    """
    root = root.resolve()
    try:
        own = {name: _entry(root / name, digest, since=begun_ns - _YOUNG_NS) for name, digest in sorted(sources.own.items())}
        shared = sorted(sources.shared)
        stamp = {
            "schema": _SCHEMA,
            "options": options.key(),
            "own": own,
            "shared": shared,
            "shared_sha256": store.digest(sources.shared),
            "library": sources.library,
            "years": [sources.year - back for back in range(YEARS_READ)],
            "data": {key: _returns_named(root, key, sources.year) for key in sorted(sources.places)},
            "folders": {name: _names(f"{root}/{name}") for name in sorted(sources.folders)},
            "outputs": _stamped_outputs(final, outputs),
            "warnings": warnings,
            "unwritten": unwritten,
        }
    except OSError:
        forget(final)
        return
    _keep(stamp_path(final), stamp)


def forget(final: Path) -> None:
    """Take the stamp of a build away, so that nobody trusts it."""
    try:
        stamp_path(final).unlink(missing_ok=True)
    except OSError:
        return  # whatever keeps it from being removed, its build's files are compared with it again


def _stamped_outputs(final: Path, outputs: Mapping[str, str]) -> dict[str, list[Any]]:
    return {name: _entry(final / name, digest, since=time.time_ns() - _TICK_NS) for name, digest in sorted(outputs.items())}


def _entry(path: Path, digest: str, *, since: int) -> list[Any]:
    """Return size, time and hash of a file; the time 0 where the file is too young to be told by it."""
    found = path.stat()
    touched = max(found.st_mtime_ns, found.st_ctime_ns)
    coarse = found.st_mtime_ns % _SECOND_NS == 0 and touched >= since - _YOUNG_NS
    return [found.st_size, 0 if touched >= since or coarse else found.st_mtime_ns, digest]


def _keep(path: Path, stamp: Mapping[str, Any]) -> None:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        store.atomic_write(path, (json.dumps(stamp, separators=(",", ":")) + "\n").encode("ascii"))  # a name may be no Unicode
    except OSError:
        return  # a stamp only saves time


@dataclass
class _Check:
    """One comparison of a stamp with the disk; ``renewed`` are the parts of the stamp that hashing has confirmed."""

    hashed: bool = False
    renewed: dict[str, Any] = field(default_factory=dict)

    def holds(self, root: Path, final: Path, stamp: Mapping[str, Any]) -> bool:
        year = stamp["years"][0]
        return (
            stamp["library"] == library_hash()
            and stamp["shared_sha256"] == _shared_digest(root, stamp["shared"])
            and all(_names(f"{root}/{name}") == names for name, names in stamp["folders"].items())
            and all(_returns_named(root, key, year) == names for key, names in stamp["data"].items())
            and self._same("own", root, stamp, since=time.time_ns() - _YOUNG_NS)
            and self._same("outputs", final, stamp, since=time.time_ns() - _TICK_NS)
        )

    def _same(self, part: str, folder: Path, stamp: Mapping[str, Any], *, since: int) -> bool:
        above, renewed = str(folder), dict(stamp[part])
        for name, (size, touched, digest) in stamp[part].items():
            path = f"{above}/{name}"
            found = os.stat(path)  # noqa: PTH116  a thousand townships have thirty thousand files
            if found.st_size != size:
                return False
            if not touched or found.st_mtime_ns != touched:  # some mounted stores give each file the time 0
                if store.sha256_file(Path(path)) != digest:
                    return False
                self.hashed = True
                renewed[name] = _entry(Path(path), digest, since=since)
        self.renewed[part] = renewed
        return True


_Mark = tuple[int, int, int, int]
_hashes: dict[str, tuple[_Mark, str]] = {}
_digests: dict[tuple[str, tuple[str, ...]], tuple[tuple[_Mark, ...], str]] = {}


def _shared_digest(root: Path, names: Sequence[str]) -> str:
    """Return the digest of the files that many townships use; each is hashed once, as long as it stays untouched."""
    above = str(root)
    marks = tuple([_mark(f"{above}/{name}") for name in names])
    known = _digests.get((above, tuple(names)))
    if known is not None and known[0] == marks:
        return known[1]
    found = {name: _shared_hash(f"{above}/{name}", mark) for name, mark in zip(names, marks, strict=True)}
    made = store.digest(found)
    if all(f"{above}/{name}" in _hashes for name in names):
        _digests[(above, tuple(names))] = (marks, made)
    return made


def _mark(path: str) -> _Mark:
    found = os.stat(path)  # noqa: PTH116
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _shared_hash(path: str, mark: _Mark) -> str:
    known = _hashes.get(path)
    if known is not None and known[0] == mark:
        return known[1]
    made = store.sha256_file(Path(path))
    if time.time_ns() - max(mark[1], mark[2]) > _YOUNG_NS:
        _hashes[path] = (mark, made)
    else:
        _hashes.pop(path, None)
    return made


@lru_cache(maxsize=1)
def library_hash() -> str:
    """Return the hash of nianbao's own files, as they are when a process first asks."""
    package = Path(__file__).resolve().parent
    files = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return store.digest({path.relative_to(package).as_posix(): store.sha256_file(path) for path in files})


def _names(folder: str) -> list[str] | None:
    """Return the names in a folder in order, hidden ones left out; None where there is no folder."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return None


def _returns_named(root: Path, key: str, year: int) -> dict[str, list[str] | None]:
    """Return what lies in a place's data folder under the name of a year that is read, and in folders of that name."""
    years = {str(year - back) for back in range(YEARS_READ)}
    found = [name for name in _names(f"{root}/data/{key}") or () if name.partition(".")[0] in years]
    return {name: _names(f"{root}/data/{key}/{name}") if name in years else None for name in found}


# ---- the townships of a year -----------------------------------------------------------------------------------------


def townships_with_return(root: Path, year: int) -> list[str]:
    """Return the keys of all townships whose return of ``year`` lies in ``data/``, then of the places above them.

    A county stands after its towns, a city after its counties; within a rank keys are in order.

    Raises:
        UserError: there is none.
    """
    present = [name for name in _names(f"{root}/data") or () if (root / "data" / name).is_dir()]
    found = [key for key in present if _may_have_return(root, key, year)]
    if found:
        found = _with_return(root, found, year)
    if not found:
        raise UserError(
            f"no return for {year} in data/; expected data/<township>/{year}.xlsx",
            zh=f"data/下没有{year}年的报表；应放在data/<乡镇>/{year}.xlsx",
        )
    folder = root / "params" / "townships"
    members = {path.stem: _members(root, path) for path in sorted(folder.glob("*.yml"))}
    ranks: dict[str, int] = {}

    def rank(key: str, way: tuple[str, ...] = ()) -> int:
        """Return how many ranks lie below a place; a way that leads back to itself is told when the place is built."""
        if key not in ranks:
            below = [rank(member, (*way, key)) for member in members.get(key, ()) if member not in (*way, key)]
            ranks[key] = 1 + max(below, default=-1)
        return ranks[key]

    given = set(found)
    for key in sorted(members, key=lambda key: (rank(key), key)):
        if key not in given and any(member in given for member in members[key]):
            given.add(key)
    return sorted(given, key=lambda key: (rank(key), key))


def _may_have_return(root: Path, key: str, year: int) -> bool:
    """True where something in a data folder bears the name of the year; what of it is a return the reader of returns decides."""
    return any(name.partition(".")[0] == str(year) for name in _names(f"{root}/data/{key}") or ())


def _with_return(root: Path, keys: Iterable[str], year: int) -> list[str]:
    plain = {f"{year}.xlsx", f"{year}.xls", f"{year}.ods"}
    found: list[str] = []
    doubtful: list[str] = []
    for key in keys:
        certain = plain & set(_names(f"{root}/data/{key}") or ())
        (found if certain else doubtful).append(key)
    if doubtful:
        from nianbao.intake import return_files

        found += [key for key in doubtful if return_files(root, key, year)]
    return found


def _members(root: Path, path: Path) -> tuple[str, ...]:
    """Return the members of a place; a file that never writes the word has none, and is not parsed."""
    try:
        if b"members" not in path.read_bytes():
            return ()
    except OSError:
        return ()
    from nianbao.catalogue import load_township

    try:
        return load_township(root, path.stem).members
    except ParamsError:
        return ()  # its own build says what is wrong with the file


Progress = Callable[[str], None]

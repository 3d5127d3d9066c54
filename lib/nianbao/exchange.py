"""Where machines that share no path meet: a folder at any address fsspec knows, such as an object store or a server reached by SSH.

The run hands out there what reports are made from, and the builds to go on from; workers mirror what they need into a folder of
their own, build there, and hand the finished build back; the run's machine alone puts it in place, with the same care as its own.
Every object is named by the SHA-256 of what it holds and is never changed, so that nothing there is replaced, renamed or locked,
which an object store could not do; whoever takes one checks its content.

``files/`` holds files of projects, kept for the next run; ``builds/<run>/`` the builds a run has on their way, each removed when it
has arrived and the folder when the run ends.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from nianbao import store
from nianbao.catalogue import load_township
from nianbao.errors import ParamsError, UserError, path_refused
from nianbao.freshness import STATE, Outcome, documents, forget, stamp_path
from nianbao.memory import memory_path
from nianbao.workers import Task

_SHARED = ("params", "notebooks", "requirements.lock")
"""What every township of a project is made from; beside it come the office's fonts."""
_FILES = "files"
"""The folder of the files of projects."""
_BUILD, _MEMORY, _STAMP = "build", "memory.json.gz", "stamp.json"
"""Names within a packed build: the folder of its files, what the next run knows of its chapters, and its stamp."""
_SECRET = re.compile(r"//(?:[^/\s]*|[^/\s:]*:\S*)@")
"""User and password of an address; a password may hold an ``@``, and one that holds a ``/`` is a mistake which is told."""


@dataclass(frozen=True)
class Parcel:
    """What a worker needs for one township: the digest of the list of shared files, the files of its own, and the build to go on from.

    ``builds`` is the folder of the run's builds.
    """

    url: str = field(repr=False)  # Dask logs what it was given, and an address may hold a password
    shared: str
    own: Mapping[str, str]
    builds: str
    build: str = ""


class Exchange:
    """The folder at ``url``.

    Every method raises :class:`UserError` where the address is of no kind known here or what lies behind it refuses; the message
    leaves out the user and password an address may hold.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._fs, self._base = self._tried(lambda: fsspec.core.url_to_fs(url))

    def put(self, kind: str, content: bytes) -> str:
        """Put content among ``files``, unless it is there, or into the folder of a run's builds, and return its digest."""
        digest = store.sha256_bytes(content)
        if kind != _FILES:  # what was there when somebody looked may have been removed since
            self._tried(lambda: self._fs.pipe_file(self._path(kind, digest), content))
        elif self._there.get(digest) != len(content):
            self._tried(lambda: self._fs.pipe_file(self._path(kind, digest), content))
            self._there[digest] = len(content)
        return digest

    def take(self, kind: str, digest: str) -> bytes:
        """Return the content of a digest."""
        content: bytes = self._tried(lambda: self._fs.cat_file(self._path(kind, digest)))
        if store.sha256_bytes(content) != digest:
            raise UserError(
                f"{self.shown}: {kind}/{digest} does not hold what its name says; remove it and run again",
                zh=f"{self.shown}：{kind}/{digest}的内容与名称不符；请删除后再运行一次",
            )
        return content

    def remove(self, kind: str, digest: str) -> None:
        """Remove a build that has served its purpose; what cannot be removed may stay."""
        with contextlib.suppress(Exception):
            self._fs.rm_file(self._path(kind, digest))

    def make_folder(self, kind: str) -> None:
        """Make a folder where there is none; object stores have none to make."""
        self._tried(lambda: self._fs.makedirs(f"{self._base.rstrip('/')}/{kind}", exist_ok=True))

    def remove_folder(self, kind: str) -> None:
        """Remove the folder of a run's builds with what is still in it; what cannot be removed may stay."""
        with contextlib.suppress(Exception):
            self._fs.rm(f"{self._base.rstrip('/')}/{kind}", recursive=True)

    @property
    def shown(self) -> str:
        """The address as it may be printed: what follows a question mark may be a key."""
        return _SECRET.sub("//", self.url).partition("?")[0]

    def _path(self, kind: str, digest: str) -> str:
        return f"{self._base.rstrip('/')}/{kind}/{digest}"

    @cached_property
    def _there(self) -> dict[str, int]:
        """The files that lie there, with their sizes: half an object, left by a run that was killed, is put again."""
        self.make_folder(_FILES)
        listed: dict[str, Any] = self._tried(lambda: self._fs.find(f"{self._base.rstrip('/')}/{_FILES}", detail=True))
        return {PurePosixPath(name).name: one["size"] for name, one in listed.items()}

    def _tried(self, ask: Callable[[], Any]) -> Any:
        """Return what the file system answers; each kind of them has errors of its own."""
        try:
            return ask()
        except Exception as error:
            why = f"{type(error).__name__}: {_SECRET.sub('//', str(error))}"
            raise UserError(
                f"{self.shown}: this folder cannot be used to exchange files ({why}); "
                "give an fsspec address that every machine reaches and may write to, and install what fsspec needs for it",
                zh=f"{self.shown}：不能用这个地址交换文件（{why}）；请写每台机器都能读写的 fsspec 地址，并装好 fsspec 为它所需的软件包",
            ) from error


# ---- seen from the run -----------------------------------------------------------------------------------------------


class Dispatch:
    """What a run hands out and takes in; its builds lie apart from those of other runs, which remove their own."""

    def __init__(self, url: str, root: Path) -> None:
        self.exchange = Exchange(url)
        self.builds = f"builds/{uuid.uuid4().hex}"
        self._root = root
        self._known: dict[str, str] = {}
        self.shared = self._handed_out(_files(root, _SHARED))
        self.exchange.make_folder(self.builds)

    def close(self) -> None:
        """Remove what is still on its way: builds of townships that were lost, or that the run was stopped in."""
        self.exchange.remove_folder(self.builds)

    def pack(self, task: Task) -> Parcel:
        """Hand out what a township is made from, and the build its next one goes on from.

        Raises:
            UserError: a file cannot be read, or the exchange refuses.
        """
        try:
            places, faces = _places(self._root, task.township)
            own = _files(self._root, (*(f"data/{key}" for key in places), *faces))
            packed = _packed(task.final)
            digests = {name: self._put(path) for name, path in own}
        except OSError as error:
            raise path_refused(error) from error
        build = self.exchange.put(self.builds, packed) if packed is not None else ""
        return Parcel(self.exchange.url, self.shared, digests, self.builds, build)

    def take_in(self, task: Task, outcome: Outcome, parcel: Parcel, sent: str) -> Outcome:
        """Put the build that a worker sent in place and return the outcome as it is told here.

        Raises:
            UserError: the build did not arrive whole, or the place is another run's; the earlier report stays.
            OSError: the disk refused it; the earlier report stays.
        """
        try:
            if sent:
                _put_in_place(task, self.exchange.take(parcel.builds, sent))
        finally:
            for digest in filter(None, (sent, parcel.build)):
                self.exchange.remove(parcel.builds, digest)
        if outcome.folder is None:
            return outcome
        return replace(outcome, folder=task.final, files=documents(task.final, task.options))

    def _handed_out(self, files: Iterator[tuple[str, Path]]) -> str:
        try:
            listing = {name: self._put(path) for name, path in files}
        except OSError as error:
            raise path_refused(error) from error
        return self.exchange.put(_FILES, json.dumps(listing, sort_keys=True).encode("ascii"))  # a name may be no Unicode

    def _put(self, path: Path) -> str:
        """Put one file; one that lies in the data of several townships of the run is read once."""
        key = str(path)
        if key not in self._known:
            self._known[key] = self.exchange.put(_FILES, path.read_bytes())
        return self._known[key]


def _places(root: Path, township: str) -> tuple[list[str], list[str]]:
    """Return the keys of a place and of those below it, and the folders of fonts they name, as far as their params can be read."""
    places, faces, waiting = [], [], [township]
    while waiting:
        key = waiting.pop()
        if key in places:
            continue
        places.append(key)
        try:
            place = load_township(root, key)
        except ParamsError:
            continue  # its own build says what is wrong
        waiting += place.members
        faces += [params.fonts for params in (place.report, *(year.report for year in place.years.values())) if params.fonts]
    return places, [name for name in dict.fromkeys(faces) if (root / name).resolve().is_relative_to(root.resolve())]


def _files(root: Path, names: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Yield the files below some folders of a project, or the files themselves, by name; what is hidden is nobody's source."""
    for name in names:
        for path in _below(root / name):
            inside = path.relative_to(root)
            if not any(part.startswith(".") for part in inside.parts) and "__pycache__" not in inside.parts:
                yield inside.as_posix(), path


def _below(path: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Yield a file, or those below a folder; a link to a folder is a folder, as it is for whoever reads it, unless it leads back up."""
    if path.is_dir():
        real = path.resolve()
        with contextlib.suppress(PermissionError):  # the worker will say what is missing, if anything needs it
            for inner in sorted(path.iterdir()) if real not in above else ():
                yield from _below(inner, (*above, real))
    elif path.is_file() or path.is_symlink():
        yield path


def _put_in_place(task: Task, packed: bytes) -> None:
    """Put a packed build where the township's report lies, unless it lies there already."""
    final = task.final
    with zipfile.ZipFile(io.BytesIO(packed)) as parcel:
        manifest = store.Manifest.from_json(parcel.read(f"{_BUILD}/{store.MANIFEST_NAME}").decode("utf-8"))
        if (manifest.township, manifest.year) != (task.township, task.options.year):
            raise UserError(f"{final}: the worker sent the report of {manifest.township} {manifest.year}; run again")
        with store.lock(final):
            if _hash_of_manifest(final) != store.sha256_bytes(parcel.read(f"{_BUILD}/{store.MANIFEST_NAME}")) or store.stale(
                manifest, wanted_inputs=manifest.inputs, wanted_options=manifest.options, folder=final
            ):
                store.require_replaceable(final)
                staged = Path(tempfile.mkdtemp(prefix=f".{final.name}.staged-", dir=final.parent))
                try:
                    staged.chmod(0o755)
                    _unpack(parcel, manifest, staged)
                    forget(final)
                    store.publish(staged, final)
                finally:
                    shutil.rmtree(staged, ignore_errors=True)
            _keep_state(parcel, final)


def _hash_of_manifest(final: Path) -> str:
    path = final / store.MANIFEST_NAME
    return store.sha256_file(path) if path.is_file() else ""


def _unpack(parcel: zipfile.ZipFile, manifest: store.Manifest, folder: Path) -> None:
    """Write the files a manifest names, each compared with its hash, and the manifest."""
    for name, digest in (*manifest.outputs.items(), (store.MANIFEST_NAME, "")):
        content = parcel.read(f"{_BUILD}/{name}")
        path = (folder / name).resolve()
        if (digest and store.sha256_bytes(content) != digest) or not path.is_relative_to(folder.resolve()):
            raise UserError(f"{name}: this file of the report did not arrive whole; run again")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _keep_state(parcel: zipfile.ZipFile, final: Path) -> None:
    """Keep what the next run needs to know; the times in a stamp are another machine's, so that each file is hashed once here."""
    there = set(parcel.namelist())
    try:
        (final.parent / STATE).mkdir(mode=0o700, exist_ok=True)
        if _MEMORY in there:
            store.atomic_write(memory_path(final), parcel.read(_MEMORY))
        if _STAMP in there:
            stamp = json.loads(parcel.read(_STAMP))
            for part in ("own", "outputs"):
                stamp[part] = {name: [size, 0, digest] for name, (size, _, digest) in stamp[part].items()}
            store.atomic_write(stamp_path(final), (json.dumps(stamp, separators=(",", ":")) + "\n").encode("ascii"))
    except OSError:
        return  # it only saves time


def _packed(final: Path) -> bytes | None:
    """Return a build with what is known of it as one file; None where there is none."""
    manifest = store.read_manifest(final)
    if manifest is None:
        return None
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parcel:
        for name in (*sorted(manifest.outputs), store.MANIFEST_NAME):
            if (final / name).is_file():  # one that is missing is a reason to build again
                parcel.writestr(zipfile.ZipInfo(f"{_BUILD}/{name}"), (final / name).read_bytes())
        for name, path in ((_MEMORY, memory_path(final)), (_STAMP, stamp_path(final))):
            if path.is_file():
                parcel.writestr(zipfile.ZipInfo(name), path.read_bytes())
    return made.getvalue()


# ---- on a worker -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Tell what this machine's disk refuses."""
    try:
        yield
    except OSError as error:
        raise path_refused(error) from error


class Mirror:
    """A folder of a worker's own with the project as the run handed it out, as far as its townships need it.

    What the worker's disk refuses is a :class:`UserError` that names it, so that nobody looks for a fault of the network.
    """

    def __init__(self, exchange: Exchange, above: str | None) -> None:
        self._exchange = exchange
        with _refusals():
            self._folder = Path(tempfile.mkdtemp(prefix="nianbao-", dir=above))
        self._guard = threading.Lock()
        self._listed: set[str] = set()

    def receive(self, task: Task, parcel: Parcel) -> Task:
        """Fetch what a township needs and return its task as it is done here."""
        with _refusals():
            return self._received(task, parcel)

    def _received(self, task: Task, parcel: Parcel) -> Task:
        with self._guard:  # a county and its towns need the same files
            if parcel.shared not in self._listed:
                self._fetch(json.loads(self._exchange.take(_FILES, parcel.shared)))
                self._listed.add(parcel.shared)
            self._fetch(parcel.own)
        here = replace(task, root=self._folder / "project", options=replace(task.options, out=self._folder / "outputs"))
        if parcel.build:
            self._lay_out(here.final, self._exchange.take(parcel.builds, parcel.build))
        return here

    def send(self, here: Task, outcome: Outcome, parcel: Parcel) -> str:
        """Hand back the build of a township that was done, clear it away here, and return its digest; ``""`` where none was made."""
        try:
            made = outcome.folder is not None and outcome.state in ("built", "failed", "up to date")
            with _refusals():
                packed = _packed(here.final) if made else None
            return self._exchange.put(parcel.builds, packed) if packed is not None else ""
        finally:
            shutil.rmtree(here.final, ignore_errors=True)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _fetch(self, files: Mapping[str, str]) -> None:
        project = self._folder / "project"
        for name, digest in files.items():
            path = project / name
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                store.atomic_write(path, self._exchange.take(_FILES, digest))

    def _lay_out(self, final: Path, packed: bytes) -> None:
        """Lay the earlier build out as it was, altered files and all: that is a reason to build again."""
        shutil.rmtree(final, ignore_errors=True)
        (final.parent / STATE).mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(io.BytesIO(packed)) as parcel:
            for name in parcel.namelist():
                if name == _MEMORY:
                    memory_path(final).write_bytes(parcel.read(name))
                elif name.startswith(f"{_BUILD}/"):
                    path = Path(os.path.normpath(final / name.removeprefix(f"{_BUILD}/")))
                    if path.is_relative_to(final):
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_bytes(parcel.read(name))

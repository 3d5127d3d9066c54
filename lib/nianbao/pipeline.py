"""A run: for each township decide what is stale, execute those chapters, make the documents, and put the whole build in place at once.

A build lands in ``<out>/<year>/<township>/`` complete or not at all: everything is made in a folder beside it and swapped in.
Nothing earlier is touched when a return is refused.  A chapter that fails is kept, marked on page one, and fails the run.

A run that finds everything up to date needs none of what reads returns or makes documents, so that is imported where it is used.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nianbao import __version__, store
from nianbao.errors import NianbaoError, path_refused
from nianbao.freshness import (
    FORMATS,
    Format,
    Options,
    Outcome,
    Progress,
    documents,
    forget,
    fresh,
    place_of_build,
    townships_with_return,
    write_stamp,
)

if TYPE_CHECKING:
    from nianbao.assembly import Made
    from nianbao.dataset import Dataset
    from nianbao.memory import Plan
    from nianbao.reads import Answers

__all__ = ["FORMATS", "Format", "Options", "Outcome", "Progress", "build_report", "fresh", "townships_with_return"]


def build_report(root: Path, township: str, options: Options, *, progress: Progress = lambda _: None) -> Outcome:
    """Build the report of one township when it is stale, as far as it is, and return what became of it.

    Never raises for a fault of the input or of a notebook; those are outcomes ``refused`` and ``failed``.
    """
    from nianbao import assembly
    from nianbao.dataset import open_dataset
    from nianbao.leanimports import import_jsonschema

    import_jsonschema()
    started, begun_ns = time.perf_counter(), time.time_ns()
    final = place_of_build(options, township)
    try:
        data = open_dataset(root, township=township, year=options.year)
        data.require_sound()
        data.require_text()
        assembly.letter_of(data, options.lang)
        assembly.office_fonts(data)
        inputs = assembly.inputs_of(data)
        with store.lock(final):
            _recovered(final)
            manifest = store.read_manifest(final)
            reasons = store.stale(manifest, wanted_inputs=inputs, wanted_options=options.key(), folder=final)
            if not reasons and not options.force:
                assert manifest is not None
                if not options.dry_run:
                    _stamped(data, options, final, inputs, manifest, begun_ns)
                return _outcome(data, options, "up to date", (), started)
            return _Run(data, options, final, inputs, progress, started, begun_ns).made(manifest, reasons)
    except NianbaoError as error:
        return Outcome(township, "refused", (error.told(options.lang),), None, (), time.perf_counter() - started)
    except OSError as error:
        if error.filename is None:
            raise
        return Outcome(township, "refused", (path_refused(error).told(options.lang),), None, (), time.perf_counter() - started)


def _recovered(final: Path) -> None:
    """Complete or undo an interrupted swap; what cannot be cleared away is told before any work is done."""
    try:
        store.recover(final)
    except OSError as error:
        raise path_refused(error, final) from error


def _outcome(
    data: Dataset,
    options: Options,
    state: Literal["built", "up to date", "failed"],
    reasons: tuple[str, ...],
    started: float,
    *,
    executed: tuple[str, ...] = (),
    kept: tuple[str, ...] = (),
) -> Outcome:
    from nianbao import assembly

    final = place_of_build(options, data.township.key)
    seconds = time.perf_counter() - started
    warnings, unwritten = assembly.warnings_of(data), assembly.unwritten_text(data)
    files = documents(final, options)
    return Outcome(data.township.key, state, reasons, final, files, seconds, warnings, unwritten, executed, kept)


def _stamped(
    data: Dataset, options: Options, final: Path, inputs: Mapping[str, str], manifest: store.Manifest, begun_ns: int
) -> None:
    """Write the stamp by which the next run knows, without opening anything, that nothing has changed."""
    from nianbao import assembly

    outputs = {**manifest.outputs, store.MANIFEST_NAME: store.sha256_file(final / store.MANIFEST_NAME)}
    write_stamp(
        final,
        data.root,
        options,
        assembly.sources_of(data, inputs),
        outputs,
        begun_ns=begun_ns,
        warnings=assembly.warnings_of(data),
        unwritten=assembly.unwritten_text(data),
    )


class _Run:
    """One build on its way."""

    def __init__(
        self,
        data: Dataset,
        options: Options,
        final: Path,
        inputs: Mapping[str, str],
        progress: Progress,
        started: float,
        begun_ns: int,
    ) -> None:
        self.data, self.options, self.final, self.inputs = data, options, final, inputs
        self.progress, self.started, self.begun_ns = progress, started, begun_ns
        self.told = data.public if options.edition == "public" else data
        """The dataset of the edition, which the chapters read."""

    def made(self, manifest: store.Manifest | None, stale: list[store.Reason]) -> Outcome:
        """Plan the build and make it, or with ``--dry-run`` only say what would be done."""
        from nianbao import assembly, memory
        from nianbao.reads import Answers

        names, lang = assembly.chapters_of(self.data), self.options.lang
        answers = Answers(self.told, self.inputs)
        plan = memory.plan(
            self.told,
            names,
            self.options,
            self.final,
            inputs=self.inputs,
            manifest=manifest,
            reasons=stale,
            answers=answers,
        )
        if self.options.dry_run:
            reasons = tuple(reason.told(lang) for reason in plan.causes)
            steps = tuple(self._planned(plan, names))
            return Outcome(
                self.data.township.key,
                "planned",
                (*reasons, *steps),
                self.final,
                executed=tuple(plan.run),
                kept=tuple(plan.kept),
            )
        store.require_replaceable(self.final)
        return self._built(plan, names, answers)

    def _planned(self, plan: Plan, names: tuple[str, ...]) -> list[str]:
        """Return what a dry run says: the chapters that would be run, each with its reasons where they are not those of all; the documents."""
        zh, areas = self.options.lang == "zh", self.data.catalogue.areas

        def title(name: str) -> str:
            return f"{areas[name].zh if zh else areas[name].en} ({name})" if name in areas else name

        said = [
            f"将重新生成{len(names)}章中的{len(plan.run)}章" if zh else f"would run {len(plan.run)} of {len(names)} chapters"
        ]
        alike: dict[tuple[store.Reason, ...], list[str]] = {}
        for name, why in plan.run.items():
            alike.setdefault(why, []).append(name)
        for why, chapters in alike.items() if len(plan.run) < len(names) or len(alike) > 1 else ():
            titles = ("、" if zh else ", ").join(map(title, chapters))
            told = (reason.told(self.options.lang) for reason in why)
            said.append(titles if len(alike) == 1 else f"{titles} ← {('，' if zh else ', ').join(told)}")
        files = ", ".join(f"report.{fmt}" for fmt in self.options.formats)
        return [*said, f"文件：{files}" if zh else f"documents: {files}"]

    def _built(self, plan: Plan, names: tuple[str, ...], answers: Answers) -> Outcome:
        from nianbao import assembly

        data, options, final = self.data, self.options, self.final
        made = assembly.Made()
        queries: dict[str, list[tuple[str, ...]]] = {}
        with self._session():
            for place, name in enumerate(names, start=1):
                begun = time.perf_counter()
                if name in plan.kept:
                    self._take_over(name, made)
                    queries[name] = list(plan.kept[name].queries)
                    continue
                asked = self._run_chapter(name, made)
                if asked is not None:
                    queries[name] = asked
                self.progress(f"chapter {place}/{len(names)} {name} ({time.perf_counter() - begun:.1f} s)")
        if plan.kept:
            self.progress(f"{len(plan.kept)} chapters taken over from the last build")
        final.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{final.name}.staged-", dir=final.parent))
        try:
            staged.chmod(0o755)
            assembly.write_files(data, options, made, staged, self.progress)
            manifest = self._manifest(made, queries, staged, answers)
            (staged / store.MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
            forget(final)
            store.publish(staged, final)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        self._remember(manifest, queries, answers)
        why = tuple(made.failures.values()) or tuple(reason.told(options.lang) for reason in plan.causes)
        state: Literal["failed", "built"] = "failed" if made.failures else "built"
        return _outcome(data, options, state, why, self.started, executed=tuple(plan.run), kept=tuple(plan.kept))

    def _session(self) -> AbstractContextManager[None]:
        """Return what the chapters of the report share while they run."""
        if self.options.engine != "fast":
            return nullcontext()
        from nianbao import engine

        data = self.data
        return engine.session(data.root, township=data.township.key, year=data.year, edition=self.options.edition)

    def _take_over(self, name: str, made: Made) -> None:
        """Take a chapter from the build before as it was executed then."""
        from nianbao import notebook

        executed = notebook.read_executed((self.final / "chapters" / f"{name}.ipynb").read_bytes())
        made.add(name, executed, notebook.chapter_record(executed))

    def _run_chapter(self, name: str, made: Made) -> list[tuple[str, ...]] | None:
        """Execute a chapter and return what it asked of the data; None where it failed."""
        from nianbao import notebook
        from nianbao.reads import EVERYTHING

        data, options = self.data, self.options
        path = data.root / "notebooks" / f"{name}.ipynb"
        parameters = {"township": data.township.key, "year": data.year, "lang": options.lang, "edition": options.edition}
        try:
            executed = notebook.execute(path, parameters=parameters, engine=options.engine, cwd=data.root)
        except notebook.ChapterRunError as error:
            notebook.take_reads(error.notebook)
            made.failures[name] = str(error)
            made.chapters.append((name, error.notebook))
            return None
        record = notebook.chapter_record(executed)
        if record["chapter"] != name:
            # what another chapter tells has no place here, and may stand in the report already
            made.failures[name] = (
                f"{path.name}: opens the chapter {record['chapter']!r}; expected {name!r}, the notebook's name"
            )
            return None
        asked = notebook.take_reads(executed)
        made.add(name, executed, notebook.chapter_record(executed))
        queries = [tuple(map(str, query)) for query in asked or ()]
        return queries if asked is not None and notebook.only_narrates(path) else [*queries, EVERYTHING]

    def _manifest(
        self, made: Made, queries: Mapping[str, list[tuple[str, ...]]], staged: Path, answers: Answers
    ) -> store.Manifest:
        from nianbao import memory

        files = (path for path in sorted(staged.rglob("*")) if path.is_file())
        outputs = {path.relative_to(staged).as_posix(): store.sha256_file(path) for path in files}
        chapters: dict[str, Mapping[str, Any]] = {
            name: memory.slices(self.told, asked, notebook=self.inputs[f"notebooks/{name}.ipynb"], answers=answers)
            for name, asked in queries.items()
        }
        return store.Manifest(
            township=self.data.township.key,
            year=self.data.year,
            options=self.options.key(),
            inputs=dict(self.inputs),
            outputs=outputs,
            chapters=chapters,
            status="failed" if made.failures else "complete",
            version=__version__,
        )

    def _remember(self, manifest: store.Manifest, queries: Mapping[str, list[tuple[str, ...]]], answers: Answers) -> None:
        """Write what the next run needs to know, unless a source changed under this one: then nobody can say what the chapters saw."""
        from nianbao import assembly, memory

        if assembly.files_now(self.data, self.inputs) != {name: self.inputs[name] for name in self.inputs if name != "library"}:
            return
        found = memory.remembered(
            self.told,
            queries,
            build=store.sha256_file(self.final / store.MANIFEST_NAME),
            notebooks={name: self.inputs[f"notebooks/{name}.ipynb"] for name in queries},
            executed={name: manifest.outputs[f"chapters/{name}.ipynb"] for name in queries},
            answers=answers,
        )
        memory.write_memory(self.final, found)
        if manifest.status == "complete":
            _stamped(self.data, self.options, self.final, self.inputs, manifest, self.begun_ns)

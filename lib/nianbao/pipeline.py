"""A run: for each township decide what is stale, execute the chapters, make the documents, and put the whole build in place at once.

A build lands in ``<out>/<year>/<township>/`` complete or not at all: everything is made in a folder beside it and swapped in.
Nothing earlier is touched when a return is refused.  A chapter that fails is kept, marked on page one, and fails the run.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nianbao import __version__, blocks, store
from nianbao.catalogue import Township, load_township, township_keys
from nianbao.dataset import FINDING_COLUMNS, RESULT_COLUMNS, Dataset, finding_row, open_dataset, result_row, sources_told
from nianbao.errors import ChapterError, Finding, NianbaoError, ParamsError, UserError, did_you_mean, path_refused
from nianbao.facts import FACT_COLUMNS
from nianbao.garbage import uncollected
from nianbao.intake import return_files
from nianbao.officetext import text_path
from nianbao.shells import SOURCES, ReportParams
from nianbao.values import SUPPRESSED_MARK
from nianbao.yamlfile import line_at

if TYPE_CHECKING:
    from nianbao.arrangement import Letter, PartHeading
    from nianbao.report import ReportInfo

# papermill and nbconvert take seconds to import, so a run that finds everything up to date never imports them

Format = Literal["html", "pdf", "docx", "xlsx"]
FORMATS: tuple[Format, ...] = ("html", "pdf", "docx", "xlsx")
Progress = Callable[[str], None]
_STAMPS = {"internal": ("内部资料", "Internal"), "public": ("公开版", "Public edition")}
"""What the cover says of each edition, in both languages."""


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

    @property
    def good(self) -> bool:
        """True when nothing went wrong."""
        return self.state in ("built", "up to date", "planned")


@dataclass
class _Build:
    """The chapters of one township while they are made."""

    chapters: list[tuple[str, Any]] = field(default_factory=list)
    facts: list[Mapping[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)
    """Keys of the office's paragraphs whose place no chapter has any more."""


def build_report(root: Path, township: str, options: Options, *, progress: Progress = lambda _: None) -> Outcome:
    """Build the report of one township when it is stale, and return what became of it.

    Never raises for a fault of the input or of a notebook; those are outcomes ``refused`` and ``failed``.
    """
    started = time.perf_counter()
    final = options.out / str(options.year) / township
    try:
        data = open_dataset(root, township=township, year=options.year)
        data.require_sound()
        data.require_text()
        letter_of(data, options.lang)
        office_fonts(data)
        inputs = inputs_of(data)
        with store.lock(final):
            _recovered(final)
            manifest = store.read_manifest(final)
            reasons = (
                ["forced"]
                if options.force
                else store.stale(manifest, wanted_inputs=inputs, wanted_options=options.key(), folder=final)
            )
            if not reasons:
                return Outcome(
                    township,
                    "up to date",
                    (),
                    final,
                    _documents(final, options),
                    time.perf_counter() - started,
                    _warnings(data),
                    _unwritten(data),
                )
            if options.dry_run:
                return Outcome(township, "planned", tuple(reasons), final)
            store.require_replaceable(final)
            return _build(data, options, final, inputs, tuple(reasons), progress, started)
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


def _build(
    data: Dataset,
    options: Options,
    final: Path,
    inputs: Mapping[str, str],
    reasons: tuple[str, ...],
    progress: Progress,
    started: float,
) -> Outcome:
    made = _Build()
    names = chapters_of(data)
    if options.engine == "fast":
        from nianbao import engine

        engine.prime(data.root, township=data.township.key, year=data.year, edition=options.edition)
    for place, name in enumerate(names, start=1):
        begun = time.perf_counter()
        _run_chapter(data, name, options, made)
        progress(f"chapter {place}/{len(names)} {name} ({time.perf_counter() - begun:.1f} s)")
    final.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{final.name}.staged-", dir=final.parent))
    try:
        staged.chmod(0o755)
        _write(data, options, made, staged, progress)
        outputs = {
            path.relative_to(staged).as_posix(): store.sha256_file(path) for path in sorted(staged.rglob("*")) if path.is_file()
        }
        manifest = store.Manifest(
            township=data.township.key,
            year=data.year,
            options=options.key(),
            inputs=dict(inputs),
            outputs=outputs,
            status="failed" if made.failures else "complete",
            version=__version__,
        )
        (staged / store.MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
        store.publish(staged, final)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    state: Literal["failed", "built"] = "failed" if made.failures else "built"
    why = tuple(made.failures) or reasons
    seconds = time.perf_counter() - started
    return Outcome(data.township.key, state, why, final, _documents(final, options), seconds, _warnings(data), _unwritten(data))


def _run_chapter(data: Dataset, name: str, options: Options, made: _Build) -> None:
    from nianbao import notebook

    path = data.root / "notebooks" / f"{name}.ipynb"
    parameters = {"township": data.township.key, "year": data.year, "lang": options.lang, "edition": options.edition}
    try:
        executed = notebook.execute(path, parameters=parameters, engine=options.engine, cwd=data.root)
    except notebook.ChapterRunError as error:
        made.failures.append(str(error))
        made.chapters.append((name, error.notebook))
        return
    record = notebook.chapter_record(executed)
    if record["chapter"] != name:
        raise ChapterError(f"{path.name}: opens the chapter {record['chapter']!r}; expected {name!r}, the notebook's name")
    made.chapters.append((name, executed))
    made.facts += record["facts"]
    made.unplaced += record["unplaced"]


def _write(data: Dataset, options: Options, made: _Build, folder: Path, progress: Progress) -> None:
    from nianbao import notebook, report

    data = data.public if options.edition == "public" else data
    (folder / "chapters").mkdir()
    for name, executed in made.chapters:
        (folder / "chapters" / f"{name}.ipynb").write_bytes(notebook.to_bytes(executed))
    (folder / "results.csv").write_bytes(csv_bytes(RESULT_COLUMNS, (result_row(data, result) for result in data.results)))
    findings = (*data.findings, *_text_findings(data, made.unplaced))
    (folder / "facts.csv").write_bytes(csv_bytes(FACT_COLUMNS, made.facts))
    if options.edition == "internal":
        (folder / "findings.csv").write_bytes(csv_bytes(FINDING_COLUMNS, (finding_row(item) for item in findings)))
    for line in data.stated_although_withheld():
        progress(line)
    full = [(name, executed) for name, executed in made.chapters if blocks.blocks_of(executed)]
    # the index quotes cells of returns, which only the office may see
    hashes = {intake.file: intake.sha256 for intake in data.returns} if options.edition == "internal" else None
    info, banners = report_info(data, options), _banners(made, data, options.lang)
    faces = office_fonts(data)
    begun = time.perf_counter()
    documents = [fmt for fmt in options.formats if fmt != "xlsx"]
    with uncollected():
        document = report.assemble(full, info, banners=banners, hashes=hashes, parts=parts_of(data, options.lang))
        report.check_characters(document, office_folder=faces)
        for fmt, content in report.render_all(document, documents, office_folder=faces).items():
            (folder / f"report.{fmt}").write_bytes(content)
        if "xlsx" in options.formats:
            (folder / "report.xlsx").write_bytes(_annex(data, made, info, banners))
    progress(f"{', '.join(f'report.{fmt}' for fmt in options.formats)} ({time.perf_counter() - begun:.1f} s)")


def _annex(data: Dataset, made: _Build, info: ReportInfo, banners: Sequence[blocks.Block]) -> bytes:
    """Return the spreadsheet annex of the edition: findings belong to the internal one alone."""
    from nianbao import annex

    published = [(name, [block for block, _ in blocks.blocks_of(executed)]) for name, executed in made.chapters]
    told = annex.printed(published, made.facts)
    notices = [blocks.plain(block["runs"]) for block in banners]
    findings = data.findings if info.edition == "internal" else None
    return annex.build(
        info,
        data.results,
        printed=told,
        findings=findings,
        notices=notices,
        sources=lambda cells: sources_told(data, cells),
    )


def _banners(made: _Build, data: Dataset, lang: str) -> list[blocks.Block]:
    notice = [blocks.banner([blocks.run(_public_notice(data, lang))], severity="draft")] if data.internal is not None else []
    if not made.failures:
        return notice
    areas = data.catalogue.areas
    titles = {key: area.zh if lang == "zh" else area.en for key, area in areas.items()}
    failed = [titles.get(name, name) for name, executed in made.chapters if not _closed(executed)]
    names = "、".join(failed) if lang == "zh" else ", ".join(failed)
    text = (
        f"草稿：以下章节生成失败，内容不完整：{names}。"
        if lang == "zh"
        else f"Draft: these chapters failed and are incomplete: {names}."
    )
    return [blocks.banner([blocks.run(text)], severity="failed"), *notice]


def _public_notice(data: Dataset, lang: str) -> str:
    """Return what the first page of the public edition says of itself."""
    mark = SUPPRESSED_MARK[lang]
    if lang == "zh":
        held = f"人数很少的敏感数据不予公布，以“{mark}”表示" if data.withheld else "人数很少的敏感数据不予公布"
        return f"公开版：不含内部资料；为保护个人信息，{held}。"
    held = f" and are marked {mark}" if data.withheld else ""
    return f"Public edition: internal matter is left out; small numbers of sensitive figures are withheld to protect persons{held}."


def _closed(executed: Any) -> bool:
    from nianbao import notebook

    try:
        return bool(notebook.chapter_record(executed)["complete"])
    except ChapterError:
        return False


def chapters_of(data: Dataset) -> tuple[str, ...]:
    """Return the chapters of a township's report in order: its own outline for the year, or the one of ``params/report.yml``."""
    outline = data.catalogue.outline
    own = _params_of(data)
    if own.skeleton and own.skeleton not in outline.skeletons:
        raise ParamsError(
            f"{_place(data, 'skeleton')}: no skeleton {own.skeleton!r}"
            f"{did_you_mean(own.skeleton, outline.skeletons)} (params/report.yml has {', '.join(outline.skeletons) or 'none'})"
        )
    return own.chapters or outline.skeletons.get(own.skeleton, ()) or outline.chapters


def parts_of(data: Dataset, lang: str) -> tuple[PartHeading, ...]:
    """Return the headings of the skeleton a report follows; none where its chapters are listed one by one."""
    from nianbao.arrangement import PartHeading

    own, order = _params_of(data), chapters_of(data)
    made = []
    for part in () if own.chapters else data.catalogue.outline.parts.get(own.skeleton, ()):
        held = order[order.index(part.first) : order.index(part.last) + 1] if part.first else (part.chapter,)
        title = part.zh if lang == "zh" else part.en
        made.append(PartHeading(title, tuple(held), above=bool(part.first), section=part.section))
    return tuple(made)


def letter_of(data: Dataset, lang: str) -> Letter | None:
    """Return what makes the report a formal letter, or None in the shell ``summary``.

    Raises:
        ParamsError: the letter has no recipient, or an attachment is no chapter of the report.
    """
    from nianbao.arrangement import Letter
    from nianbao.origins import INDEX_AREA

    own = _params_of(data)
    if own.shell == "summary":
        return None
    zh = lang == "zh"
    faults = []
    recipient = own.recipient_zh if zh else own.recipient_en
    if not recipient:
        faults.append(
            f"{_place(data, 'shell')}: a report in the shell report needs its recipient; add recipient_{lang}, or choose shell: summary"
        )
    there = (*chapters_of(data), SOURCES)
    said = "attachments" in own.model_fields_set
    for key in own.attachments if said else ():
        if key not in there:
            faults.append(
                f"{_place(data, 'attachments', key)}: the report has no chapter {key!r}{did_you_mean(key, there)}; "
                f"an attachment is a chapter of the report, or {SOURCES}, the index of sources"
            )
    if faults:
        raise ParamsError("\n".join(faults))
    listed = own.attachments if said else data.catalogue.outline.attachments
    attachments = [
        (INDEX_AREA if key == SOURCES else key, one.zh if zh else one.en) for key, one in listed.items() if key in there
    ]
    number = own.number if zh else own.number_en or own.number
    return Letter(
        recipient=recipient,
        number=number or None,
        letterhead=(own.letterhead_zh if zh else own.letterhead_en) or None,
        signer=(own.signer_zh if zh else own.signer_en) or None,
        closing=own.closing,
        seal=own.seal,
        attachments=tuple(attachments),
    )


def office_fonts(data: Dataset) -> Path | None:
    """Return the folder of the office's own faces, or None for the shipped ones.

    Raises:
        ParamsError: it is no folder of the project.
    """
    named = _params_of(data).fonts
    if not named:
        return None
    folder = (data.root / named).resolve()
    if not folder.is_dir() or not folder.is_relative_to(data.root.resolve()):
        raise ParamsError(
            f"{_place(data, 'fonts')}: no folder {named!r} in the project; put the fonts into one, such as fonts/, or leave the key out"
        )
    return folder


def _params_of(data: Dataset) -> ReportParams:
    """Return what the year sets for the report, and what it leaves unsaid from the params of all years."""
    params = data.township.years.get(data.year)
    return (params.report if params is not None else ReportParams()).over(data.township.report)


def _place(data: Dataset, *keys: str) -> str:
    """Return file, line and path of a key of the report's params, of the year where it says it, else of all years."""
    path = data.root / "params" / "townships" / f"{data.township.key}.yml"
    params = data.township.years.get(data.year)
    of_year = params is not None and keys[0] in params.report.model_fields_set
    steps = (*(("years", str(data.year)) if of_year else ()), "report", *keys)
    return f"params/townships/{data.township.key}.yml:{line_at(path, steps)}: {'.'.join(steps)}"


def report_info(data: Dataset, options: Options) -> ReportInfo:
    """Return what the cover says."""
    from nianbao import report

    place: Township = data.township
    own = _params_of(data)
    zh = options.lang == "zh"
    outline, part = data.catalogue.outline, data.part
    if part is None:
        usual = outline.title_zh if zh else outline.title_en
    else:
        usual = outline.title_part_zh if zh else outline.title_part_en
    of_letter = (outline.title_report_zh if zh else outline.title_report_en) if own.shell == "report" else ""
    if of_letter:
        year = f"{data.year}年" if zh else str(data.year)
        usual = of_letter.replace("{period}", year if part is None else part.label(options.lang, year=data.year))
    template = (own.title_zh if zh else own.title_en) or usual
    title = template.replace("{township}", place.zh if zh else place.en).replace("{year}", str(data.year))
    title = title.replace("{period}", str(data.year) if part is None else part.label(options.lang, year=data.year))
    return report.ReportInfo(
        title=title,
        subtitle=place.parent_zh if zh else place.parent_en,
        office=(own.office_zh or place.office_zh) if zh else (own.office_en or place.office_en),
        date=own.date,
        lang=options.lang,
        edition=options.edition,
        township=place.key,
        year=data.year,
        stamp=_STAMPS[options.edition][0 if zh else 1],
        label=report.synthetic_label(options.lang) if any(part.synthetic for part in data.places) else None,
        letter=letter_of(data, options.lang),
    )


def inputs_of(data: Dataset) -> dict[str, str]:
    """Return the content hash of everything a build depends on, by name."""
    root, found = data.root, {}
    for intake in data.returns:
        found[intake.file] = intake.sha256
    files = [
        *data.earlier_files,
        text_path(root, data.township.key, data.year),
        *(root / "params" / "townships" / f"{place.key}.yml" for place in data.places),
        root / "params" / "report.yml",
        root / "requirements.lock",
        *sorted((root / "params" / "catalogue").glob("*.yml")),
        *sorted((root / "params" / "forms").glob("*.yml")),
        *(root / "notebooks" / f"{name}.ipynb" for name in chapters_of(data)),
    ]
    if faces := office_fonts(data):
        files += sorted(path for path in faces.iterdir() if path.is_file())
    schemes = {params.scheme for place in data.places if (params := place.years.get(data.year)) is not None and params.scheme}
    files += [root / "params" / "schemes" / f"{scheme}.yml" for scheme in sorted(schemes)]
    for path in files:
        if path.exists():
            found[path.relative_to(root).as_posix()] = store.sha256_file(path)
    found["library"] = _library_hash()
    return found


def _library_hash() -> str:
    package = Path(__file__).resolve().parent
    files = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return store.digest({path.relative_to(package).as_posix(): store.sha256_file(path) for path in files})


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return rows as CSV in UTF-8; text that a spreadsheet would run as a formula is quoted off."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(columns), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(row.get(name, "")) for name in columns})
    return text.getvalue().encode("utf-8")


def _harmless(value: str) -> str:
    if value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        number = value.replace("%", "").replace("‰", "").replace("/", "").replace(".", "").lstrip("-")
        return value if number.isdigit() and value[0] == "-" else f"'{value}"
    return value


def _documents(final: Path, options: Options) -> tuple[Path, ...]:
    return tuple(final / f"report.{fmt}" for fmt in options.formats)


def _warnings(data: Dataset) -> int:
    return sum(1 for finding in (*data.findings, *_text_findings(data)) if finding.severity.value == "warn")


def _text_findings(data: Dataset, unplaced: Sequence[str] = ()) -> tuple[Finding, ...]:
    if not data.text.absorbed:
        return ()
    from nianbao.edits import text_findings

    return text_findings(data, unplaced)


def _unwritten(data: Dataset) -> str:
    return "" if data.text.sections.get("plans") else data.text.file


def townships_with_return(root: Path, year: int) -> list[str]:
    """Return the keys of all townships whose return of ``year`` lies in ``data/``, then of the places above them.

    A county stands after its towns, a city after its counties; within a rank keys are in order.

    Raises:
        UserError: there is none.
    """
    folders = (path for path in (root / "data").glob("*") if path.is_dir())
    found = sorted(path.name for path in folders if return_files(root, path.name, year))
    if not found:
        raise UserError(
            f"no return for {year} in data/; expected data/<township>/{year}.xlsx",
            zh=f"data/下没有{year}年的报表；应放在data/<乡镇>/{year}.xlsx",
        )
    members = {key: _members(root, key) for key in township_keys(root)}
    ranks: dict[str, int] = {}

    def rank(key: str, way: tuple[str, ...] = ()) -> int:
        """Return how many ranks lie below a place; a way that leads back to itself is told when the place is built."""
        if key not in ranks:
            below = [rank(member, (*way, key)) for member in members.get(key, ()) if member not in (*way, key)]
            ranks[key] = 1 + max(below, default=-1)
        return ranks[key]

    for key in sorted(members, key=lambda key: (rank(key), key)):
        if key not in found and any(member in found for member in members[key]):
            found.append(key)
    return sorted(found, key=lambda key: (rank(key), key))


def _members(root: Path, key: str) -> tuple[str, ...]:
    try:
        return load_township(root, key).members
    except ParamsError:
        return ()  # its own build says what is wrong with the file

"""What a report is put together from: its chapters and parts, what the cover and the letter say, its files and documents.

Everything here depends on a dataset and on the chapters as they were run; which of them are run again is the pipeline's to decide.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao import blocks, store
from nianbao.catalogue import Township
from nianbao.dataset import FINDING_COLUMNS, RESULT_COLUMNS, Dataset, finding_row, result_row, sources_told
from nianbao.errors import Finding, ParamsError, did_you_mean
from nianbao.facts import FACT_COLUMNS
from nianbao.freshness import Options, Sources, library_hash
from nianbao.garbage import uncollected
from nianbao.officetext import text_path
from nianbao.shells import SOURCES, ReportParams
from nianbao.values import SUPPRESSED_MARK
from nianbao.yamlfile import line_at

if TYPE_CHECKING:
    from nianbao.arrangement import Letter, PartHeading
    from nianbao.report import ReportInfo

# nbconvert takes seconds to import, so what needs it imports it when a document is made

Progress = Callable[[str], None]
_STAMPS = {"internal": ("内部资料", "Internal"), "public": ("公开版", "Public edition")}
"""What the cover says of each edition, in both languages."""


@dataclass
class Made:
    """The chapters of one township while they are made."""

    chapters: list[tuple[str, Any]] = field(default_factory=list)
    facts: list[Mapping[str, str]] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    """By chapter that failed, why."""
    unplaced: list[str] = field(default_factory=list)
    """Keys of the office's paragraphs whose place no chapter has any more."""

    def add(self, name: str, executed: Any, record: Mapping[str, Any]) -> None:
        """Add a chapter that ran to its end, with the record it closed with."""
        self.chapters.append((name, executed))
        self.facts += record["facts"]
        self.unplaced += record["unplaced"]


def write_files(data: Dataset, options: Options, made: Made, folder: Path, progress: Progress) -> None:
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


def _annex(data: Dataset, made: Made, info: ReportInfo, banners: Sequence[blocks.Block]) -> bytes:
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


def _banners(made: Made, data: Dataset, lang: str) -> list[blocks.Block]:
    notice = [blocks.banner([blocks.run(_public_notice(data, lang))], severity="draft")] if data.internal is not None else []
    if not made.failures:
        return notice
    areas = data.catalogue.areas
    titles = {key: area.zh if lang == "zh" else area.en for key, area in areas.items()}
    failed = [titles.get(name, name) for name in made.failures]
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
        files += sorted(path for path in faces.rglob("*") if path.is_file())
    schemes = {params.scheme for place in data.places if (params := place.years.get(data.year)) is not None and params.scheme}
    files += [root / "params" / "schemes" / f"{scheme}.yml" for scheme in sorted(schemes)]
    for path in files:
        if path.exists():
            found[path.relative_to(root).as_posix()] = store.sha256_file(path)
    found["library"] = library_hash()
    return found


def files_now(data: Dataset, inputs: Mapping[str, str]) -> dict[str, str]:
    """Return the hashes the files among the inputs of a build have on the disk now; a file that is gone is left out."""
    files = ((name, data.root / name) for name in inputs if name != "library")
    return {name: store.sha256_file(path) for name, path in files if path.is_file()}


def sources_of(data: Dataset, inputs: Mapping[str, str]) -> Sources:
    """Return the sources of a build as its stamp keeps them."""
    places = [place.key for place in data.places]
    params = {f"params/townships/{key}.yml" for key in places}
    own = {name: digest for name, digest in inputs.items() if name.startswith("data/") or name in params}
    shared = {name: digest for name, digest in inputs.items() if name not in own and name != "library"}
    folders = ["notebooks", "params/catalogue", "params/forms", "params/schemes"]
    if faces := office_fonts(data):
        inside = (faces, *(path for path in faces.rglob("*") if path.is_dir()))
        folders += [path.relative_to(data.root.resolve()).as_posix() for path in inside]
    return Sources(own, shared, inputs["library"], places, folders, data.year)


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


def warnings_of(data: Dataset) -> int:
    return sum(1 for finding in (*data.findings, *_text_findings(data)) if finding.severity.value == "warn")


def _text_findings(data: Dataset, unplaced: Sequence[str] = ()) -> tuple[Finding, ...]:
    if not data.text.absorbed:
        return ()
    from nianbao.edits import text_findings

    return text_findings(data, unplaced)


def unwritten_text(data: Dataset) -> str:
    return "" if data.text.sections.get("plans") else data.text.file

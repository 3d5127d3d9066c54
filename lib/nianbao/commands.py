"""The commands that read returns, and what they print; :mod:`nianbao.cli` loads them when one of them is called."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from nianbao.assembly import csv_bytes
from nianbao.catalogue import load_catalogue, load_township
from nianbao.console import LANG, YEAR, YEARS, lang_option, padded, say, tell_open, width_of
from nianbao.dataset import RESULT_COLUMNS, Dataset, finding_row, open_dataset, open_file, result_row
from nianbao.errors import Cell, Finding, ReturnError, Severity, TextError, UserError
from nianbao.intake import cover_of, forms_of, require_unnamed
from nianbao.project import project_root, township_keys
from nianbao.returnsheet import COVER_SHEET, GUIDE_SHEET, is_return_sheet
from nianbao.scaffold import LEVELS, Level, draft, write_township
from nianbao.template import plan_template, write_template


@click.command()
@click.argument("old", type=click.Path(file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@LANG
def diff(old: Path, new: Path, form: str, lang: str) -> None:
    """Compare two built reports, the folders OLD and NEW, figure by figure, with the cause of each change."""
    from nianbao.builddiff import differences

    found = differences(old, new)
    if form == "json":
        say(json.dumps([one.as_data(lang) for one in found], ensure_ascii=False, indent=1))
        return
    none = "（无）" if lang == "zh" else "(none)"
    for one in found:
        aspect = "" if one.column == "display" else f" ({one.column})"
        causes = ("；" if lang == "zh" else "; ").join(cause.told(lang) for cause in one.causes)
        say(f"{one.area}: {one.figure}{aspect} {one.before or none} → {one.now or none}{'  ← ' if causes else ''}{causes}")
    count = (
        f"有{len(found)}项数据不同" if lang == "zh" else f"{len(found)} figure{'s differ' if len(found) != 1 else ' differs'}"
    )
    say(count if found else ("数据没有不同" if lang == "zh" else "no figure differs"))


@click.command()
@click.argument("target", metavar="PATH|TOWNSHIP")
@click.option(
    "--year", type=YEARS, default=None, metavar="Y", help="Reporting year [default: the one on the cover of the file]."
)
@click.option("--township", default=None, help="Township of the file [default: the one on its cover].")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option(
    "--annotate",
    "annotated",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    metavar="OUT.xlsx",
    help="Write a copy of the file with the findings listed, marked and commented.",
)
@click.option(
    "--suggest", is_flag=True, help="Propose a form for each sheet that no form fits, or fits with doubts, for you to confirm."
)
@LANG
def check(
    target: str, year: int | None, township: str | None, form: str, annotated: Path | None, suggest: bool, lang: str
) -> None:
    """Read a return and list every finding: where, what was found, what to do."""
    if suggest:
        _suggest(target, year, township)
        return
    try:
        data = _opened(target, year, township)
    except ReturnError as error:
        if form == "json" and error.findings:
            say(json.dumps([finding_row(item) for item in error.findings], ensure_ascii=False, indent=1))
            sys.exit(1)
        if len(error.findings) > 1:
            _list(error.findings, lang, several=True)
        raise
    given = Path(target)
    tell_open(data.root, [given] if given.is_file() else [data.root / item.file for item in data.intakes], lang)
    if annotated is not None:
        _annotate(data, target, annotated, lang)
    findings = (*data.findings, *_of_text(data))
    if form == "json":
        say(json.dumps([finding_row(item) for item in findings], ensure_ascii=False, indent=1))
    else:
        _print_findings(data, findings, lang)
    data.require_text()
    if data.blocking:
        sys.exit(1)


def _opened(target: str, year: int | None, township: str | None) -> Dataset:
    root = project_root()
    path = Path(target)
    if path.is_dir() and target not in township_keys(root):
        return _opened_folder(root, path, target, year)
    if path.suffix or "/" in target or os.sep in target or path.is_file():
        if not path.is_file():
            raise UserError(
                f"{target}: file not found; give the path of a return, or the key of a township",
                zh=f"{target}：没有这个文件；请写报表的路径，或乡镇的代号",
            )
        said_township, said_year = cover_of(path)
        keys = {load_township(root, key).zh: key for key in township_keys(root)}
        place = township or keys.get(said_township, said_township)
        when = year or said_year
        if not place or when is None:
            raise UserError(
                f"{target}: the cover names no township or year; add --township and --year",
                zh=f"{target}：封面没有写填报单位或报告年度；请加 --township 和 --year",
            )
        return open_file(root, path, township=place, year=when)
    if year is None:
        raise click.UsageError("a township needs --year")
    return open_dataset(root, township=target, year=year)


def _opened_folder(root: Path, path: Path, target: str, year: int | None) -> Dataset:
    """Open the return that a folder of ``data/`` holds: ``data/<township>`` with ``--year``, or ``data/<township>/<year>``."""
    below = path.resolve().relative_to(root / "data").parts if path.resolve().is_relative_to(root / "data") else ()
    when = int(below[1]) if len(below) == 2 and below[1].isdecimal() else year
    if len(below) not in (1, 2) or below[0] not in township_keys(root) or when is None:
        key = below[0] if below else "<township>"
        raise UserError(
            f"{target}: is a folder; give the path of a file, or township and year: nianbao check {key} --year Y",
            zh=f"{target}：这是文件夹；请写文件的路径，或写乡镇代号和年份：nianbao check {key} --year 年份",
        )
    return open_dataset(root, township=below[0], year=when)


def _annotate(data: Dataset, target: str, out: Path, lang: str) -> None:
    """Write the annotated copy of the one file that was checked."""
    from nianbao.annotate import annotate

    own = [intake for intake in data.intakes if intake.year == data.year]
    if len(own) != 1:
        raise UserError(
            f"{target}: {len(own)} files make up this return; check one of them by its path to annotate it",
            zh=f"{target}：该报表由{len(own)}个文件组成；请写出其中一个文件的路径再批注",
        )
    given = Path(target)
    source = given if given.is_file() else data.root / own[0].file
    findings = [item for item in data.findings if all(cell.file == own[0].file for cell in item.cells)]
    annotate(source, findings, out, lang=lang)
    say(f"{out}: {len(findings)} findings marked", err=True)


_OF_THE_FORM = ("header-not-found", "missing-column", "unknown-column", "column-twice", "unknown-row", "row-without-label")
"""Findings after which a form may be the wrong one for its sheet."""


def _suggest(target: str, year: int | None, township: str | None) -> None:
    """Print a form for every sheet of a file that nothing can read yet, or that the form chosen for it reads with doubts."""
    from nianbao.files.confined import read_book
    from nianbao.layouts.choosing import choose_form
    from nianbao.layouts.layout import read_table
    from nianbao.layouts.placenames import places_of
    from nianbao.layouts.suggest import suggest_form
    from nianbao.layouts.tables import Setting

    root, path = project_root(), Path(target)
    if not path.is_file():
        raise UserError(
            f"{target}: file not found; --suggest takes the path of a file",
            zh=f"{target}：没有这个文件；--suggest 要写文件的路径",
        )
    require_unnamed(path.name)
    place = load_township(root, township) if township else None
    catalogue = load_catalogue(root, township=place)
    if year is None:
        raise click.UsageError("--suggest needs --year, the year the file reports on")
    places = places_of(place, aliases={village.key: village.aliases for village in place.villages}) if place else ()
    setting = Setting(path.name, year, catalogue, places, (place.zh,) if place else ())
    forms, made = forms_of(root, catalogue), 0
    for number, sheet in enumerate(read_book(path, path.name).sheets, start=1):
        if sheet.name in (COVER_SHEET, GUIDE_SHEET) or is_return_sheet(sheet):
            continue
        form = choose_form(sheet, forms, file=path.name, year=year).form
        if form is not None:
            doubts = [item for item in read_table(sheet, form, setting=setting).findings if item.code in _OF_THE_FORM]
            if not doubts:
                continue
            say(
                f"# {path.name}, sheet {number}: read by params/forms/{form.key}.yml, with {len(doubts)} doubts about its columns or rows"
            )
        found = suggest_form(sheet, key=f"form_{number}", setting=setting)
        if found is not None:
            made += 1
            say(f"# {path.name}, sheet {number}: save as params/forms/{found.key}.yml once every line is confirmed")
            say(found.text)
    if not made:
        say(f"{path.name}: no sheet needs a form")


def _place(cell: Cell, *, several: bool) -> str:
    """Return the address of a cell; with the name of its file where a return is made of several."""
    return "!".join(filter(None, (Path(cell.file).name, cell.short))) if several else cell.short


def _of_text(data: Dataset) -> tuple[Finding, ...]:
    """Return the findings of what was absorbed; a project without any does not wait for the words of a report."""
    try:
        if not data.text.absorbed:
            return ()
    except TextError:
        return ()  # told after the findings of the return
    from nianbao.edits import text_findings

    return text_findings(data)


def _print_findings(data: Dataset, findings: Sequence[Finding], lang: str) -> None:
    files = [intake.file for intake in data.intakes if intake.year == data.year]
    several = f"（{len(files)}个文件）" if lang == "zh" else f" ({len(files)} files)"
    named = data.file if len(files) < 2 else f"{Path(data.file).parent.as_posix()}/{several}"
    read = sum(bool(item.raw) for item in data.given)
    say(f"{named}：读入{read}项数据" if lang == "zh" else f"{named}: {read} figures read")
    if not findings:
        say("no findings" if lang == "en" else "未发现问题")
        return
    _list(findings, lang, several=len(files) > 1 or any(item.code.startswith("text-") for item in findings))


def _list(findings: Sequence[Finding], lang: str, *, several: bool) -> None:
    """Print findings with their places, and how many there are of each severity."""
    rows = [
        (
            item.severity.word(lang),
            item.code,
            "; ".join(_place(cell, several=several) for cell in item.cells[:4]) + (" …" if len(item.cells) > 4 else ""),
        )
        for item in findings
    ]
    widths = [max(width_of(row[place]) for row in rows) for place in range(3)]
    for row, item in zip(rows, findings, strict=True):
        say("  ".join(padded(word, width) for word, width in zip(row, widths, strict=True)).rstrip())
        say(f"    {item.message(lang)}")
        say(f"    → {item.remedy(lang)}")
    counts = {severity: sum(item.severity is severity for item in findings) for severity in Severity}
    comma = "，" if lang == "zh" else ", "
    told = (
        f"{severity.word(lang)}{count}处" if lang == "zh" else f"{count} {severity.value}"
        for severity, count in counts.items()
        if count
    )
    say(comma.join(told))


@click.command()
@click.argument("township")
@YEAR
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@LANG
def results(township: str, year: int, form: str, lang: str) -> None:
    """Print the indicators of a TOWNSHIP, without running any notebook."""
    data = open_dataset(project_root(), township=township, year=year)
    tell_open(data.root, [data.root / item.file for item in data.returns], lang)
    data.require_sound()
    rows = [result_row(data, result) for result in data.results]
    if form == "csv":
        say(csv_bytes(RESULT_COLUMNS, rows).decode("utf-8"), nl=False)
    elif form == "json":
        say(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print_results(data, rows, lang)


def _print_results(data: Dataset, rows: list[dict[str, str]], lang: str) -> None:
    table = []
    for result, row in zip(data.results, rows, strict=True):
        name = result.entry.zh if lang == "zh" else result.entry.en
        counts = f"{row['numerator']}/{row['denominator']}" if row["numerator"] and row["denominator"] else ""
        reference = row["indicator"] + (f"[{row['dims']}]" if row["dims"] else "")
        table.append((reference, name, row["display"], counts, result.status.word(lang)))
    widths = [max(width_of(line[place]) for line in table) for place in range(5)]
    for line in table:
        say("  ".join(padded(word, width) for word, width in zip(line, widths, strict=True)).rstrip())


def _words(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(word.strip() for word in re.split(r"[,，、]", value) if word.strip())


@click.command()
@click.argument("key")
@click.option("--name", default="", help="Its Chinese name, with those above it where needed: 安徽省宣城市泾县茂林镇.")
@click.option(
    "--code", default="", help="Its official code: 9 digits for a township, 6 for a county or district, 4 for a city."
)
@click.option("--parent", default="", metavar="CODE|NAME", help="What it stands in, where the name alone is not unique.")
@click.option(
    "--level", type=click.Choice(LEVELS), default=None, help="Level of the report [default: after the official list]."
)
@click.option("--en", default="", help="English name [default: in Hanyu Pinyin].")
@click.option(
    "--villages", default=None, callback=_words, metavar="A,B,...", help="Villages by hand; needed for a place not in the list."
)
@click.option("--year", type=YEARS, default=None, metavar="Y", help="Also begin the settings of a reporting year.")
@lang_option("Language of what is refused.", given=False)
def new(
    key: str,
    name: str,
    code: str,
    parent: str,
    level: Level | None,
    en: str,
    villages: tuple[str, ...] | None,
    year: int | None,
) -> None:
    """Describe a new township: write params/townships/KEY.yml with its villages, and make data/KEY/."""
    root = project_root()
    made = draft(key, name=name, code=code, parent=parent, level=level, en=en, villages=villages)
    write_township(made, root=root, year=year)
    place = f"{made.zh} ({made.en}), {made.parent_zh or 'no parent given'}{f', {made.code}' if made.code else ''}"
    villages_said = f"; {len(made.villages)} villages" if made.villages else ""
    say(f"params/townships/{key}.yml: {place}{villages_said}")
    if made.left_out:
        say(f"  left out as no villages: {'、'.join(made.left_out)}")
    say(f"data/{key}/: for its returns")
    when = str(year) if year is not None else "YEAR"
    say("Next: look the file over, then")
    say(f"  nianbao template {key} --year {when} -o data/{key}/{when}.xlsx    # fill it in")
    say(f"  nianbao check {key} --year {when}")
    say(f"  nianbao report {key} --year {when}")


@click.command()
@click.argument("township")
@YEAR
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE.xlsx",
    help="Where to write it.",
)
@click.option(
    "--areas",
    default=None,
    callback=_words,
    metavar="A,B,...",
    help="Work areas [default: those of its report and last year's].",
)
@click.option("--by-village", default=None, callback=_words, metavar="A,B,...", help="Work areas to be filled in by village.")
@click.option("--all-elements", is_flag=True, help="Also local practices, and elements that need an item named.")
@click.option("--force", is_flag=True, help="Take the place of an existing file.")
@lang_option("Language of what is refused.", given=False)
def template(
    township: str,
    year: int,
    output: Path,
    areas: tuple[str, ...] | None,
    by_village: tuple[str, ...] | None,
    all_elements: bool,
    force: bool,
) -> None:
    """Write an empty return for a TOWNSHIP to fill in, with last year's figures beside the cells and drop-downs."""
    planned = plan_template(
        project_root(),
        township=township,
        year=year,
        areas=areas or (),
        by_village=by_village or (),
        all_elements=all_elements,
    )
    write_template(planned, output, force=force)
    say(f"{output}: {len(planned.sheets)} work areas, {sum(sheet.count for sheet in planned.sheets)} figures")
    groups = [group for sheet in planned.sheets for group in sheet.reported]
    reported = sum(max(sum(bool(line.before) for line in group.lines), bool(group.before)) for group in groups)
    say(
        f"  {reported} of them were reported last year ({planned.last_year})"
        if planned.last_year
        else f"  no return of {year - 1} was found, so there are no figures of last year beside them"
    )
    say(f"Next: fill it in, then nianbao check {output}")


@click.command()
@click.argument("township")
@click.argument("figure", metavar="FACT|INDICATOR")
@YEAR
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@LANG
def trace(township: str, figure: str, year: int, form: str, lang: str) -> None:
    """Print the chain from a figure of a TOWNSHIP to the cells it came from, with what stands in them.

    FACT|INDICATOR is births, births[parity=1], births:previous, or a fact of facts.csv: population:births:change.
    """
    from nianbao.trace import Tracer, resolve

    data = open_dataset(project_root(), township=township, year=year)
    tracer = Tracer(data.results, data.given, lang=lang, behind=data.rolled_up.behind)
    step = resolve(tracer, figure)
    hashes = {intake.file: intake.sha256 for intake in data.returns}
    files = {file: hashes.get(file, "") for file in dict.fromkeys(source.cell.file for source in step.leaves())}
    if form == "json":
        record = {"township": township, "year": year, "figure": figure, "files": files, "chain": step.as_data(hashes)}
        say(json.dumps(record, ensure_ascii=False, indent=1))
        return
    for line in step.lines(lang):
        say(line)
    for file, digest in files.items():
        say(f"{file}  SHA-256 {digest or '—'}")


@click.command()
@click.argument(
    "document", required=False, default=None, type=click.Path(dir_okay=False, path_type=Path), metavar="[REPORT.docx]"
)
@click.option("--township", default="", help="Township [default: the one the document is of].")
@click.option("--year", type=int, default=None, metavar="Y", help="Reporting year [default: the one the document is of].")
@click.option("--dry-run", is_flag=True, help="Say what would be taken back; write nothing.")
@click.option("--list", "listing", is_flag=True, help="List what was taken back before, and which of it is outdated.")
@click.option(
    "--drop", "dropped", default="", metavar="KEY", help="Give up a paragraph taken back: what was generated returns."
)
@click.option(
    "--confirm", "confirmed", default="", metavar="KEY", help="Say that an outdated paragraph holds with today's figures."
)
def absorb(
    document: Path | None, township: str, year: int | None, dry_run: bool, listing: bool, dropped: str, confirmed: str
) -> None:
    """Take the paragraphs edited in REPORT.docx back into data/<township>/<year>.md, where reruns keep them."""
    from nianbao import absorb as absorbing

    root = project_root()
    if sum(map(bool, (document is not None, listing, dropped, confirmed))) != 1:
        raise click.UsageError("give one of: an edited report.docx, --list, --drop KEY, --confirm KEY")
    if document is None:
        if not township or year is None:
            raise click.UsageError("--list, --drop and --confirm need --township and --year")
        data = open_dataset(root, township=township, year=year)
        if listing:
            for line in absorbing.absorbed_lines(data) or ["nothing was absorbed"]:
                say(line)
        else:
            act = absorbing.drop if dropped else absorbing.confirm
            say(act(data, dropped or confirmed, dry_run=dry_run) + (" (dry run)" if dry_run else ""))
        return
    done = absorbing.absorb(root, document, township=township, year=year, dry_run=dry_run)
    for line in done.lines:
        say(line)
    for line in done.left:
        say(f"not absorbed: {line}")
    if done.written:
        say(f"{done.file}: written" + (f"; the earlier one is {done.backup}" if done.backup else ""))
    else:
        say(f"{done.file}: {'would be written' if dry_run and done.lines else 'nothing to change'}")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> NoReturn:
    """Open JupyterLab on the notebooks, with the kernel ready; ARGUMENTS go to JupyterLab."""
    root = project_root()
    os.chdir(root)
    os.execv(
        sys.executable, [sys.executable, "-m", "jupyterlab", "--notebook-dir", str(root), "notebooks/explore.ipynb", *arguments]
    )

"""The command line: ``nianbao new | template | check | report | status | diff | results | trace | absorb | lab``; exit code 0 all good, 1 an input or a township failed, 2 usage."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn
from unicodedata import east_asian_width

import click

from nianbao import __version__
from nianbao.assembly import csv_bytes
from nianbao.catalogue import load_catalogue, load_township, project_root, township_keys
from nianbao.dataset import RESULT_COLUMNS, Dataset, finding_row, open_dataset, open_file, result_row
from nianbao.errors import Cell, Finding, NianbaoError, ReturnError, Severity, TextError, UserError, did_you_mean, path_refused
from nianbao.freshness import FORMATS, Format, Options, Outcome, townships_with_return
from nianbao.intake import cover_of, forms_of, open_elsewhere, require_unnamed, return_files
from nianbao.masking import masked, masked_path, without_typed
from nianbao.returnsheet import COVER_SHEET, GUIDE_SHEET, is_return_sheet
from nianbao.scaffold import LEVELS, Level, draft, write_township
from nianbao.template import plan_template, write_template
from nianbao.workers import SECONDS, Limits

_YEARS = click.IntRange(1900, 2099)
"""Years a report may be of: four digits; anything else is a slip of the hand."""


def _spoken(context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Note the language of a command, so that :func:`main` tells a refusal in it too."""
    context.find_root().ensure_object(dict)["lang"] = value
    return value


def _lang(what: str, *, given: bool = True) -> Callable[[Any], Any]:
    """Return the option that chooses a language, read before the others; with ``given`` the command gets it too."""
    return click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        default="zh",
        show_default=True,
        is_eager=True,
        callback=_spoken,
        expose_value=given,
        help=what,
    )


YEAR = click.option("--year", type=_YEARS, required=True, metavar="Y", help="Reporting year.")
LANG = _lang("Language of what is printed.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="nianbao")
def cli() -> None:
    """Turn the Excel returns of township health offices into year-end reports whose every figure leads back to its cell."""


def _formats(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[Format, ...]:
    chosen: list[Format] = []
    for word in value.split(","):
        name = word.strip().lower()
        match = next((fmt for fmt in FORMATS if fmt == name), None)
        if match is None:
            raise click.BadParameter(f"{name!r} is no format{did_you_mean(name, FORMATS)}; choose from {', '.join(FORMATS)}")
        if match not in chosen:
            chosen.append(match)
    return tuple(chosen)


@cli.command()
@click.argument("townships", nargs=-1, metavar="[TOWNSHIP...]")
@YEAR
@click.option("--all", "everything", is_flag=True, help="Every township with a return for the year.")
@click.option(
    "--to", "formats", default=",".join(FORMATS), show_default=True, callback=_formats, help="Formats, separated by commas."
)
@_lang("Language of the report, and of what is refused.")
@click.option(
    "--edition",
    type=click.Choice(["internal", "public"]),
    default="internal",
    show_default=True,
    help="Edition of the report; the public one leaves out what is internal and withholds small numbers of sensitive figures.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Townships built at the same time.")
@click.option(
    "--cluster",
    default="",
    metavar="ADDRESS",
    help="Build on a Dask cluster: tcp://HOST:PORT, the path of a scheduler file, or local:N.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=None,
    metavar="SECONDS",
    help=f"How long one township may take [default: {SECONDS:g}].",
)
@click.option(
    "--memory",
    type=click.IntRange(min=1),
    default=None,
    metavar="MB",
    help="Memory one township may take, where several are built [default: its job's share of most of the machine's].",
)
@click.option(
    "--progress",
    "manner",
    type=click.Choice(["auto", "bar", "plain", "json", "none"]),
    default="auto",
    show_default=True,
    help="How the run is shown on standard error: a bar on a terminal and lines elsewhere, or one JSON object a line.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print only what went wrong.")
@click.option(
    "--engine", type=click.Choice(["fast", "kernel"]), default="fast", show_default=True, help="How notebooks are run."
)
@click.option("--force", is_flag=True, help="Build even what is up to date.")
@click.option("--dry-run", is_flag=True, help="Say what would be built, and why; build nothing.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder of built reports [default: outputs/, outputs/public/ for the public edition].",
)
def report(
    townships: tuple[str, ...],
    year: int,
    everything: bool,
    formats: tuple[Format, ...],
    lang: Literal["zh", "en"],
    edition: Literal["internal", "public"],
    jobs: int,
    cluster: str,
    timeout: float | None,
    memory: int | None,
    manner: Literal["auto", "bar", "plain", "json", "none"],
    quiet: bool,
    engine: Literal["fast", "kernel"],
    force: bool,
    dry_run: bool,
    out: Path | None,
) -> None:
    """Build the year-end reports of TOWNSHIPs: only what changed, and say why."""
    if bool(townships) == everything:
        raise click.UsageError("name one or more townships, or give --all (not both)")
    root = project_root()
    chosen = townships_with_return(root, year) if everything else list(dict.fromkeys(townships))
    # what the public may read stands apart, so that it does not take the place of the office's own report
    usual = root / "outputs" / "public" if edition == "public" else root / "outputs"
    target = out if out is not None else usual
    options = Options(year, formats, lang, edition, engine, force, dry_run, target)
    if manner == "auto":
        manner = "none" if quiet else "bar" if _on_a_screen() else "plain"
    if manner != "json":
        for name in chosen:
            _tell_open(root, return_files(root, name, year), lang)
    from nianbao import runs
    from nianbao.progress import Shown

    tasks = runs.plan(root, chosen, options)
    request = runs.Request(jobs, Limits.given(seconds=timeout, megabytes=memory, jobs=jobs), cluster)
    with contextlib.closing(Shown(manner, townships=len(tasks), say=lambda line: _say(line, err=True))) as shown:
        done = runs.run(tasks, request, shown)
    for outcome in done.outcomes:
        if not quiet or not outcome.good:
            _tell(outcome, year, target, lang, reasons=manner != "json")
    if len(done.outcomes) > 1 and not quiet:
        states = [outcome.state for outcome in done.outcomes]
        _say("; ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    if done.exit_code:
        sys.exit(done.exit_code)


@cli.command()
@click.argument("townships", nargs=-1, metavar="[TOWNSHIP...]")
@YEAR
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=None, help="Folder of built reports [default: outputs/]."
)
@_lang("Language of what is refused.", given=False)
def status(townships: tuple[str, ...], year: int, form: str, out: Path | None) -> None:
    """Say how the report of each TOWNSHIP stands, why and since when [default: all that have a return or a report].

    built and whole, up to date, failed, refused, interrupted or never built; from the builds and the logs of the runs.
    """
    from nianbao.status import standings, townships_built

    root = project_root()
    target = out if out is not None else root / "outputs"
    known = townships_built(target, year)
    for name in townships:
        if name not in known:
            load_township(root, name)  # a slip of the hand is told
    there = list(dict.fromkeys(townships)) if townships else known
    if not townships:
        with contextlib.suppress(UserError) if there else contextlib.nullcontext():
            there += [name for name in townships_with_return(root, year) if name not in there]
    found = standings(root, there, year=year, out=target)
    if form == "json":
        _say(json.dumps([one.as_data() for one in found], ensure_ascii=False, indent=1))
        return
    widths = [
        max((_width(text) for text in column), default=0)
        for column in ([one.township for one in found], [one.state for one in found])
    ]
    for one in found:
        _say(f"{_padded(masked_path(one.township), widths[0])}  {_padded(one.state, widths[1])}  {one.when}".rstrip())
        for reason in one.reasons:
            _say(f"    {masked(reason)}")
    _say("; ".join(f"{count} {state}" for state, count in Counter(one.state for one in found).items()))


def _on_a_screen() -> bool:
    """True where standard error is a terminal wide enough to draw on."""
    try:
        return sys.stderr.isatty() and os.get_terminal_size(sys.stderr.fileno()).columns > 20
    except (OSError, ValueError):
        return False


def _tell_open(root: Path, files: Sequence[Path], lang: str) -> None:
    """Say which files are open in a spreadsheet program: what is not saved there is in no figure."""
    for path in files:
        if open_elsewhere(path):
            name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
            shown = masked_path(name)
            _say(
                f"{shown}：该表格似乎正在Excel或WPS中打开，尚未保存的改动没有读入"
                if lang == "zh"
                else f"{shown}: the workbook seems to be open in a spreadsheet program; changes not saved yet were not read",
                err=True,
            )


def _tell(outcome: Outcome, year: int, target: Path, lang: str, *, reasons: bool = True) -> None:
    name = f"{masked_path(outcome.township)} {year}"
    if not outcome.good:
        if reasons:
            _tell_fault(outcome, year, target, lang)
        return
    if outcome.state == "up to date":
        _say(f"{name}: up to date ({outcome.seconds:.1f} s, no notebook was run)")
    elif outcome.state == "planned":
        _say(f"{name}: would be built: {'; '.join(outcome.reasons)}")
        return
    else:
        _say(f"{name}: built in {outcome.seconds:.1f} s ({_shortened(outcome.reasons)})")
    for path in outcome.files:
        _say(f"  {masked_path(str(path))}")
    if outcome.warnings:
        noun = "finding asks" if outcome.warnings == 1 else "findings ask"
        _say(f"  {outcome.warnings} {noun} to be looked at: nianbao check {outcome.township} --year {year}")
    if outcome.unwritten:
        _say(
            f"  “下一步工作打算”由数据生成，单位自拟的内容请写在{outcome.unwritten}的“## plans”一节"
            if lang == "zh"
            else f"  next steps are composed from the figures: write the office's own under ## plans in {outcome.unwritten}"
        )


def _tell_fault(outcome: Outcome, year: int, target: Path, lang: str) -> None:
    """Say on standard error why a township was not built, and what of its report there is."""
    _say(f"{masked_path(outcome.township)} {year}: {outcome.state}", err=True)
    for reason in outcome.reasons:
        _say(reason, err=True)
    if outcome.folder is not None:
        said = "报告首页已注明" if lang == "zh" else "The report says so on page one"
        _say(f"{said}: {masked_path(str(outcome.folder))}", err=True)
    elif (target / str(year) / outcome.township).exists():
        _say("上次生成的报告保持不变。" if lang == "zh" else "The earlier report was left as it is.", err=True)


def _shortened(reasons: tuple[str, ...]) -> str:
    shown = "; ".join(reasons[:3])
    return shown if len(reasons) <= 3 else f"{shown}; and {len(reasons) - 3} more"


@cli.command()
@click.argument("old", type=click.Path(file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@LANG
def diff(old: Path, new: Path, form: str, lang: str) -> None:
    """Compare two built reports, the folders OLD and NEW, figure by figure, with the cause of each change."""
    from nianbao.builddiff import differences

    found = differences(old, new)
    if form == "json":
        _say(json.dumps([one.as_data(lang) for one in found], ensure_ascii=False, indent=1))
        return
    none = "（无）" if lang == "zh" else "(none)"
    for one in found:
        aspect = "" if one.column == "display" else f" ({one.column})"
        causes = ("；" if lang == "zh" else "; ").join(cause.told(lang) for cause in one.causes)
        _say(f"{one.area}: {one.figure}{aspect} {one.before or none} → {one.now or none}{'  ← ' if causes else ''}{causes}")
    count = (
        f"有{len(found)}项数据不同" if lang == "zh" else f"{len(found)} figure{'s differ' if len(found) != 1 else ' differs'}"
    )
    _say(count if found else ("数据没有不同" if lang == "zh" else "no figure differs"))


@cli.command()
@click.argument("target", metavar="PATH|TOWNSHIP")
@click.option(
    "--year", type=_YEARS, default=None, metavar="Y", help="Reporting year [default: the one on the cover of the file]."
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
            _say(json.dumps([finding_row(item) for item in error.findings], ensure_ascii=False, indent=1))
            sys.exit(1)
        if len(error.findings) > 1:
            _list(error.findings, lang, several=True)
        raise
    given = Path(target)
    _tell_open(data.root, [given] if given.is_file() else [data.root / item.file for item in data.intakes], lang)
    if annotated is not None:
        _annotate(data, target, annotated, lang)
    findings = (*data.findings, *_of_text(data))
    if form == "json":
        _say(json.dumps([finding_row(item) for item in findings], ensure_ascii=False, indent=1))
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
    _say(f"{out}: {len(findings)} findings marked", err=True)


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
            _say(
                f"# {path.name}, sheet {number}: read by params/forms/{form.key}.yml, with {len(doubts)} doubts about its columns or rows"
            )
        found = suggest_form(sheet, key=f"form_{number}", setting=setting)
        if found is not None:
            made += 1
            _say(f"# {path.name}, sheet {number}: save as params/forms/{found.key}.yml once every line is confirmed")
            _say(found.text)
    if not made:
        _say(f"{path.name}: no sheet needs a form")


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
    _say(f"{named}：读入{read}项数据" if lang == "zh" else f"{named}: {read} figures read")
    if not findings:
        _say("no findings" if lang == "en" else "未发现问题")
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
    widths = [max(_width(row[place]) for row in rows) for place in range(3)]
    for row, item in zip(rows, findings, strict=True):
        _say("  ".join(_padded(word, width) for word, width in zip(row, widths, strict=True)).rstrip())
        _say(f"    {item.message(lang)}")
        _say(f"    → {item.remedy(lang)}")
    counts = {severity: sum(item.severity is severity for item in findings) for severity in Severity}
    comma = "，" if lang == "zh" else ", "
    told = (
        f"{severity.word(lang)}{count}处" if lang == "zh" else f"{count} {severity.value}"
        for severity, count in counts.items()
        if count
    )
    _say(comma.join(told))


@cli.command()
@click.argument("township")
@YEAR
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@LANG
def results(township: str, year: int, form: str, lang: str) -> None:
    """Print the indicators of a TOWNSHIP, without running any notebook."""
    data = open_dataset(project_root(), township=township, year=year)
    _tell_open(data.root, [data.root / item.file for item in data.returns], lang)
    data.require_sound()
    rows = [result_row(data, result) for result in data.results]
    if form == "csv":
        _say(csv_bytes(RESULT_COLUMNS, rows).decode("utf-8"), nl=False)
    elif form == "json":
        _say(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print_results(data, rows, lang)


def _print_results(data: Dataset, rows: list[dict[str, str]], lang: str) -> None:
    table = []
    for result, row in zip(data.results, rows, strict=True):
        name = result.entry.zh if lang == "zh" else result.entry.en
        counts = f"{row['numerator']}/{row['denominator']}" if row["numerator"] and row["denominator"] else ""
        reference = row["indicator"] + (f"[{row['dims']}]" if row["dims"] else "")
        table.append((reference, name, row["display"], counts, result.status.word(lang)))
    widths = [max(_width(line[place]) for line in table) for place in range(5)]
    for line in table:
        _say("  ".join(_padded(word, width) for word, width in zip(line, widths, strict=True)).rstrip())


def _words(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(word.strip() for word in re.split(r"[,，、]", value) if word.strip())


@cli.command()
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
@click.option("--year", type=_YEARS, default=None, metavar="Y", help="Also begin the settings of a reporting year.")
@_lang("Language of what is refused.", given=False)
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
    _say(f"params/townships/{key}.yml: {place}{villages_said}")
    if made.left_out:
        _say(f"  left out as no villages: {'、'.join(made.left_out)}")
    _say(f"data/{key}/: for its returns")
    when = str(year) if year is not None else "YEAR"
    _say("Next: look the file over, then")
    _say(f"  nianbao template {key} --year {when} -o data/{key}/{when}.xlsx    # fill it in")
    _say(f"  nianbao check {key} --year {when}")
    _say(f"  nianbao report {key} --year {when}")


@cli.command()
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
@_lang("Language of what is refused.", given=False)
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
    _say(f"{output}: {len(planned.sheets)} work areas, {sum(sheet.count for sheet in planned.sheets)} figures")
    groups = [group for sheet in planned.sheets for group in sheet.reported]
    reported = sum(max(sum(bool(line.before) for line in group.lines), bool(group.before)) for group in groups)
    _say(
        f"  {reported} of them were reported last year ({planned.last_year})"
        if planned.last_year
        else f"  no return of {year - 1} was found, so there are no figures of last year beside them"
    )
    _say(f"Next: fill it in, then nianbao check {output}")


@cli.command()
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
        _say(json.dumps(record, ensure_ascii=False, indent=1))
        return
    for line in step.lines(lang):
        _say(line)
    for file, digest in files.items():
        _say(f"{file}  SHA-256 {digest or '—'}")


@cli.command()
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
                _say(line)
        else:
            act = absorbing.drop if dropped else absorbing.confirm
            _say(act(data, dropped or confirmed, dry_run=dry_run) + (" (dry run)" if dry_run else ""))
        return
    done = absorbing.absorb(root, document, township=township, year=year, dry_run=dry_run)
    for line in done.lines:
        _say(line)
    for line in done.left:
        _say(f"not absorbed: {line}")
    if done.written:
        _say(f"{done.file}: written" + (f"; the earlier one is {done.backup}" if done.backup else ""))
    else:
        _say(f"{done.file}: {'would be written' if dry_run and done.lines else 'nothing to change'}")


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> NoReturn:
    """Open JupyterLab on the notebooks, with the kernel ready; ARGUMENTS go to JupyterLab."""
    root = project_root()
    os.chdir(root)
    os.execv(
        sys.executable, [sys.executable, "-m", "jupyterlab", "--notebook-dir", str(root), "notebooks/explore.ipynb", *arguments]
    )


def _say(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print a text without what names a person: of figures only words that were typed are hidden, of messages any number of a person."""
    shown = without_typed(text, sys.argv[1:])
    click.echo(masked(shown) if err else shown, nl=nl, err=err)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def main() -> None:
    """Run the command line; a user's mistake prints one message and no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    said: dict[str, str] = {"lang": "zh"}
    try:
        cli.main(prog_name="nianbao", standalone_mode=False, obj=said)
    except click.exceptions.Abort:
        _say("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        _say(shown.getvalue().rstrip("\n"), err=True)
        sys.exit(error.exit_code)
    except NianbaoError as error:
        _say(f"nianbao: {error.told(said['lang'])}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename is None:
            raise
        _say(f"nianbao: {path_refused(error).told(said['lang'])}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

"""The command line: ``nianbao report | check | results | lab``; exit code 0 all good, 1 an input or a township failed, 2 usage."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal, NoReturn
from unicodedata import east_asian_width

import click

from nianbao import __version__
from nianbao.catalogue import load_township, project_root, township_keys
from nianbao.dataset import RESULT_COLUMNS, Dataset, finding_row, open_dataset, open_file, result_row
from nianbao.errors import NianbaoError, Severity, UserError, did_you_mean
from nianbao.intake import cover_of
from nianbao.pipeline import FORMATS, Format, Options, Outcome, build_report, csv_bytes, townships_with_return

YEAR = click.option("--year", type=int, required=True, metavar="Y", help="Reporting year.")
LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of what is printed."
)


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
    "--to", "formats", default="html,pdf,docx", show_default=True, callback=_formats, help="Formats, separated by commas."
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the report.")
@click.option(
    "--edition", type=click.Choice(["internal"]), default="internal", show_default=True, help="Edition of the report."
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Townships built at the same time.")
@click.option(
    "--engine", type=click.Choice(["fast", "kernel"]), default="fast", show_default=True, help="How notebooks are run."
)
@click.option("--force", is_flag=True, help="Build even what is up to date.")
@click.option("--dry-run", is_flag=True, help="Say what would be built, and why; build nothing.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=None, help="Folder of built reports [default: outputs/]."
)
def report(
    townships: tuple[str, ...],
    year: int,
    everything: bool,
    formats: tuple[Format, ...],
    lang: Literal["zh", "en"],
    edition: Literal["internal"],
    jobs: int,
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
    target = out if out is not None else root / "outputs"
    options = Options(year, formats, lang, edition, engine, force, dry_run, target)
    outcomes = _run(root, chosen, options, jobs)
    for outcome in outcomes:
        _tell(outcome, year, target)
    if len(outcomes) > 1:
        states = [outcome.state for outcome in outcomes]
        click.echo("; ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    if not all(outcome.good for outcome in outcomes):
        sys.exit(1)


def _run(root: Path, townships: list[str], options: Options, jobs: int) -> list[Outcome]:
    if jobs == 1 or len(townships) == 1:
        return [build_report(root, name, options, progress=_progress(name)) for name in townships]
    done: dict[str, Outcome] = {}
    with ProcessPoolExecutor(min(jobs, len(townships)), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(build_report, root, name, options): name for name in townships}
        for count, future in enumerate(as_completed(waiting), start=1):
            outcome = future.result()
            done[outcome.township] = outcome
            click.echo(f"[{count}/{len(townships)}] {outcome.township}: {outcome.state}", err=True)
    return [done[name] for name in townships]


def _progress(name: str) -> Any:
    return lambda line: click.echo(f"  {name}: {line}", err=True)


def _tell(outcome: Outcome, year: int, target: Path) -> None:
    name = f"{outcome.township} {year}"
    if outcome.state in ("refused", "failed"):
        click.echo(f"{name}: {outcome.state}", err=True)
        for reason in outcome.reasons:
            click.echo(reason, err=True)
        if outcome.state == "refused" and (target / str(year) / outcome.township).exists():
            click.echo("The earlier report was left as it is.", err=True)
        if outcome.folder is not None:
            click.echo(f"The report says so on page one: {outcome.folder}", err=True)
        return
    if outcome.state == "up to date":
        click.echo(f"{name}: up to date ({outcome.seconds:.1f} s, no notebook was run)")
    elif outcome.state == "planned":
        click.echo(f"{name}: would be built: {'; '.join(outcome.reasons)}")
        return
    else:
        click.echo(f"{name}: built in {outcome.seconds:.1f} s ({_shortened(outcome.reasons)})")
    for path in outcome.files:
        click.echo(f"  {path}")
    if outcome.warnings:
        noun = "finding asks" if outcome.warnings == 1 else "findings ask"
        click.echo(f"  {outcome.warnings} {noun} to be looked at: nianbao check {outcome.township} --year {year}")


def _shortened(reasons: tuple[str, ...]) -> str:
    shown = "; ".join(reasons[:3])
    return shown if len(reasons) <= 3 else f"{shown}; and {len(reasons) - 3} more"


@cli.command()
@click.argument("target", metavar="PATH|TOWNSHIP")
@click.option("--year", type=int, default=None, metavar="Y", help="Reporting year [default: the one on the cover of the file].")
@click.option("--township", default=None, help="Township of the file [default: the one on its cover].")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@LANG
def check(target: str, year: int | None, township: str | None, form: str, lang: str) -> None:
    """Read a return and list every finding: where, what was found, what to do."""
    data = _opened(target, year, township)
    if form == "json":
        click.echo(json.dumps([finding_row(item) for item in data.findings], ensure_ascii=False, indent=1))
    else:
        _print_findings(data, lang)
    data.require_text()
    if data.blocking:
        sys.exit(1)


def _opened(target: str, year: int | None, township: str | None) -> Dataset:
    root = project_root()
    path = Path(target)
    if path.suffix or path.exists():
        if not path.is_file():
            raise UserError(f"{target}: file not found; give the path of a return, or the key of a township")
        said_township, said_year = cover_of(path)
        keys = {load_township(root, key).zh: key for key in township_keys(root)}
        place = township or keys.get(said_township, said_township)
        when = year or said_year
        if not place or when is None:
            raise UserError(f"{target}: the cover names no township or year; add --township and --year")
        return open_file(root, path, township=place, year=when)
    if year is None:
        raise click.UsageError("a township needs --year")
    return open_dataset(root, township=target, year=year)


def _print_findings(data: Dataset, lang: str) -> None:
    click.echo(f"{data.file}: {sum(bool(item.raw) for item in data.given)} figures read")
    if not data.findings:
        click.echo("no findings" if lang == "en" else "未发现问题")
        return
    rows = [
        (
            item.severity.value,
            item.code,
            "; ".join(cell.short for cell in item.cells[:4]) + (" …" if len(item.cells) > 4 else ""),
        )
        for item in data.findings
    ]
    widths = [max(_width(row[place]) for row in rows) for place in range(3)]
    for row, item in zip(rows, data.findings, strict=True):
        click.echo("  ".join(_padded(word, width) for word, width in zip(row, widths, strict=True)).rstrip())
        click.echo(f"    {item.message(lang)}")
        click.echo(f"    → {item.remedy(lang)}")
    counts = {severity: sum(item.severity is severity for item in data.findings) for severity in Severity}
    click.echo(", ".join(f"{count} {severity.value}" for severity, count in counts.items() if count))


@cli.command()
@click.argument("township")
@YEAR
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@LANG
def results(township: str, year: int, form: str, lang: str) -> None:
    """Print the indicators of a TOWNSHIP, without running any notebook."""
    data = open_dataset(project_root(), township=township, year=year)
    data.require_sound()
    rows = [result_row(data, result) for result in data.results]
    if form == "csv":
        click.echo(csv_bytes(RESULT_COLUMNS, rows).decode("utf-8"), nl=False)
    elif form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print_results(data, rows, lang)


def _print_results(data: Dataset, rows: list[dict[str, str]], lang: str) -> None:
    table = []
    for result, row in zip(data.results, rows, strict=True):
        name = result.entry.zh if lang == "zh" else result.entry.en
        counts = f"{row['numerator']}/{row['denominator']}" if row["numerator"] and row["denominator"] else ""
        reference = row["indicator"] + (f"[{row['dims']}]" if row["dims"] else "")
        table.append((reference, name, row["display"], counts, row["status"]))
    widths = [max(_width(line[place]) for line in table) for place in range(5)]
    for line in table:
        click.echo("  ".join(_padded(word, width) for word, width in zip(line, widths, strict=True)).rstrip())


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> NoReturn:
    """Open JupyterLab on the notebooks, with the kernel ready; ARGUMENTS go to JupyterLab."""
    root = project_root()
    os.chdir(root)
    os.execv(
        sys.executable, [sys.executable, "-m", "jupyterlab", "--notebook-dir", str(root), "notebooks/explore.ipynb", *arguments]
    )


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def main() -> None:
    """Run the command line; a user's mistake prints one message and no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    try:
        cli.main(prog_name="nianbao", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except NianbaoError as error:
        click.echo(f"nianbao: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()

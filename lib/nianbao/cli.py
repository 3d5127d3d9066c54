"""The command line: ``nianbao new | template | check | report | status | diff | results | trace | absorb | lab``; exit code 0 all good, 1 an input or a township failed, 2 usage."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Literal

import click

from nianbao import __version__
from nianbao.console import LANG, YEAR, lang_option, padded, say, tell_open, width_of
from nianbao.errors import NianbaoError, UserError, did_you_mean, path_refused
from nianbao.freshness import FORMATS, Format, Options, Outcome, townships_with_return
from nianbao.masking import masked, masked_path
from nianbao.project import files_open_elsewhere, project_root
from nianbao.workers import SECONDS, Limits


class _Commands(click.Group):
    """The commands; those that read returns are loaded when one of them is called, for their libraries take a second."""

    _READING = ("absorb", "check", "diff", "lab", "new", "results", "template", "trace")

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted({*super().list_commands(ctx), *self._READING})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, None where there is none."""
        if cmd_name in self._READING:
            from nianbao import commands

            command: click.Command = getattr(commands, cmd_name)
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
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
@lang_option("Language of the report, and of what is refused.")
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
    "--exchange",
    default="",
    metavar="URL",
    help="Where a cluster that shares no path gets its files and hands reports back: any fsspec address, such as s3://bucket/folder.",
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
    exchange: str,
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
    if exchange and not cluster:
        raise click.UsageError("--exchange is for the workers of a --cluster")
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
            tell_open(root, files_open_elsewhere(root, name, year), lang)
    from nianbao import runs
    from nianbao.progress import Shown

    tasks = runs.plan(root, chosen, options)
    request = runs.Request(jobs, Limits.given(seconds=timeout, megabytes=memory, jobs=jobs), cluster, exchange)
    with contextlib.closing(Shown(manner, townships=len(tasks), say=lambda line: say(line, err=True))) as shown:
        done = runs.run(tasks, request, shown)
    for outcome in done.outcomes:
        if not quiet or not outcome.good:
            _tell(outcome, year, target, lang, reasons=manner != "json")
    if len(done.outcomes) > 1 and not quiet:
        states = [outcome.state for outcome in done.outcomes]
        say("; ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    if done.exit_code:
        sys.exit(done.exit_code)


@cli.command()
@click.argument("townships", nargs=-1, metavar="[TOWNSHIP...]")
@YEAR
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=None, help="Folder of built reports [default: outputs/]."
)
@LANG
def status(townships: tuple[str, ...], year: int, form: str, out: Path | None, lang: str) -> None:
    """Say how the report of each TOWNSHIP stands, why and since when [default: all that have a return or a report].

    built and whole, up to date, failed, refused, interrupted or never built; from the builds and the logs of the runs.
    """
    from nianbao.status import standings, townships_built

    root = project_root()
    target = out if out is not None else root / "outputs"
    known = townships_built(target, year)
    for name in townships:
        if name not in known:
            from nianbao.catalogue import load_township

            load_township(root, name)  # a slip of the hand is told
    there = list(dict.fromkeys(townships)) if townships else known
    if not townships:
        with contextlib.suppress(UserError) if there else contextlib.nullcontext():
            there += [name for name in townships_with_return(root, year) if name not in there]
    found = standings(root, there, year=year, out=target, lang=lang)
    if form == "json":
        say(json.dumps([one.as_data() for one in found], ensure_ascii=False, indent=1))
        return
    widths = [
        max((width_of(text) for text in column), default=0)
        for column in ([one.township for one in found], [one.state for one in found])
    ]
    for one in found:
        say(f"{padded(masked_path(one.township), widths[0])}  {padded(one.state, widths[1])}  {one.when}".rstrip())
        for reason in one.reasons:
            say(f"    {masked(reason)}")
    say("; ".join(f"{count} {state}" for state, count in Counter(one.state for one in found).items()))


def _on_a_screen() -> bool:
    """True where standard error is a terminal wide enough to draw on."""
    try:
        return sys.stderr.isatty() and os.get_terminal_size(sys.stderr.fileno()).columns > 20
    except (OSError, ValueError):
        return False


def _tell(outcome: Outcome, year: int, target: Path, lang: str, *, reasons: bool = True) -> None:
    name = f"{masked_path(outcome.township)} {year}"
    if not outcome.good:
        if reasons:
            _tell_fault(outcome, year, target, lang)
        return
    if outcome.state == "up to date":
        say(f"{name}: up to date ({outcome.seconds:.1f} s, no notebook was run)")
    elif outcome.state == "planned":
        say(f"{name}: would be built: {'; '.join(outcome.reasons)}")
        return
    else:
        say(f"{name}: built in {outcome.seconds:.1f} s ({_shortened(outcome.reasons)})")
    for path in outcome.files:
        say(f"  {masked_path(str(path))}")
    if outcome.warnings:
        noun = "finding asks" if outcome.warnings == 1 else "findings ask"
        say(f"  {outcome.warnings} {noun} to be looked at: nianbao check {outcome.township} --year {year}")
    if outcome.unwritten:
        say(
            f"  “下一步工作打算”由数据生成，单位自拟的内容请写在{outcome.unwritten}的“## plans”一节"
            if lang == "zh"
            else f"  next steps are composed from the figures: write the office's own under ## plans in {outcome.unwritten}"
        )


def _tell_fault(outcome: Outcome, year: int, target: Path, lang: str) -> None:
    """Say on standard error why a township was not built, and what of its report there is."""
    say(f"{masked_path(outcome.township)} {year}: {outcome.state}", err=True)
    for reason in outcome.reasons:
        say(reason, err=True)
    if outcome.folder is not None:
        said = "报告首页已注明" if lang == "zh" else "The report says so on page one"
        say(f"{said}: {masked_path(str(outcome.folder))}", err=True)
    elif (target / str(year) / outcome.township).exists():
        say("上次生成的报告保持不变。" if lang == "zh" else "The earlier report was left as it is.", err=True)


def _shortened(reasons: tuple[str, ...]) -> str:
    shown = "; ".join(reasons[:3])
    return shown if len(reasons) <= 3 else f"{shown}; and {len(reasons) - 3} more"


def main() -> None:
    """Run the command line; a user's mistake prints one message and no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    said: dict[str, str] = {"lang": "zh"}
    try:
        cli.main(prog_name="nianbao", standalone_mode=False, obj=said)
    except click.exceptions.Abort:
        say("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        say(shown.getvalue().rstrip("\n"), err=True)
        sys.exit(error.exit_code)
    except NianbaoError as error:
        say(f"nianbao: {error.told(said['lang'])}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename is None:
            raise
        say(f"nianbao: {path_refused(error).told(said['lang'])}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

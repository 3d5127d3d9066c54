"""Programs from outside, run so that nothing of them is left when they do not answer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from built import ROOT

FACES = ROOT / "lib" / "nianbao" / "faces"
STANDS_IN = {
    "仿宋_GB2312": "Nianbao Song",
    "仿宋": "Nianbao Song",
    "宋体": "Nianbao Song",
    "方正小标宋简体": "Nianbao Song",
    "方正小标宋_GBK": "Nianbao Song",
    "楷体_GB2312": "Nianbao Kai",
    "楷体": "Nianbao Kai",
    "黑体": "Nianbao Hei",
    "Times New Roman": "Nianbao Song",
}
"""The faces a Chinese office has, and the shipped ones of the same width that stand in for them here."""


def answer_of(command: Sequence[str], *, seconds: int, env: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Run a program in a session of its own and return what it wrote to standard output and standard error.

    A program that does not finish in time is ended with all its children, and the test fails.
    """
    process = subprocess.Popen(
        command,
        env=None if env is None else {**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        pytest.fail(f"{Path(command[0]).name} did not finish within {seconds} s")
    return out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def libreoffice(document: Path, kind: str, folder: Path) -> Path:
    """Return ``document`` opened by LibreOffice and saved as ``kind`` in ``folder``; without LibreOffice the test is skipped.

    ``NIANBAO_CI=1`` makes a missing program a failure.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        (pytest.fail if os.environ.get("NIANBAO_CI") else pytest.skip)("LibreOffice is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--norestore", "--convert-to", kind, "--outdir", str(folder), str(document)]
    out, err = answer_of(command, seconds=300, env={"HOME": str(folder)})
    made = folder / f"{document.stem}.{kind}"
    assert made.exists(), out + err
    return made


def from_office(soffice: str, document: Path, *, to: str, folder: Path) -> Path:
    """Return the file that LibreOffice makes of a document, ``to`` naming its format, with the shipped faces only."""
    aliases = "".join(
        f'<match target="pattern"><test name="family"><string>{face}</string></test>'
        f'<edit name="family" mode="assign" binding="strong"><string>{ours}</string></edit></match>'
        for face, ours in STANDS_IN.items()
    )
    config = folder / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{FACES}</dir><cachedir>{folder / 'cache'}</cachedir>{aliases}</fontconfig>",
        encoding="utf-8",
    )
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--norestore", "--convert-to", to, "--outdir", str(folder), str(document)]
    out, err = answer_of(command, seconds=300, env={"FONTCONFIG_FILE": str(config), "HOME": str(folder)})
    made = folder / f"{document.stem}.{to}"
    assert made.exists(), out + err
    return made

"""Programs from outside, run so that nothing of them is left when they do not answer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest


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

"""Programs that answer, and one that does not: it is ended with what it started."""

from __future__ import annotations

import sys
import time

import pytest

from programs import answer_of


def test_both_outputs_come_back_and_the_environment_is_added_to() -> None:
    code = "import os, sys; print(os.environ['WORD'], bool(os.environ['PATH'])); print('说', file=sys.stderr)"
    out, err = answer_of([sys.executable, "-c", code], seconds=60, env={"WORD": "here", "PYTHONIOENCODING": "utf-8"})
    assert (out.strip(), err.strip()) == ("here True", "说")


def test_what_does_not_answer_is_ended_with_its_children() -> None:
    began = time.monotonic()
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    with pytest.raises(pytest.fail.Exception, match="did not finish within 1 s"):
        answer_of([sys.executable, "-c", code], seconds=1)
    assert time.monotonic() - began < 30  # the child held the pipes; its end closed them

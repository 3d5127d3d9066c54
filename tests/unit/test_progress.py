"""What a run shows while it goes on, in each manner."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nianbao.progress import Manner, Shown

EVENTS: list[dict[str, Any]] = [
    {"event": "begun", "township": "qingxi"},
    {"event": "progress", "township": "qingxi", "line": "chapter 1/3 population (0.1 s)"},
    {"event": "progress", "township": "qingxi", "line": "chapter 2/3 elderly (0.1 s)"},
    {"event": "progress", "township": "qingxi", "line": "something else"},
    {"event": "note", "text": "no log"},
    {"event": "ended", "township": "qingxi", "state": "failed", "reasons": ["why"]},
    {"event": "ended", "township": "baishi", "state": "built", "reasons": []},
]


def shown(manner: Manner, *, townships: int = 2) -> list[str]:
    """Return the lines said of the events."""
    said: list[str] = []
    showing = Shown(manner, townships=townships, say=said.append)
    for event in EVENTS:
        showing(event)
    showing.close()
    return said


def test_plain_lines_count_the_townships_and_tell_chapters_of_one_alone() -> None:
    assert shown("plain") == ["no log", "[1/2] qingxi: failed", "[2/2] baishi: built"]
    assert shown("plain", townships=1)[:2] == [
        "  qingxi: chapter 1/3 population (0.1 s)",
        "  qingxi: chapter 2/3 elderly (0.1 s)",
    ]


def test_for_a_program_every_event_is_one_json_line() -> None:
    assert [json.loads(line) for line in shown("json")] == EVENTS


def test_nothing_is_nothing() -> None:
    assert shown("none") == []


def test_the_bar_counts_chapters_as_parts_of_townships(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown("bar") == ["no log", "qingxi: failed"]
    bar = capsys.readouterr().err
    assert "qingxi elderly" in bar
    assert "0.5/2 townships" in bar  # two of three chapters and the documents
    assert "1.0/2 townships" in bar
    assert " 50%|" in bar

"""Imports that cost a run a second for nothing, done in a way that leaves the nothing out."""

from __future__ import annotations

import importlib
import sys

_GRAMMAR = "rfc3987_syntax"


def import_jsonschema() -> None:
    """Import jsonschema, which nbformat rests on, without the grammar of IRIs that it reads where it finds one.

    Reading that grammar takes most of a second of processor time in every process; no schema of a notebook speaks of IRIs.  What was
    imported before stays as it is, and whoever asks for the grammar itself afterwards gets it.
    """
    if "jsonschema" in sys.modules or _GRAMMAR in sys.modules:
        return
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]  # how Python is told that a module is not there
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[_GRAMMAR]

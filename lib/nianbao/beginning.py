"""What a notebook finds when it begins, put back for the next one that runs in the same process.

A process of its own would find it so by itself.  What is put back is what a cell can change without reaching into a library: the
namespace, counters and displays of the shell, built-in names, the interpreter's own settings, warnings, sources of random numbers, the
context of decimal numbers, matplotlib's settings.  Modules that were loaded stay loaded, with whatever was changed in them.
"""

from __future__ import annotations

import builtins
import decimal
import os
import random
import signal
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_SETTLED = frozenset({"matplotlib", "matplotlib.pyplot", "numpy.random"})
"""What a notebook may find loaded but not load for the next: its settings would not be known, or it ties itself to the shell."""


class Beginning:
    """The state of this process and its shell now, before a first notebook has begun."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._builtins, self._sys = dict(vars(builtins)), dict(vars(sys))
        self._lists: list[tuple[list[Any], list[Any]]] = [(place, list(place)) for place in (sys.path, shell.ast_transformers)]
        self._lists += [(calls, list(calls)) for calls in shell.events.callbacks.values()]
        self._filters = list(warnings.filters)
        self._warnings = dict(vars(warnings))
        self._namespace = dict(shell.user_ns)
        self._formatters = [
            (one, one.enabled, dict(one.type_printers), dict(one.deferred_printers), dict(one.singleton_printers))
            for one in (shell.display_formatter.formatters.values() if shell.display_formatter else ())
        ]
        self._settled = _SETTLED & sys.modules.keys()
        self._numpy = _numpy_random()
        self._decimal = decimal.getcontext().copy()
        self._matplotlib = dict(_matplotlib_settings())

    def spent(self) -> bool:
        """Whether the last notebook left something running, or tied to the shell, that cannot be taken back."""
        running = sum(1 for _ in Path("/proc/self/task").iterdir()) != 1 or children() != []
        return running or not self._settled.issuperset(_SETTLED & sys.modules.keys())

    def restore(self) -> None:
        """Put back all but the shell's namespace."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for namespace, kept in ((vars(builtins), self._builtins), (vars(sys), self._sys), (vars(warnings), self._warnings)):
            _restored(namespace, kept)
        warnings.resetwarnings()  # makes every module forget what it has warned of
        warnings.filters[:] = self._filters  # type: ignore[index]  # a list, which nobody may replace
        for place, kept_list in self._lists:
            place[:] = kept_list
        for one, enabled, *printers in self._formatters:
            one.enabled = enabled
            one.type_printers, one.deferred_printers, one.singleton_printers = map(dict, printers)
        random.seed()  # as Python does in every fork
        if self._numpy is not None:
            sys.modules["numpy"].random.set_state(self._numpy)
        decimal.setcontext(self._decimal.copy())
        dict.update(_matplotlib_settings(), self._matplotlib)

    def empty(self) -> None:
        """Give the shell the namespace, history and counter of its start; the folder must be the notebook's already."""
        shell = self._shell
        shell.reset(new_session=True)  # type: ignore[no-untyped-call]
        found = dict(shell.user_ns)
        shell.user_ns.clear()
        shell.user_ns.update({name: found.get(name, kept) for name, kept in self._namespace.items()})
        sys.modules["__main__"] = shell.user_module


def children() -> list[int]:
    """Return the processes that this one has started and not yet waited for; none where Linux does not tell."""
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def _restored(namespace: dict[str, Any], kept: Mapping[str, Any]) -> None:
    for name in namespace.keys() - kept.keys():
        del namespace[name]
    namespace.update(kept)


def _numpy_random() -> Any:
    return sys.modules["numpy"].random.get_state() if "numpy.random" in sys.modules else None


def _matplotlib_settings() -> dict[str, Any]:
    settings: dict[str, Any] = getattr(sys.modules.get("matplotlib"), "rcParams", {})
    return settings

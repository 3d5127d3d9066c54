"""Room for calls: whatever depth a program works at, calling a function costs the same.

Python keeps the frames of its functions in pieces of 16 KB, takes a piece from the system when a call needs one and gives it
back when that call returns.  A loop that happens to run at the edge of a piece does both at every call, which makes a call
hundreds of times slower.  A single frame too large for the usual piece makes Python take one that holds all calls below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
_SLOTS = 33_000
"""Places of the large frame: a piece has a power of two of bytes, so as many again are left for the calls below, several hundred deep."""


def with_room(work: Callable[[], Answer]) -> Answer:
    """Return what ``work`` returns; the calls it makes stay within one piece."""
    return work()


with_room.__code__ = with_room.__code__.replace(co_stacksize=_SLOTS)

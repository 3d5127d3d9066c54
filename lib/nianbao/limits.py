"""What a notebook may use: time a cell, memory beyond what its process begins with, and no network where the host allows that.

The bounds are set by the forked child on itself, before its first cell; a kernel of Jupyter's knows only the one on time.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import socket
import struct
import sys
from pathlib import Path

TIMEOUT_S = 600.0
"""How long one cell may run unless the caller says otherwise."""
MEMORY_MB = 3072
"""How much memory a notebook may take unless the caller says otherwise: some twenty times what a chapter of a county takes."""

_RESERVE = 64 << 20
"""Bytes kept back to tell of a want of memory."""
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1


class Memory:
    """The bound on the memory of this process, which may take ``limit_mb`` beyond what it holds now; None bounds nothing.

    What counts is address space, the one size that Linux holds a process to.
    """

    def __init__(self, limit_mb: int | None) -> None:
        self.limit_mb = limit_mb
        self._bound = self._last = -1
        if limit_mb is not None:
            import resource  # which not every system has, as the default bounds above must be

            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
            hard = resource.getrlimit(resource.RLIMIT_AS)[1]
            most = sys.maxsize if hard == resource.RLIM_INFINITY else hard
            self._bound = min(pages * resource.getpagesize() + (limit_mb << 20), most)
            self._last = min(self._bound + _RESERVE, most)
            self.hold()

    def hold(self) -> None:
        """Put the bound in force."""
        self._set(self._bound)

    def relieve(self) -> None:
        """Give out the reserve: whoever ran into the bound could not even say so."""
        self._set(self._last)

    def _set(self, bound: int) -> None:
        if self.limit_mb is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (bound, self._last))

    def told(self) -> str:
        """Return what is added to an error for want of memory; empty without a bound."""
        return "" if self.limit_mb is None else f"the notebook may take {self.limit_mb} MB of memory"


def leave_network() -> str:
    """Take this process out of the network, and return "", or in a few words why the host refuses.

    What is connected stays so, and the process keeps a loopback of its own.  Root stays root of the whole machine, or it would lose
    its way to other people's files, so where it may not make a network namespace there is none; others need one for users too, in
    which they are who they were.  The process must have a single thread.
    """
    import fcntl

    root = os.geteuid() == 0
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET if root else _CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return errno.errorcode.get(ctypes.get_errno(), "refused")
    with contextlib.suppress(OSError):  # a nameless user can do all that a notebook does
        if not root:
            for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
                Path(f"/proc/self/{name}").write_text(line, encoding="ascii")
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        fcntl.ioctl(asked, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))
    return ""

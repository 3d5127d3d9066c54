"""A page in headless Chromium driven through the DevTools pipe: keys as a keyboard sends them, and what the page then shows."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
"""Keys by name and their codes on a keyboard."""
_FIRST_FREE = 10
"""Pipes are moved above the descriptors 3 and 4, which the browser reads and writes."""


class Tab:
    """One page; every call waits for the browser's answer, at most ``seconds``."""

    def __init__(self, to: int, back: int, *, seconds: int = 60) -> None:
        self._to, self._back, self._seconds = to, back, seconds
        self._count, self._rest, self._session = 0, b"", ""
        self.events: list[dict[str, Any]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result.

        Raises:
            RuntimeError: the browser refuses it.
            TimeoutError: it does not answer.
        """
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") != self._count:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + self._seconds
        while b"\0" not in self._rest:
            if not select.select([self._back], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self._back, 1 << 16)
            if not part:
                raise RuntimeError("the browser has ended")
            self._rest += part
        first, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(first))

    def open(self, page: Path, *, width: int, height: int = 900, dark: bool = False, script: bool = True) -> None:
        """Load a file at a window size; ``script`` False keeps the page itself from running any."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        liked = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce"}
        features = [{"name": name, "value": value} for name, value in liked.items()]
        self.ask("Emulation.setEmulatedMedia", features=features)
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)
        self.events.clear()
        self.ask("Page.navigate", url=page.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())
        self.value("document.fonts.ready.then(() => 1)")

    def value(self, expression: str) -> Any:
        """Return what an expression gives in the page; it is the observer's, and runs where the page's own scripts may not."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        code = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"Enter": "\r", " ": " "}.get(key)
        self.ask("Input.dispatchKeyEvent", type="keyDown", **code, **({"text": text} if text else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **code)

    def picture(self, path: Path) -> None:
        """Write what the window shows as a PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def tab(command: str, profile: Path, arguments: Sequence[str]) -> Iterator[Tab]:
    """Start a browser of its own, give one page of it, and end it with all its children."""
    ours_read, theirs_write = (fcntl.fcntl(end, fcntl.F_DUPFD, _FIRST_FREE) for end in os.pipe())
    theirs_read, ours_write = (fcntl.fcntl(end, fcntl.F_DUPFD, _FIRST_FREE) for end in os.pipe())
    for end in (ours_read, ours_write):
        os.set_inheritable(end, False)
    nothing = os.open(os.devnull, os.O_RDWR)
    process = os.posix_spawn(
        command,
        [command, *arguments, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, nothing, 1),
            (os.POSIX_SPAWN_DUP2, nothing, 2),
            (os.POSIX_SPAWN_DUP2, theirs_read, 3),
            (os.POSIX_SPAWN_DUP2, theirs_write, 4),
        ],
        setsid=True,
    )
    for end in (nothing, theirs_read, theirs_write):
        os.close(end)
    try:
        yield Tab(ours_write, ours_read)
    finally:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(ours_read)
        os.close(ours_write)

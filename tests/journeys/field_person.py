"""A person with a phone: what the journeys of the field app share."""

from __future__ import annotations

import socket
import struct
import threading
import zlib
from collections.abc import Mapping
from typing import Any

OPTIONAL = {"en": "(optional)", "ar": "(اختياري)"}
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 400 kbit/s
READY = "body[data-ready]"


def photo(width: int, height: int) -> bytes:
    """A picture as a camera makes it: large, and not one colour."""
    rows = b"".join(
        b"\x00"
        + bytes((x * 7 + y * 3) % 256 if c == 0 else (x * y + c * 90) % 256 for x in range(width) for c in range(3))
        for y in range(height)
    )

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


class Line:
    """A line to a server on this machine that counts every byte which comes down it.

    `other` are the answers to requests for what a programme brings along: its lists and forms.
    """

    OTHER = (b"GET /field/forms/", b"GET /field/packet/")

    def __init__(self, port: int) -> None:
        self.to, self.down, self.other = port, 0, 0
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        threading.Thread(target=self._open, daemon=True).start()

    def close(self) -> None:
        self.door.close()

    def _open(self) -> None:
        while True:
            try:
                near, _address = self.door.accept()
            except OSError:  # the door was closed
                return
            far = socket.create_connection(("127.0.0.1", self.to))
            asked: list[bool] = [False]
            threading.Thread(target=self._carry, args=(near, far, asked, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, asked, True), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, asked: list[bool], is_down: bool) -> None:
        try:
            while some := one.recv(65536):
                if not is_down and some.startswith((b"GET ", b"POST ")):
                    asked[0] = some.startswith(self.OTHER)
                elif is_down and asked[0]:
                    self.other += len(some)
                elif is_down:
                    self.down += len(some)
                other.sendall(some)
            other.shutdown(socket.SHUT_WR)
        except OSError:  # either side hung up
            pass


def go(page: Any, screen: str) -> None:
    """To a screen of the app by its tab."""
    page.locator(f"nav.tabs a[href='#/{screen}']").click()
    page.locator(f"nav.tabs a[href='#/{screen}'][aria-current]").wait_for()


def states(page: Any) -> dict[str, int]:
    """How many entries stand in each state, as the phone itself keeps them."""
    found: dict[str, int] = page.evaluate(ENTRIES_BY_STATE)
    return found


ENTRIES_BY_STATE = """async () => {
    const store = await import('/static/jump/field/store.js');
    const found = {};
    for (const one of await store.entries()) { found[one.state] = (found[one.state] || 0) + 1; }
    return found;
}"""


def fill(page: Any, answers: Mapping[str, str] | None = None, *, language: str = "en", picture: bytes = b"") -> None:
    """Answer what must be answered, as told by the words of the question, else with something that fits."""
    told = dict(answers or {})
    done: set[str] = set()
    for _round in range(8):  # an answer may bring up further questions
        boxes = page.locator("main form .f[id]")
        fresh = False
        for place in range(boxes.count()):
            box = boxes.nth(place)
            name = box.get_attribute("id") or ""
            if name in done or not box.is_visible():
                continue
            done.add(name)
            words = box.locator("label, legend").first.inner_text()
            wanted = next((value for key, value in told.items() if key in words), None)
            if box.locator("input[type=file]").count():
                if picture:
                    box.locator("input[type=file]").set_input_files(
                        {"name": "DCIM0001.png", "mimeType": "image/png", "buffer": picture}
                    )
                    box.locator("img.shot").wait_for()
                    fresh = True
                continue
            if wanted is None and OPTIONAL[language] in words:
                continue
            fresh = answer(box, wanted) or fresh
        if not fresh:
            return


def answer(box: Any, wanted: str | None) -> bool:
    """One question: the choice or text that is wanted, else the first choice, a small number or a few words."""
    if box.locator("input[type=radio]").count():
        (box.get_by_text(wanted, exact=True) if wanted else box.locator("input[type=radio]").first).first.click()
    elif box.locator("input[type=checkbox]").count():
        (box.get_by_text(wanted, exact=True) if wanted else box.locator("input[type=checkbox]").first).first.click()
    elif box.locator("select").count():
        select = box.locator("select")
        select.select_option(label=wanted) if wanted else select.select_option(index=1)
    elif box.locator("input.in, textarea.in").count():
        entry = box.locator("input.in, textarea.in").first
        entry.fill(wanted or ("5" if entry.get_attribute("inputmode") else "As agreed"))
    else:
        return False
    return True

"""A chat endpoint on a real socket that fails in chosen ways; run in a process of its own.

The first part of the path chooses how it behaves, such as /flaky/v1. It prints its port.
"""

import base64
import hashlib
import io
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

KEY = "sk-very-secret-0123456789"
NARROW = 3

lock = threading.Lock()
calls: Counter[str] = Counter()
seen: Counter[str] = Counter()
running: Counter[str] = Counter()
widest: Counter[str] = Counter()
moments: dict[str, list[float]] = defaultdict(list)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    server_version = "faults"

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        scenario, rest = self.path.strip("/").split("/", 1)
        if rest == "stats":
            found = {"calls": calls[scenario], "widest": widest[scenario]}
            self.answer(200, {**found, "moments": moments[scenario]})
        elif scenario == "locked" and self.headers.get("Authorization") != f"Bearer {KEY}":
            self.answer(401, {"error": f"bad key {self.headers.get('Authorization')}"})
        elif scenario == "unlisted":
            self.answer(404, {"error": "no such thing"})
        else:
            self.answer(200, {"data": [{"id": "tiny-vlm"}, {"id": "other"}]})

    def do_POST(self) -> None:
        scenario = self.path.strip("/").split("/")[0]
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        with lock:
            calls[scenario] += 1
            running[scenario] += 1
            widest[scenario] = max(widest[scenario], running[scenario])
            moments[scenario].append(time.monotonic())
            crowded = running[scenario] > NARROW
            question = scenario + hashlib.sha256(raw).hexdigest()
            attempt = seen[question]
            seen[question] += 1
        try:
            self.act(scenario, json.loads(raw), attempt, crowded=crowded)
        finally:
            with lock:
                running[scenario] -= 1

    def act(self, scenario: str, body: dict[str, Any], attempt: int, *, crowded: bool) -> None:
        acts: dict[str, Callable[[], None]] = {
            "down": lambda: self.answer(500, {"error": "boom"}),
            "bad": lambda: self.answer(400, {"error": f"no: {self.headers.get('Authorization')}"}),
            "slow": lambda: time.sleep(1.0),
            "page": lambda: self.raw(200, b"<html>sorry</html>"),
            "parts": lambda: self.answer(200, {"choices": [{"message": {"content": [1]}}]}),
            "later": lambda: self.answer(429, {}, {"Retry-After": "9999"}),
        }
        if scenario == "flaky" and attempt < 4:
            self.fail(attempt)
        elif scenario == "patient" and attempt == 0:
            self.answer(429, {}, {"Retry-After": "0.4"})
        elif scenario == "mixed" and (words := said(body)) in ("wait", "refuse"):
            status, headers = (429, {"Retry-After": "30"}) if words == "wait" else (400, {})
            self.answer(status, {}, headers)
        elif scenario == "narrow" and crowded:
            self.answer(429, {"error": "too many"})
        elif scenario in acts:
            acts[scenario]()
        else:
            time.sleep(0.02)
            self.answer(200, completion(scenario, body))

    def fail(self, attempt: int) -> None:
        """Refuse, break, hang up in the middle of an answer, and answer nonsense."""
        if attempt == 0:
            self.answer(429, {}, {"Retry-After": "0.02"})
        elif attempt == 1:
            self.answer(503, {"error": "starting"})
        elif attempt == 2:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"choices": [')
            self.close_connection = True
        else:
            self.raw(200, b'{"choices": []}')

    def answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self.raw(status, json.dumps(body).encode(), headers)

    def raw(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def said(body: dict[str, Any]) -> str:
    """Return the words of a request."""
    return str(body["messages"][0]["content"][1]["text"])


def completion(scenario: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that tells which picture, words and parameters arrived."""
    picture, words = body["messages"][0]["content"]
    data = base64.b64decode(picture["image_url"]["url"].split(",", 1)[1])
    image = Image.open(io.BytesIO(data))
    level = int(image.getpixel((0, 0))[0])  # type: ignore[index]
    said = f"{image.size[0]}x{image.size[1]} {level} {body['seed']} {words['text']}"
    if scenario == "choice":
        said = ["B", "**A.**", "the answer is (b)", "A or B", "maybe"][level % 5]
    choice: dict[str, Any] = {"message": {"content": said}, "finish_reason": "stop"}
    if body.get("logprobs"):
        yes = level / 256
        shown = [("Yes", yes * 0.5), (" yes", yes * 0.5), ("No", 1 - yes), ("the", 1e-3)]
        top = [{"token": token, "logprob": log(share)} for token, share in shown]
        choice["logprobs"] = {"content": [{"top_logprobs": top}]}
    usage = {"prompt_tokens": 100, "completion_tokens": 10}
    return {"choices": [choice], **({} if scenario == "uncounted" else {"usage": usage})}


def log(share: float) -> float:
    import math

    return math.log(max(share, 1e-6))


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)  # noqa: T201
    server.serve_forever()

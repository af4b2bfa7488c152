"""Downloads from a real server on this machine, a faulty one."""

import hashlib
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from vlaudit.core.config import FetchConfig
from vlaudit.core.dataset import Role, Unreadable
from vlaudit.core.errors import InputError
from vlaudit.data import ArrowDataset
from vlaudit.data.addresses import resolve
from vlaudit.data.fetch import Fetcher

Load = Callable[..., ArrowDataset]
Encode = Callable[..., bytes]
HERE = {"pictures": True, "private_addresses": True}


class Faulty(BaseHTTPRequestHandler):
    """Answers by path: a picture, a table, errors, redirections, slow and endless bodies."""

    content: bytes = b""

    def do_GET(self) -> None:
        here = f"http://{self.headers['Host']}"
        match self.path.partition("?")[0]:
            case "/a.png" | "/%C3%A4%20b.png":
                self._answer(200, self.content)
            case "/rows.csv":
                self._answer(200, b"image,caption\na.png,a red\n/absent.png,x\n")
            case "/moved":
                self._answer(302, b"", location="/a.png")
            case "/to-private":
                self._answer(302, b"", location=f"http://private.example:{here[-5:]}/a.png")
            case "/round":
                self._answer(302, b"", location="/round")
            case "/away":
                self._answer(302, b"", location="file:///etc/passwd")
            case "/slow":
                self._drip(200)
            case "/endless":
                self._answer(200, bytes(5000), length=10**9)
            case "/cut":
                self._answer(200, b"half", length=100)
            case _:
                self._answer(404, b"")

    def _answer(self, status: int, body: bytes, *, location: str = "", length: int = -1) -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body) if length < 0 else length))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, count: int) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(count):
            try:
                self.wfile.write(b".")
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def server(encode: Encode) -> Iterator[str]:
    """Serve on a free port and return the address."""
    handler = type("Served", (Faulty,), {"content": encode("red")})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        served.daemon_threads = True
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_address[1]}"
        served.shutdown()


def fetcher(tmp_path: Path, **changes: Any) -> Fetcher:
    most = changes.pop("most_bytes", 1000)
    names = changes.pop("resolve", resolve)
    config = FetchConfig.model_validate({**HERE, **changes})
    return Fetcher(config, folder=tmp_path / "kept", most_bytes=most, resolve=names)


def nowhere(host: str, port: int) -> list[str]:
    return []


def reason(found: bytes | Unreadable) -> str:
    assert isinstance(found, Unreadable), found
    return found.reason


def test_a_picture_is_downloaded_once(server: str, tmp_path: Path, encode: Encode) -> None:
    for path in ("a.png", "moved", "ä b.png", "a.png?x=1#part"):
        assert fetcher(tmp_path).picture(f"{server}/{path}") == encode("red")
    offline = fetcher(tmp_path, resolve=nowhere)
    assert offline.picture(f"{server}/a.png") == encode("red")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("absent", "the server answered 404"),
        ("round", "redirected more than 5 times"),
        ("away", "the web address is not valid"),
        ("endless", "larger than 0.001 MB"),
        ("cut", "no connection"),
        ("slow", "took more than 0.3 s"),
    ],
)
def test_faults_have_reasons(path: str, said: str, server: str, tmp_path: Path) -> None:
    fetch = fetcher(tmp_path, seconds=0.3)
    assert said in reason(fetch.picture(f"{server}/{path}"))
    assert said in reason(fetch.picture(f"{server}/{path}"))
    assert not list(tmp_path.rglob("kept/*"))


@pytest.mark.parametrize(
    "url", ["ftp://x.example/a", "file:///etc/passwd", "http://", "http://a:b@x.example/", "x"]
)
def test_addresses_that_are_none(url: str, tmp_path: Path) -> None:
    assert reason(fetcher(tmp_path).picture(url)) == "the web address is not valid"


def test_nothing_is_downloaded_unless_asked(server: str, tmp_path: Path) -> None:
    assert "not allowed" in reason(fetcher(tmp_path, pictures=False).picture(f"{server}/a.png"))
    closed = fetcher(tmp_path, private_addresses=False)
    assert "private network" in reason(closed.picture(f"{server}/a.png"))


def test_a_redirection_into_a_private_network_is_refused(server: str, tmp_path: Path) -> None:
    """A public host sends us on to a private one; here both names lead to the same server."""
    seen: list[str] = []

    def names(host: str, port: int) -> list[str]:
        seen.append(host)
        return ["10.0.0.1"] if host == "private.example" else ["127.0.0.1"]

    port = server.rpartition(":")[2]
    with_private = fetcher(tmp_path, resolve=names, seconds=0.5)
    assert reason(with_private.picture(f"http://public.example:{port}/to-private"))
    assert seen == ["public.example", "private.example"]
    screened = fetcher(tmp_path, resolve=names, private_addresses=False)
    assert "private network" in reason(screened.picture(f"http://private.example:{port}/a.png"))


def test_checksums_are_verified(server: str, tmp_path: Path, encode: Encode) -> None:
    fetch = fetcher(tmp_path)
    good = hashlib.sha256(encode("red")).hexdigest()
    assert fetch.picture(f"{server}/a.png", checksum=f"sha256:{good.upper()}") == encode("red")
    assert fetch.picture(f"{server}/a.png", checksum="no checksum at all") == encode("red")
    wrong = hashlib.md5(b"other").hexdigest()
    assert "checksum" in reason(fetch.picture(f"{server}/a.png", checksum=wrong))
    assert fetch.picture(f"{server}/a.png", checksum=good) == encode("red")


def test_it_travels_to_other_processes(server: str, tmp_path: Path, encode: Encode) -> None:
    fetch = fetcher(tmp_path)
    fetch.picture(f"{server}/absent")
    there: Fetcher = pickle.loads(pickle.dumps(fetch))
    assert there.picture(f"{server}/a.png") == encode("red")


def test_rows_that_name_web_addresses(
    server: str, tmp_path: Path, encode: Encode, load_from: Load
) -> None:
    digest = hashlib.md5(encode("red")).hexdigest()
    (tmp_path / "rows.csv").write_text(
        f"url,caption,md5\n{server}/a.png,one,{digest}\n{server}/a.png?2,two,{'0' * 32}\n"
        f"{server}/absent.png,three,\n"
    )
    assert load_from("rows.csv").columns.image is None
    data = load_from("rows.csv", fetch=HERE)
    assert (data.columns.image, data.columns.checksum) == ("url", "md5")
    decoded = data.decode(range(3))
    assert getattr(decoded[0], "size", None) == (8, 6)
    assert [getattr(item, "reason", "") for item in decoded[1:]] == [
        "the download does not have the checksum of the row",
        "the server answered 404",
    ]


def test_a_table_on_the_web(server: str, load_from: Load) -> None:
    data = load_from(f"{server}/rows.csv", fetch=HERE)
    assert data.texts(Role.CAPTION) == ["a red", "x"]
    assert [getattr(item, "size", None) for item in data.decode([0, 1])] == [(8, 6), None]
    with pytest.raises(InputError, match="leads into a private network"):
        load_from(f"{server}/rows.csv")
    with pytest.raises(InputError, match="the server answered 404"):
        load_from(f"{server}/absent.csv", fetch=HERE)

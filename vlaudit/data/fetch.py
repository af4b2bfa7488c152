"""Downloads, only when asked: screened, bounded in size and time, checked, and kept on disk."""

import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpcore

from vlaudit.core.config import FetchConfig
from vlaudit.core.dataset import Unreadable
from vlaudit.data.addresses import Refused, Resolve, ScreenedNetwork, resolve

DIGESTS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
MOVED = (301, 302, 303, 307, 308)
HEADERS = [("User-Agent", "vlaudit"), ("Accept-Encoding", "identity"), ("Accept", "*/*")]
RESERVED = "%/:=&?~+!$,;'@()*[]"


class Fetcher:
    """Downloads of one audit; what was downloaded once is read from the disk afterwards.

    Requests go straight to the host, past any proxy of the environment: behind a proxy it would be
    the proxy that resolves names, and nothing could be screened.
    """

    def __init__(
        self, config: FetchConfig, *, folder: Path, most_bytes: int, resolve: Resolve = resolve
    ) -> None:
        """Keep downloads of at most `most_bytes` below `folder`; names come from `resolve`."""
        self._given = (config, folder, most_bytes, resolve)
        self._config = config
        self._folder = folder
        self._most_bytes = most_bytes
        self._resolve = resolve
        self._failed: dict[str, Unreadable] = {}

    def __reduce__(self) -> tuple[object, ...]:
        """Travel to other processes without connections."""
        return _fetcher, self._given

    @cached_property
    def _pool(self) -> httpcore.ConnectionPool:
        network = ScreenedNetwork(private=self._config.private_addresses, resolve=self._resolve)
        return httpcore.ConnectionPool(network_backend=network, max_connections=16)

    def picture(self, url: str, *, checksum: str | None = None) -> bytes | Unreadable:
        """Return what lies at a web address, or why it cannot be had.

        Args:
            url: an http or https address.
            checksum: hexadecimal MD5, SHA-1, SHA-256 or SHA-512 that the content must have, after
                an optional `sha256:`; anything else is no checksum and is not verified.
        """
        if not self._config.pictures:
            return Unreadable(
                reason="the picture is a web address, and downloads are not allowed "
                "(data.fetch.pictures)"
            )
        return self._kept_or_new(url, checksum)

    def table(self, url: str) -> bytes | Unreadable:
        """Return what lies at an address that the user named, now, or why it cannot be had."""
        return self._download(url)

    def _kept_or_new(self, url: str, checksum: str | None) -> bytes | Unreadable:
        kept = self._folder / hashlib.sha256(url.encode()).hexdigest()
        with suppress(OSError):
            known = kept.read_bytes()
            if _has(known, checksum):
                return known
        if url in self._failed:
            return self._failed[url]
        content = self._download(url)
        if isinstance(content, bytes) and not _has(content, checksum):
            content = Unreadable(reason="the download does not have the checksum of the row")
        if isinstance(content, bytes):
            _keep(kept, content)
        else:
            # A dead host costs its time-out once, not once for every pass over the rows.
            self._failed[url] = content
        return content

    def _download(self, url: str) -> bytes | Unreadable:
        deadline = time.monotonic() + self._config.seconds
        try:
            for _ in range(self._config.redirects + 1):
                answer = self._ask(url, deadline)
                if not isinstance(answer, str):
                    return answer
                if urlsplit(url).scheme == "https" and urlsplit(answer).scheme != "https":
                    return Unreadable(reason="the download is redirected away from https")
                url = answer
        except Refused:
            return Unreadable(
                reason="the web address leads into a private network, which is not allowed "
                "(data.fetch.private_addresses)"
            )
        except (httpcore.TimeoutException, TimeoutError):
            return Unreadable(reason=f"the download took more than {self._config.seconds:g} s")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            return Unreadable(reason="the download failed: no connection")
        except (httpcore.UnsupportedProtocol, ValueError, UnicodeError):
            return Unreadable(reason="the web address is not valid")
        return Unreadable(
            reason=f"the download was redirected more than {self._config.redirects} times"
        )

    def _ask(self, url: str, deadline: float) -> bytes | str | Unreadable:
        """Return the content, the address that it moved to, or why there is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            return Unreadable(reason="the web address is not valid")
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), left)
        host = parts.hostname.encode("idna").decode()
        target = quote(urlunsplit(("", "", parts.path or "/", parts.query, "")), safe=RESERVED)
        request = httpcore.URL(scheme=parts.scheme, host=host, port=parts.port, target=target)
        with self._pool.stream(
            "GET",
            request,
            headers=HEADERS,
            extensions={"timeout": timeouts},
        ) as response:
            headers = {name.lower(): value for name, value in response.headers}
            if response.status in MOVED and b"location" in headers:
                return urljoin(url, headers[b"location"].decode("latin-1"))
            if response.status != 200:
                return Unreadable(reason=f"the server answered {response.status}")
            return self._read(response.iter_stream(), headers, deadline)

    def _read(
        self, stream: Iterator[bytes], headers: dict[bytes, bytes], deadline: float
    ) -> bytes | Unreadable:
        too_large = Unreadable(reason=f"larger than {self._most_bytes / 1e6:g} MB")
        if int(headers.get(b"content-length", b"0")) > self._most_bytes:
            return too_large
        content = bytearray()
        for chunk in stream:
            content += chunk
            if len(content) > self._most_bytes:
                return too_large
            if time.monotonic() > deadline:
                raise TimeoutError
        return bytes(content)


def _fetcher(config: FetchConfig, folder: Path, most_bytes: int, resolve: Resolve) -> Fetcher:
    return Fetcher(config, folder=folder, most_bytes=most_bytes, resolve=resolve)


def _has(content: bytes, checksum: str | None) -> bool:
    """Tell whether content has a checksum; what is no checksum is had by anything."""
    wanted = (checksum or "").strip().lower().rpartition(":")[2]
    method = DIGESTS.get(len(wanted))
    if method is None or not re.fullmatch("[0-9a-f]+", wanted):
        return True
    return hashlib.new(method, content, usedforsecurity=False).hexdigest() == wanted


def _keep(path: Path, content: bytes) -> None:
    """Keep a download, whole or not at all; a full disk only costs the second reading."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.{time.monotonic_ns()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)

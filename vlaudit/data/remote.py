"""Files on remote filesystems, through fsspec: tables are copied, pictures are read on demand."""

import posixpath
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from vlaudit.core.dataset import Unreadable
from vlaudit.core.errors import InputError
from vlaudit.data.images import Limits

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
WEB = ("http://", "https://")


def is_remote(place: str) -> bool:
    """Tell whether a place is an address such as s3://bucket/folder rather than a local path."""
    return ADDRESS.match(place) is not None


def is_web(place: str) -> bool:
    """Tell whether a place is an http or https address."""
    return place.lower().startswith(WEB)


def join(folder: str, path: str) -> str:
    """Return the address of a relative path; `::` chains keep what stands behind them."""
    head, chain, inner = folder.partition("::")
    return f"{head.rstrip('/')}/{path}{chain}{inner}"


def filesystem(address: str) -> tuple[Any, str]:
    """Return the filesystem of an address and the path within it.

    Raises:
        InputError: the protocol is unknown, its package is missing, or it lets nobody in.
    """
    import fsspec

    try:
        found: tuple[Any, str] = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise InputError(
            f"data.source {address!r}: no filesystem of this kind is at hand: {error}"
        ) from error
    except OSError as error:
        raise _unreachable(address, error) from error
    return found


def list_files(address: str) -> tuple[str, list[str]]:
    """Return the folder of an address, and the paths of its files relative to that folder.

    The address is that of a file, a folder or a glob.

    Raises:
        InputError: nothing is there, or the filesystem cannot be reached.
    """
    system, path = filesystem(address)
    try:
        if any(sign in path for sign in "*?["):
            root = path[: re.search(r"[*?[]", path).start()].rpartition("/")[0]  # type: ignore[union-attr]
            found = [item for item in system.glob(path) if system.isfile(item)]
        elif system.isfile(path):
            root, found = path.rpartition("/")[0], [path]
        else:
            root, found = path.rstrip("/"), system.find(path)
    except (OSError, ValueError) as error:
        raise _unreachable(address, error) from error
    if not found:
        raise InputError(f"data.source {address!r}: there is no file there; check the address")
    folder = system.unstrip_protocol(root) if "::" not in address else address
    return folder, sorted(posixpath.relpath(item, root or "/") for item in found)


def copy(folder: str, paths: Sequence[PurePosixPath], *, into: Path) -> None:
    """Copy files of a remote folder, with their relative paths.

    Raises:
        InputError: one cannot be read or written.
    """
    system, root = filesystem(folder)
    for path in paths:
        target = into / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            system.get_file(posixpath.join(root, str(path)), str(target))
        except (OSError, ValueError) as error:
            raise _unreachable(join(folder, str(path)), error) from error


def read_remote(folder: str, path: str, *, limits: Limits) -> bytes | Unreadable:
    """Return the content of a file of the store that its table lies in, or why there is none."""
    if is_remote(path):
        if "::" in path or _store(path) != _store(folder):
            return Unreadable(reason="the picture lies in another store than its table")
        address = path
    else:
        if posixpath.normpath(path).startswith(("..", "/")):
            return Unreadable(reason="the path leads out of the source")
        address = join(folder, path)
    try:
        system, place = filesystem(address)
        with system.open(place, "rb") as file:
            content: bytes = file.read(limits.bytes + 1)
    except FileNotFoundError:
        return Unreadable(reason="the file is missing")
    except PermissionError:
        return Unreadable(reason="no permission to read the file")
    except (InputError, OSError, ValueError):
        return Unreadable(reason="the file cannot be read")
    if len(content) > limits.bytes:
        return Unreadable(reason=f"larger than {limits.bytes / 1e6:g} MB")
    return content


def _store(address: str) -> tuple[str, str]:
    protocol, _, rest = address.partition("://")
    return protocol.lower(), rest.partition("/")[0]


def _unreachable(address: str, error: Exception) -> InputError:
    reason = str(error).strip().splitlines()[:1] or [type(error).__name__]
    return InputError(
        f"data.source {address!r} cannot be read: {reason[0]}; "
        "check address, connection and credentials"
    )

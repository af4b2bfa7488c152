"""What foreign loaders raise, as one sentence with a remedy."""

import logging
import os
import pickle
from collections.abc import Generator
from contextlib import contextmanager

from vlaudit.core.errors import MissingExtraError, TargetError, VlauditError


@contextmanager
def readable_errors(where: str, weights: str) -> Generator[None]:
    """Turn what loading `weights` raises into one sentence, and hush the root logger meanwhile.

    Args:
        where: the target, as messages begin.
        weights: the checkpoint or folder that is read.

    Raises:
        TargetError: the weights are unreachable, unsafe, damaged or of another architecture.
        MissingExtraError: a library of an optional extra is missing.
    """
    from safetensors import SafetensorError

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.CRITICAL)
    try:
        yield
    except VlauditError:
        raise
    except pickle.UnpicklingError as error:
        raise TargetError(
            f"{where}: {weights} is not plain weights but a pickle that can run code "
            "when loaded, or damaged; convert it to safetensors, or accept the risk with "
            "--allow-pickle (which becomes a finding)"
        ) from error
    except ImportError as error:
        raise MissingExtraError(extra="hf", purpose=where) from error
    except OSError as error:
        offline = " (HF_HUB_OFFLINE is set)" if os.environ.get("HF_HUB_OFFLINE") else ""
        raise TargetError(
            f"{where} cannot be read{offline}: {first_lines(error)}; "
            "for a hub model check the name and the network, or download it and use local-dir:PATH"
        ) from error
    except (
        RuntimeError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
        EOFError,
        SafetensorError,
    ) as error:
        raise TargetError(f"{where}: {first_lines(error)}") from error
    finally:
        root.setLevel(level)


def first_lines(error: Exception, *, lines: int = 4) -> str:
    """Return the beginning of what an exception says, or that there is nothing to be read."""
    text = str(error).strip()
    if isinstance(error, KeyError | EOFError) or not text:
        return f"the weights cannot be read and may be damaged ({type(error).__name__} {text})"
    kept = [line.strip() for line in text.splitlines()[:lines]]
    if any("size mismatch" in line or "Missing key" in line for line in text.splitlines()):
        kept.insert(0, "the checkpoint is of another architecture than the one named;")
    return " ".join(kept)[:600]

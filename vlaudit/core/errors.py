"""Errors that say what is wrong, where, and what to do about it."""

from collections.abc import Sequence


class VlauditError(Exception):
    """Any error that vlaudit foresees; its text is meant for the person at the terminal."""


class InputError(VlauditError):
    """A configuration, dataset or argument that cannot be used; lists every problem found."""

    def __init__(self, problems: str | Sequence[str]) -> None:
        """Keep each problem as one line of text that names its place and its remedy."""
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class PolicyError(InputError):
    """A policy or framework that cannot be used; lists every problem found."""


class TargetError(VlauditError):
    """A model that cannot be loaded or does not answer."""


class ProbeError(VlauditError):
    """A probe that broke the contract between probes and the engine."""


class MissingExtraError(VlauditError):
    """An optional dependency that is not installed."""

    def __init__(self, *, extra: str, purpose: str) -> None:
        """Name the exact command that installs `extra`, needed for `purpose`."""
        super().__init__(f"{purpose} needs an extra: pip install 'vlaudit[{extra}]'")


class EvidenceError(VlauditError):
    """A run folder that cannot be written or read."""

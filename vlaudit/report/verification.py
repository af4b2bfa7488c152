"""Checks a run folder against itself: digests, verdicts, and the signature where there is one."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vlaudit.core.audit import Evidence
from vlaudit.core.errors import InputError
from vlaudit.core.verdict import Judgement
from vlaudit.evidence import load_judgements, load_run
from vlaudit.evidence.keys import public_key
from vlaudit.evidence.manifest import NAME as MANIFEST
from vlaudit.evidence.manifest import differences
from vlaudit.evidence.sign import BUNDLE, ENVELOPE, bundle_text, sign, signed_by, statement_of
from vlaudit.evidence.terms import Terms, read_terms
from vlaudit.judge import judge
from vlaudit.reading.framework import read_framework
from vlaudit.report import intoto
from vlaudit.report.exchange import JudgedRun

MOST_NAMED = 10
REMEDY = (
    "if the change is yours, `vlaudit report RUN` judges and prints the run anew; if not, run the "
    "audit again"
)

ASK = "ask whoever signed the run for the public key"


class State(StrEnum):
    """What came of a check; `open` is one that could not be made."""

    HOLDS = "holds"
    BROKEN = "broken"
    OPEN = "open"


@dataclass(frozen=True)
class Check:
    """One check of a run folder, and what it found."""

    name: str
    state: State
    detail: str


def verify(run: Path, *, key: Path | None = None) -> tuple[Check, ...]:
    """Check every file by its digest, every verdict by its measurement, and the signature.

    Args:
        run: the run folder.
        key: the public key that the signature must be by; without one it is left open.

    Raises:
        InputError: the folder holds no run, or the key cannot be used.
    """
    if not (run / "run.json").is_file():
        raise InputError(f"{run} is not a run folder (it has no run.json); see `vlaudit run`")
    if key is not None:
        public_key(key)
    return _files(run), _verdicts(run), _signature(run, key)


def attest(run: Path, key: Path) -> tuple[str, str]:
    """Return the signed envelope and bundle over model, data, policy, verdicts and every file.

    Raises:
        InputError: the run was changed since it was judged, or the key cannot be used.
    """
    for check in (_files(run), _verdicts(run)):
        if check.state is not State.HOLDS:
            raise InputError(f"{run} is not signed: {check.name}: {check.detail}; {REMEDY}")
    return sign(_statement(run), key)


def _files(run: Path) -> Check:
    try:
        found = differences(run)
    except InputError as error:
        return Check("files", State.OPEN, str(error))
    if found:
        return Check("files", State.BROKEN, _listed(found))
    return Check("files", State.HOLDS, "every file has the digest that the manifest says")


def _verdicts(run: Path) -> Check:
    try:
        terms = read_terms(run)
        evidence, stored = load_run(run), load_judgements(run)
    except InputError as error:
        missing = not (run / "policy.json").is_file()
        return Check("verdicts", State.OPEN if missing else State.BROKEN, str(error))
    again = _judged(evidence, terms)
    if stored == (again,):
        number = len(again.verdicts)
        return Check("verdicts", State.HOLDS, f"all {number} follow from the measurements")
    kept = {verdict.rule: verdict for each in stored for verdict in each.verdicts}
    other = [
        f"{verdict.rule} is {verdict.status} by its measurement"
        for verdict in again.verdicts
        if kept.get(verdict.rule) != verdict
    ]
    return Check("verdicts", State.BROKEN, _listed(other or ["verdicts.json is not as judged"]))


def _signature(run: Path, key: Path | None) -> Check:
    path = run / ENVELOPE
    if not path.is_file():
        state = State.HOLDS if key is None else State.BROKEN
        return Check("signature", state, "the run is not signed, so digests show accidents only")
    try:
        envelope = path.read_bytes().decode()
        if statement_of(envelope) != _statement(run):
            return Check("signature", State.BROKEN, "the run is not what was signed")
        if key is None:
            said = "not checked: name the signer's public key with --key"
            return Check("signature", State.OPEN, said)
        if not signed_by(envelope, key):
            said = f"{ENVELOPE} was not signed by {key}; {ASK}"
            return Check("signature", State.BROKEN, said)
    except (InputError, UnicodeDecodeError) as error:
        return Check("signature", State.BROKEN, str(error))
    return _bundle(run, envelope, key)


def _bundle(run: Path, envelope: str, key: Path) -> Check:
    """Hold the bundle against the envelope, whose signature holds."""
    path = run / BUNDLE
    if path.is_file() and path.read_bytes() != bundle_text(envelope).encode():
        return Check("signature", State.BROKEN, f"{BUNDLE} is not what was signed")
    return Check("signature", State.HOLDS, f"model, data, policy and files are signed by {key}")


def _statement(run: Path) -> str:
    evidence, terms = load_run(run), read_terms(run)
    framework = read_framework(terms.policy.framework)
    judged = JudgedRun(evidence, _judged(evidence, terms), terms.policy, framework)
    return intoto.statement(
        judged, files=(*intoto.EVIDENCE, "policy.json", "verdicts.json", MANIFEST)
    )


def _judged(evidence: Evidence, terms: Terms) -> Judgement:
    framework = read_framework(terms.policy.framework)
    return judge(evidence, terms.policy, framework, today=terms.day)


def _listed(problems: list[str]) -> str:
    more = len(problems) - MOST_NAMED
    return "; ".join(problems[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")

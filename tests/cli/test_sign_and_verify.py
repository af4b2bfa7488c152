"""`vlaudit verify` finds every changed byte; a signature names who vouches for the rest."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.cli.conftest import Verb
from vlaudit.evidence.sign import BUNDLE, ENVELOPE, PAYLOAD_TYPE


@pytest.fixture
def judged(vlaudit: Verb, run: Path) -> Path:
    assert vlaudit("report", run).exit_code == 0
    return run


@pytest.fixture
def signed(vlaudit: Verb, judged: Path, tmp_path: Path) -> Path:
    done = vlaudit("sign", judged, "--key", tmp_path / "key.pem", "--new-key")
    assert done.exit_code == 0, done.output
    return judged


def test_an_untouched_run_holds(vlaudit: Verb, judged: Path) -> None:
    done = vlaudit("verify", judged)
    assert done.exit_code == 0, done.output
    assert "all 1 follow from the measurements" in done.output
    assert "the run is not signed" in done.output


def test_a_changed_byte_of_any_file_is_found(vlaudit: Verb, signed: Path, tmp_path: Path) -> None:
    public = tmp_path / "key.pem.pub"
    assert vlaudit("verify", signed, "--key", public).exit_code == 0
    for path in sorted(each for each in signed.rglob("*") if each.is_file()):
        raw = path.read_bytes()
        for place in {0, len(raw) // 2, len(raw) - 1} if raw else set[int]():
            path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
            done = vlaudit("verify", signed, "--key", public)
            assert done.exit_code in {1, 2}, (path.name, place, done.output)
        path.write_bytes(raw)
    assert vlaudit("verify", signed, "--key", public).exit_code == 0


def test_a_forged_verdict_is_recomputed(vlaudit: Verb, judged: Path) -> None:
    from vlaudit.evidence import write_manifest

    path = judged / "verdicts.json"
    path.write_text(path.read_text().replace('"status": "fail"', '"status": "pass"'))
    write_manifest(judged)
    done = vlaudit("verify", judged)
    assert done.exit_code == 1
    assert "broken  verdicts: equal is fail by its measurement" in done.output


def test_added_and_missing_files_are_named(vlaudit: Verb, judged: Path) -> None:
    (judged / "extra.txt").write_text("x")
    (judged / "report.md").unlink()
    done = vlaudit("verify", judged)
    assert done.exit_code == 1
    assert "report.md is missing; extra.txt was added" in done.output


def test_a_signature_nobody_checked_is_open(vlaudit: Verb, signed: Path) -> None:
    done = vlaudit("verify", signed)
    assert done.exit_code == 3
    assert "open    signature: not checked" in done.output


def test_another_key_is_refused(vlaudit: Verb, signed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    vlaudit("sign", signed, "--key", other, "--new-key")
    done = vlaudit("verify", signed, "--key", tmp_path / "key.pem.pub")
    assert done.exit_code == 1
    assert "was not signed by" in done.output


def test_a_run_signed_and_judged_anew_must_be_signed_anew(
    vlaudit: Verb, signed: Path, tmp_path: Path
) -> None:
    (signed / "note.txt").write_text("later")
    assert vlaudit("report", signed).exit_code == 0
    done = vlaudit("verify", signed, "--key", tmp_path / "key.pem.pub")
    assert done.exit_code == 1
    assert "the run is not what was signed" in done.output


def test_the_envelope_is_plain_dsse_and_the_bundle_sigstores(signed: Path, tmp_path: Path) -> None:
    """Checked by hand, after the DSSE specification, without the code that signed."""
    envelope = json.loads((signed / ENVELOPE).read_text())
    body = base64.b64decode(envelope["payload"])
    head = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(body)} ".encode()
    key = load_pem_public_key((tmp_path / "key.pem.pub").read_bytes())
    key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), head + body)  # type: ignore
    names = {each["name"] for each in json.loads(body)["subject"]}
    assert {"model:m", "dataset:d", "r1/MANIFEST.json", "r1/verdicts.json"} <= names
    bundle = json.loads((signed / BUNDLE).read_text())
    assert bundle["dsseEnvelope"] == envelope
    assert bundle["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0


def pem(key: Any, password: bytes | None = None) -> bytes:
    lock = forms.NoEncryption() if password is None else forms.BestAvailableEncryption(password)
    return bytes(key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, lock))


def public_pem(key: Any) -> bytes:
    spki = forms.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_key().public_bytes(forms.Encoding.PEM, spki))


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_keys_of_ecdsa_sign_too(
    vlaudit: Verb, judged: Path, tmp_path: Path, curve: ec.EllipticCurve
) -> None:
    key, public = tmp_path / "ec.pem", tmp_path / "ec.pub"
    made = ec.generate_private_key(curve)
    key.write_bytes(pem(made))
    public.write_bytes(public_pem(made))
    assert vlaudit("sign", judged, "--key", key).exit_code == 0
    assert vlaudit("verify", judged, "--key", public).exit_code == 0
    (judged / "run.json").write_text((judged / "run.json").read_text() + " ")
    assert vlaudit("verify", judged, "--key", public).exit_code == 1


UNUSABLE: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "is no private key in PEM form; make one with", "is no public key in PEM"),
    "no key": (b"no key", "is no private key in PEM form; make one", "ask the signer for it"),
    "locked": (
        pem(ed25519.Ed25519PrivateKey.generate(), b"secret"),
        "is locked with a password; write it without one: openssl pkey -in",
        "is a private key; name its public half",
    ),
    "another kind": (
        pem(ed448.Ed448PrivateKey.generate()),
        "is a key of another kind: keys are ed25519 or ECDSA",
        "is a private key; name its public half",
    ),
    "another curve": (
        pem(ec.generate_private_key(ec.SECP256K1())),
        "is a key of another kind",
        "is a private key",
    ),
    "public half": (
        public_pem(ed448.Ed448PrivateKey.generate()),
        "is the public half of a key; name the private one to sign",
        "is a key of another kind: keys are ed25519 or ECDSA",
    ),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_of_a_key_that_cannot_be_used_the_remedy_is_said(
    vlaudit: Verb, judged: Path, tmp_path: Path, name: str
) -> None:
    raw, to_sign, to_verify = UNUSABLE[name]
    key = tmp_path / "key.pem"
    key.write_bytes(raw)
    for verb, said in (("sign", to_sign), ("verify", to_verify)):
        done = vlaudit(verb, judged, "--key", key)
        assert done.exit_code == 2
        assert said in done.output


def test_a_key_that_is_not_there_is_said(vlaudit: Verb, judged: Path, tmp_path: Path) -> None:
    absent = vlaudit("sign", judged, "--key", tmp_path / "absent.pem")
    assert "there is no key" in absent.output
    assert "make one with `vlaudit sign RUN --key KEY --new-key`" in absent.output
    assert vlaudit("verify", judged, "--key", tmp_path / "absent.pub").exit_code == 2
    folder = vlaudit("sign", judged, "--key", tmp_path)
    assert "cannot be read: Is a directory" in folder.output


def test_what_cannot_be_signed_is_said(vlaudit: Verb, judged: Path, tmp_path: Path) -> None:
    (judged / "extra.txt").write_text("x")
    done = vlaudit("sign", judged, "--key", tmp_path / "k.pem", "--new-key")
    assert "`vlaudit report RUN` judges and prints the run anew" in done.output
    assert not (judged / ENVELOPE).exists()
    again = vlaudit("sign", judged, "--key", tmp_path / "k.pem", "--new-key")
    assert "never overwritten: leave out --new-key" in again.output

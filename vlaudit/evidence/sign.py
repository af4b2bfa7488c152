"""Signs statements with a key of one's own: a DSSE envelope, and the same as a sigstore bundle."""

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vlaudit.core.errors import InputError, MissingExtraError
from vlaudit.evidence.files import write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

PAYLOAD_TYPE = "application/vnd.in-toto+json"
BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
ENVELOPE = "attestation.intoto.jsonl"
BUNDLE = "attestation.sigstore.json"


def make_key(path: Path) -> tuple[Path, Path]:
    """Write a new ed25519 key that only its owner can read, and `PATH.pub`; return both paths.

    Raises:
        InputError: there is a file of that name.
    """
    _needs_cryptography()
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = path.with_name(f"{path.name}.pub")
    for each in (path, public):
        if each.exists():
            raise InputError(f"{each} exists; a key is never overwritten")
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    )
    write_whole(public, _pem(key.public_key()))
    return path, public


def sign(statement: str, key: Path) -> tuple[str, str]:
    """Return a statement as a signed envelope, one line, and as a sigstore bundle.

    Args:
        statement: the in-toto statement as JSON.
        key: an ed25519 key in PEM without a password, as `make_key` and openssl write it.

    Raises:
        InputError: the key cannot be used.
    """
    private = _private(key)
    raw = statement.encode()
    signature = private.sign(_encoded(PAYLOAD_TYPE, raw))
    name = key_id(private.public_key())
    envelope = {
        "payload": _text(raw),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": name, "sig": _text(signature)}],
    }
    line = envelope_text(envelope)
    return line, bundle_text(line)


def statement_of(envelope: str) -> str:
    """Return the statement of an envelope, whoever signed it.

    Raises:
        InputError: the text is no envelope as `sign` writes it, to the byte.
    """
    try:
        read = json.loads(envelope)
        text = base64.b64decode(read["payload"], validate=True).decode()
        parts = [read["payload"], *(one["sig"] for one in read["signatures"])]
        exact = all(_text(base64.b64decode(one, validate=True)) == one for one in parts)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{ENVELOPE} is no signed envelope: {error}") from error
    if not exact or envelope_text(read) != envelope or read["payloadType"] != PAYLOAD_TYPE:
        raise InputError(f"{ENVELOPE} was changed after it was signed")
    return text


def signed_by(envelope: str, key: Path) -> bool:
    """Tell whether the holder of a public key signed an envelope.

    Raises:
        InputError: the key cannot be used, or the text is no envelope.
    """
    public = _public(key)
    from cryptography.exceptions import InvalidSignature

    message = _encoded(PAYLOAD_TYPE, statement_of(envelope).encode())
    for one in json.loads(envelope)["signatures"]:
        try:
            public.verify(base64.b64decode(one["sig"]), message)
        except InvalidSignature:
            continue
        return bool(one["keyid"] == key_id(public))
    return False


def bundle_text(envelope: str) -> str:
    """Return an envelope as a sigstore bundle without a transparency log."""
    read = json.loads(envelope)
    bundle = {
        "mediaType": BUNDLE_TYPE,
        "verificationMaterial": {
            "publicKey": {"hint": read["signatures"][0]["keyid"]},
            "tlogEntries": [],
        },
        "dsseEnvelope": read,
    }
    return json.dumps(bundle, indent=2) + "\n"


def envelope_text(envelope: dict[str, Any]) -> str:
    """Return an envelope as its one line."""
    return json.dumps(envelope, separators=(",", ":")) + "\n"


def key_id(public: "Ed25519PublicKey") -> str:
    """Return the name of a key: SHA-256 of its SubjectPublicKeyInfo."""
    from cryptography.hazmat.primitives import serialization as forms

    raw = public.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(raw).hexdigest()


def _encoded(kind: str, body: bytes) -> bytes:
    """Return what a DSSE signature covers (DSSE v1, pre-authentication encoding)."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _pem(public: "Ed25519PublicKey") -> bytes:
    from cryptography.hazmat.primitives import serialization as forms

    return public.public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)


def _private(path: Path) -> "Ed25519PrivateKey":
    _needs_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} is no key that can sign: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path} is no ed25519 key; make one with `vlaudit sign --new-key PATH`")
    return key


def _public(path: Path) -> "Ed25519PublicKey":
    _needs_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} is no public key: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{path} is no public ed25519 key")
    return key


def _needs_cryptography() -> None:
    from importlib.util import find_spec

    if find_spec("cryptography") is None:
        raise MissingExtraError(extra="sign", purpose="A signature")

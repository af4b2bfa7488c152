"""Signs statements with a key of one's own: a DSSE envelope, and the same as a sigstore bundle."""

import base64
import json
from pathlib import Path
from typing import Any

from vlaudit.core.errors import InputError
from vlaudit.evidence.keys import holds, key_id, private_key, public_key, signature

PAYLOAD_TYPE = "application/vnd.in-toto+json"
BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
ENVELOPE = "attestation.intoto.jsonl"
BUNDLE = "attestation.sigstore.json"


def sign(statement: str, key: Path) -> tuple[str, str]:
    """Return a statement as a signed envelope, one line, and as a sigstore bundle.

    Args:
        statement: the in-toto statement as JSON.
        key: an ed25519 or ECDSA key in PEM without a password, as openssl writes it.

    Raises:
        InputError: the key cannot be used.
    """
    private = private_key(key)
    raw = statement.encode()
    signed = signature(private, _encoded(PAYLOAD_TYPE, raw))
    name = key_id(private.public_key())
    envelope = {
        "payload": _text(raw),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": name, "sig": _text(signed)}],
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
    public = public_key(key)
    message = _encoded(PAYLOAD_TYPE, statement_of(envelope).encode())
    return any(
        holds(public, base64.b64decode(one["sig"]), message) and one["keyid"] == key_id(public)
        for one in json.loads(envelope)["signatures"]
    )


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


def _encoded(kind: str, body: bytes) -> bytes:
    """Return what a DSSE signature covers (DSSE v1, pre-authentication encoding)."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")

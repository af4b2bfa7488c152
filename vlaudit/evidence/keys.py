"""Keys of one's own that sign a run: ed25519, or ECDSA on a NIST curve, in PEM files."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vlaudit.core.errors import InputError, MissingExtraError
from vlaudit.evidence.files import write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import (
        ECDSA,
        EllipticCurve,
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey
    PublicKey = Ed25519PublicKey | EllipticCurvePublicKey

MAKE = "make one with `vlaudit sign RUN --key KEY --new-key`"
KINDS = "keys are ed25519 or ECDSA (P-256, P-384, P-521)"
PRIVATE, PUBLIC = b"PRIVATE KEY-----", b"PUBLIC KEY-----"


def make_key(path: Path) -> tuple[Path, Path]:
    """Write a new ed25519 key that only its owner can read, and `PATH.pub`; return both paths.

    Raises:
        InputError: there is a file of that name, or none can be written.
    """
    _needs_cryptography()
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = path.with_name(f"{path.name}.pub")
    for each in (path, public):
        if each.exists():
            raise InputError(
                f"{each} exists; a key is never overwritten: leave out --new-key to sign with it, "
                "or name another file"
            )
    key = Ed25519PrivateKey.generate()
    raw = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(raw)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; name another file") from None
    spki = forms.PublicFormat.SubjectPublicKeyInfo
    write_whole(public, key.public_key().public_bytes(forms.Encoding.PEM, spki))
    return path, public


def private_key(path: Path) -> "PrivateKey":
    """Return the key that signs.

    Raises:
        InputError: the key cannot be used; the text says why and what to do.
    """
    _needs_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    raw = _read(path, f"name your private key, or {MAKE}")
    if PUBLIC in raw and PRIVATE not in raw:
        raise InputError(f"{path} is the public half of a key; name the private one to sign")
    try:
        key = load_pem_private_key(raw, password=None)
    except TypeError:
        raise InputError(
            f"{path} is locked with a password; write it without one: openssl pkey -in {path}"
        ) from None
    except ValueError:
        raise InputError(f"{path} is no private key in PEM form; {MAKE}") from None
    if isinstance(key, Ed25519PrivateKey) or (
        isinstance(key, EllipticCurvePrivateKey) and _known(key.curve)
    ):
        return key
    raise InputError(f"{path} is a key of another kind: {KINDS}; {MAKE}")


def public_key(path: Path) -> "PublicKey":
    """Return the key that signatures are held against.

    Raises:
        InputError: the key cannot be used; the text says why and what to do.
    """
    _needs_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    raw = _read(path, "name the signer's public key; `vlaudit sign` writes it to KEY.pub")
    if PRIVATE in raw:
        raise InputError(f"{path} is a private key; name its public half, such as {path}.pub")
    try:
        key = load_pem_public_key(raw)
    except ValueError:
        raise InputError(f"{path} is no public key in PEM form; ask the signer for it") from None
    if isinstance(key, Ed25519PublicKey) or (
        isinstance(key, EllipticCurvePublicKey) and _known(key.curve)
    ):
        return key
    raise InputError(f"{path} is a key of another kind: {KINDS}")


def signature(key: "PrivateKey", message: bytes) -> bytes:
    """Return the signature of a message; that of ECDSA is in DER form."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    return key.sign(message, _ecdsa(key.curve))


def holds(key: "PublicKey", signed: bytes, message: bytes) -> bool:
    """Tell whether a signature of a message is by the holder of the key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signed, message)
        else:
            key.verify(signed, message, _ecdsa(key.curve))
    except InvalidSignature:
        return False
    return True


def key_id(public: "PublicKey") -> str:
    """Return the name of a key: SHA-256 of its SubjectPublicKeyInfo."""
    from cryptography.hazmat.primitives import serialization as forms

    raw = public.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(raw).hexdigest()


def _ecdsa(curve: "EllipticCurve") -> "ECDSA":
    """Return ECDSA with the hash that belongs to the size of a curve (FIPS 186-5)."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    kinds: dict[str, Callable[[], hashes.HashAlgorithm]] = {
        "secp256r1": hashes.SHA256,
        "secp384r1": hashes.SHA384,
        "secp521r1": hashes.SHA512,
    }
    return ECDSA(kinds[curve.name]())


def _known(curve: "EllipticCurve") -> bool:
    return curve.name in {"secp256r1", "secp384r1", "secp521r1"}


def _read(path: Path, remedy: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"there is no key {path}; {remedy}") from None
    except OSError as error:
        raise InputError(f"the key {path} cannot be read: {error.strerror}; {remedy}") from None


def _needs_cryptography() -> None:
    from importlib.util import find_spec

    if find_spec("cryptography") is None:
        raise MissingExtraError(extra="sign", purpose="A signature")

"""Content credentials hold until the picture, the manifest or the signature is touched."""

import datetime
import importlib
import io
import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from vlaudit.detect.credentials import carried, holds, installed
from vlaudit.detect.masking import bare
from vlaudit.detect.metadata import Kind, traces

MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
Key = ec.EllipticCurvePrivateKey


def certificate(name: str, key: Key, issuer: str, issuer_key: Key) -> bytes:
    """Return a certificate as PEM; one that issues itself may issue others."""
    ca, day = name == issuer, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    names = [
        x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Imaginary"),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )
        for common in (name, issuer)
    ]
    use = x509.KeyUsage(
        digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder(names[1], names[0], key.public_key(), 7)
        .not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=36500))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(use, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if not ca:
        use_for = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        made = made.add_extension(use_for, critical=False)
    return made.sign(issuer_key, hashes.SHA256()).public_bytes(Encoding.PEM)


@cache
def signed() -> bytes:
    """Return a JPEG with credentials that say that a model made it, signed by nobody known."""
    c2pa: Any = importlib.import_module("c2pa")
    root, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    chain = certificate("signer", own, "root", root) + certificate("root", root, "root", root)

    def sign(data: bytes) -> bytes:
        parts = utils.decode_dss_signature(own.sign(data, ec.ECDSA(hashes.SHA256())))
        return b"".join(part.to_bytes(32, "big") for part in parts)

    signer = c2pa.Signer.from_callback(sign, c2pa.C2paSigningAlg.ES256, chain.decode(), None)
    action = {"action": "c2pa.created", "digitalSourceType": MADE}
    claim = {
        "claim_generator_info": [{"name": "test", "version": "1"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}],
    }
    plain, out = io.BytesIO(), io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(plain, "JPEG")
    plain.seek(0)
    c2pa.Builder(json.dumps(claim)).sign(signer, "image/jpeg", plain, out)
    return bytes(out.getvalue())


def flipped(data: bytes, place: int) -> bytes:
    """Return bytes of which one is another."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place:][1:]


def test_untouched_credentials_hold_and_say_that_a_model_made_the_picture() -> None:
    assert installed()
    assert carried(signed())
    assert holds(signed())
    kinds = {trace.kind for trace in traces(signed())}
    assert kinds >= {Kind.CONTENT_CREDENTIALS, Kind.GENERATED}
    assert Kind.BROKEN_CREDENTIALS not in kinds


@pytest.mark.parametrize("change", ["pixels", "claim", "cut", "no picture"])
def test_credentials_do_not_hold_once_anything_is_touched(change: str) -> None:
    data = signed()
    touched = {
        "pixels": flipped(data, len(data) - 200),
        "claim": flipped(data, data.index(b"trainedAlgorithmicMedia")),
        "cut": data[:3000],
        "no picture": b"jumdc2pa",
    }[change]
    assert not holds(touched)
    assert Kind.BROKEN_CREDENTIALS in {trace.kind for trace in traces(touched)}


def test_a_stripped_file_carries_none() -> None:
    assert not carried(bare(signed()))

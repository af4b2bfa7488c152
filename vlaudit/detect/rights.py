"""What terms a row is under: families of licences, sources that opted out, deletion requests."""

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from scipy.fft import dctn

from vlaudit.core.errors import InputError


class Family(StrEnum):
    """Terms that licences have in common, from the freest to none that is known."""

    PUBLIC_DOMAIN = "public_domain"
    ATTRIBUTION = "attribution"
    SHARE_ALIKE = "share_alike"
    NON_COMMERCIAL = "non_commercial"
    NO_DERIVATIVES = "no_derivatives"
    RESERVED = "all_rights_reserved"
    OTHER = "other"
    MISSING = "missing"


RESTRICTED = (Family.NON_COMMERCIAL, Family.NO_DERIVATIVES, Family.RESERVED)
# The first that fits counts: a licence that forbids commercial use may demand attribution too.
FORMS: Mapping[Family, str] = {
    Family.MISSING: r"(?:unknown|none|n/?a|null|nan|not specified|unspecified|-+|\?+|other|tbd)",
    Family.RESERVED: r".*\b(?:all rights reserved|proprietary|copyrighted|getty|shutterstock|"
    r"editorial use|unlicensed|no licen[cs]e|rights managed)\b.*",
    Family.NO_DERIVATIVES: r".*(?:\bnd\b|no ?-?deriv).*",
    Family.NON_COMMERCIAL: r".*(?:\bnc\b|non ?-?commercial|research only|academic use).*",
    Family.PUBLIC_DOMAIN: r".*(?:\bcc ?-?0\b|\bcc-zero\b|public ?-?domain|publicdomain|\bpdm\b|"
    r"\bpddl\b|unlicense|government work|no known copyright|\b0bsd\b|\bwtfpl\b).*",
    Family.SHARE_ALIKE: r".*(?:\bsa\b|share ?-?alike|\ba?gpl|\blgpl|\bgnu\b|\bodbl\b|"
    r"\bgfdl\b|\bmpl\b).*",
    Family.ATTRIBUTION: r".*(?:\bby\b|attribution|\bapache\b|\bmit\b|\bbsd\b|\bofl\b|\bisc\b|"
    r"\bodc-by\b|\bcdla-permissive|\bunsplash\b|\bpexels\b|\bpixabay\b).*",
}


def family(licence: str | None) -> Family:
    """Return the family of a licence, named by SPDX identifier, address or in words."""
    text = re.sub(r"[\s_]+", " ", (licence or "").strip().lower())
    # Versions and separators of addresses and identifiers are no part of the terms.
    words = re.sub(r"[/.]+", " ", text) if "creativecommons" in text else text
    if not text:
        return Family.MISSING
    return next((kind for kind, form in FORMS.items() if re.fullmatch(form, words)), Family.OTHER)


@dataclass(frozen=True)
class OptOuts:
    """Hosts and addresses whose owners reserve their content.

    Attributes:
        hosts: names of hosts, their sub-domains included.
        prefixes: beginnings of addresses without their scheme.
    """

    hosts: frozenset[str]
    prefixes: tuple[str, ...]

    def covers(self, source: str | None) -> bool:
        """Tell whether a source stands on the list."""
        address = _without_scheme(source or "")
        host = re.split(r"[/:?#]", address, maxsplit=1)[0]
        labels = host.split(".")
        ends = {".".join(labels[i:]) for i in range(len(labels))}
        return bool(ends & self.hosts) or any(_begins(address, p) for p in self.prefixes)


def opt_outs(entries: Sequence[str]) -> OptOuts:
    """Read hosts (`example.com`) and beginnings of addresses (`https://example.com/photos/`)."""
    plain = [_without_scheme(entry).rstrip("/") for entry in entries if entry.strip()]
    hosts = frozenset(entry.removeprefix("*.") for entry in plain if "/" not in entry)
    return OptOuts(hosts, tuple(entry for entry in plain if "/" in entry))


def _without_scheme(address: str) -> str:
    text = address.strip()
    if "://" in text:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2].lower()
        return host + parts.path + (f"?{parts.query}" if parts.query else "")
    host, slash, path = text.partition("/")
    return host.lower() + slash + path


def _begins(address: str, prefix: str) -> bool:
    return address == prefix or address.startswith((f"{prefix}/", f"{prefix}?"))


DIGESTS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
HASH_BITS = 64


@dataclass(frozen=True)
class Deletions:
    """Pictures that were asked to be removed.

    Attributes:
        digests: checksums of files in hexadecimal digits.
        hashes: perceptual hashes, uint64.
    """

    digests: frozenset[str]
    hashes: tuple[int, ...]

    @cached_property
    def _lengths(self) -> frozenset[int]:
        return frozenset(map(len, self.digests))

    @cached_property
    def _listed(self) -> NDArray[np.uint64]:
        return np.array(self.hashes, dtype=np.uint64)

    def names(self, file: bytes, recorded: str | None) -> bool:
        """Tell whether a file, or the checksum recorded of it, was asked to be removed."""
        if (recorded or "").strip().lower().rpartition(":")[2] in self.digests:
            return True
        lengths = self._lengths if file else frozenset[int]()
        return any(
            hashlib.new(DIGESTS[n], file, usedforsecurity=False).hexdigest() in self.digests
            for n in lengths
        )

    def resembles(self, file: bytes, most: int) -> bool:
        """Tell whether a picture differs in at most `most` of 64 bits from one to be removed."""
        if not self.hashes or not file:
            return False
        try:
            with Image.open(io.BytesIO(file)) as opened:
                mine = perceptual_hash(ImageOps.exif_transpose(opened))
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            return False
        return bool((np.bitwise_count(self._listed ^ np.uint64(mine)) <= most).any())


def deletions(entries: Sequence[str]) -> Deletions:
    """Read checksums (MD5, SHA-1, SHA-256 or SHA-512) and perceptual hashes (`phash:` and hex).

    Raises:
        InputError: an entry is neither; it is told by its place, not quoted.
    """
    digests: set[str] = set()
    hashes: list[int] = []
    for place, entry in enumerate(entries):
        text = entry.strip().lower()
        if re.fullmatch(r"phash:[0-9a-f]{16}", text):
            hashes.append(int(text.removeprefix("phash:"), 16))
        elif re.fullmatch(r"[0-9a-f]+", text) and len(text) in DIGESTS:
            digests.add(text)
        else:
            raise InputError(
                f"deletions[{place}]: write a checksum in hexadecimal digits, "
                "or phash: and 16 of them"
            )
    return Deletions(frozenset(digests), tuple(hashes))


def perceptual_hash(picture: Image.Image) -> int:
    """Return the 64 signs of a picture's lowest frequencies against their median (pHash).

    It survives scaling, recompression and small changes of brightness. Zauner (2010).
    """
    grey = picture.convert("L").resize((32, 32), Image.Resampling.LANCZOS)
    return int(hash_codes(np.asarray(grey, dtype=np.float64)[None])[0])


def hash_codes(greys: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return the perceptual hashes of grey pictures of shape (rows, 32, 32), uint64."""
    waves = dctn(greys, axes=(1, 2))[:, :8, :8].reshape(-1, 64)
    signs = waves > np.median(waves, axis=1, keepdims=True)
    return np.packbits(signs, axis=1).view(">u8")[:, 0].astype(np.uint64)


def recorded_rightly(file: bytes, recorded: str) -> bool | None:
    """Tell whether a recorded checksum is that of a file; None where it is no known checksum."""
    text = recorded.strip().lower().rpartition(":")[2]
    name = DIGESTS.get(len(text))
    if name is None or not re.fullmatch(r"[0-9a-f]+", text):
        return None
    return hashlib.new(name, file, usedforsecurity=False).hexdigest() == text


@dataclass(frozen=True)
class Terms:
    """The lists that rows are held against.

    Attributes:
        out: who opted out.
        gone: what was asked to be deleted.
        likeness: bits by which a picture may differ from one to be deleted.
    """

    out: OptOuts
    gone: Deletions
    likeness: int

    def broken(
        self, licence: str | None, source: str | None, recorded: str | None, file: bytes | None
    ) -> set[str]:
        """Return what is wrong with a row: `unlicensed`, `restricted`, `undeleted` and so on."""
        kind, picture = family(licence), file or b""
        asked = self.gone.names(picture, recorded) or self.gone.resembles(picture, self.likeness)
        facts = {
            "undeleted": asked,
            "opted_out": self.out.covers(source),
            "changed": bool(picture and recorded)
            and recorded_rightly(picture, recorded or "") is False,
            "restricted": kind in RESTRICTED,
            "unlicensed": kind is Family.MISSING,
            "sourceless": not source,
        }
        return {name for name, true in facts.items() if true}

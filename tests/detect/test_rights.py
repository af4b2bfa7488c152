"""Licences by family, owners who opted out, and pictures that were asked to be deleted."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from vlaudit.core.errors import InputError
from vlaudit.detect.rights import (
    Deletions,
    Family,
    deletions,
    family,
    opt_outs,
    perceptual_hash,
    recorded_rightly,
)

LICENCES = {
    Family.PUBLIC_DOMAIN: ["CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/",
                           "No known copyright restrictions", "United States Government Work"],
    Family.ATTRIBUTION: ["cc-by-4.0", "CC BY 2.0", "MIT", "Apache-2.0", "BSD-3-Clause", "OFL-1.1",
                         "http://creativecommons.org/licenses/by/2.0/"],
    Family.SHARE_ALIKE: ["CC BY-SA 3.0", "GPL-3.0-only", "ODbL-1.0", "cc_by_sa_4.0"],
    Family.NON_COMMERCIAL: ["CC-BY-NC-4.0", "Attribution-NonCommercial-ShareAlike License",
                            "https://creativecommons.org/licenses/by-nc/4.0/", "research only"],
    Family.NO_DERIVATIVES: ["Attribution-NoDerivs License", "CC BY-NC-ND 4.0",
                            "http://creativecommons.org/licenses/by-nd/2.0/"],
    Family.RESERVED: ["All rights reserved", "© Getty Images", "no license"],
    Family.MISSING: ["", " ", "unknown", "N/A", "None", "?"],
    Family.OTHER: ["openrail", "my company's terms", "see website"],
}  # fmt: skip


@pytest.mark.parametrize("kind", LICENCES)
def test_licences_are_filed_by_their_terms(kind: Family) -> None:
    assert {text: family(text) for text in LICENCES[kind]} == dict.fromkeys(LICENCES[kind], kind)
    assert family(None) is Family.MISSING


@pytest.mark.parametrize(
    ("source", "covered"),
    [
        ("https://reserved.example/a.png", True),
        ("http://IMG.Reserved.Example:8080/a", True),
        ("reserved.example", True),
        ("https://user@reserved.example/x", True),
        ("https://notreserved.example/a", False),
        ("https://open.example/?from=reserved.example", False),
        ("https://open.example/private/1.jpg", True),
        ("https://open.example/private", True),
        ("https://open.example/privateer/1.jpg", False),
        ("a shelf in the archive", False),
        (None, False),
    ],
)
def test_sources_are_held_against_hosts_and_addresses(source: str | None, covered: bool) -> None:
    listed = opt_outs(["*.reserved.example", "https://open.example/private/", " "])
    assert listed.covers(source) is covered


def picture(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (7, 9, 3), dtype=np.uint8))
    return coarse.resize((180, 140), Image.Resampling.BICUBIC)


def file(image: Image.Image, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
def test_files_are_found_by_any_checksum_and_by_the_recorded_one(name: str) -> None:
    content = file(picture(0))
    digest = hashlib.new(name, content).hexdigest()
    listed = deletions([digest.upper()])
    assert listed.names(content, None)
    assert listed.names(b"", f"{name}:{digest}")
    assert not listed.names(file(picture(1)), "0" * 40)
    assert recorded_rightly(content, f"{name}:{digest}")
    assert recorded_rightly(b"other", digest) is False
    assert recorded_rightly(content, "v1-not-a-checksum") is None


def test_copies_are_alike_and_others_are_not() -> None:
    listed = Deletions(frozenset(), (perceptual_hash(picture(0)),))
    small = picture(0).resize((90, 70))
    brighter = ImageEnhance.Brightness(picture(0)).enhance(1.15)
    for copy in (file(picture(0), 40), file(small), file(brighter)):
        assert listed.resembles(copy, 6)
    assert not any(listed.resembles(file(picture(seed)), 6) for seed in range(1, 100))
    assert not listed.resembles(b"no picture", 6)


@pytest.mark.parametrize("entry", ["phash:12", "xyz", "", "a" * 33, "jane@example.com"])
def test_an_entry_that_is_no_checksum_is_told_by_its_place(entry: str) -> None:
    with pytest.raises(InputError, match=r"deletions\[1\]") as told:
        deletions(["0" * 32, entry])
    assert entry == "" or entry not in str(told.value)

"""Files with known faults are told from files without, whatever they are called and packed in."""

import hashlib
import io
import itertools
import json
import pickle
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.detect.weights.corpus import (
    GADGETS,
    Maker,
    hidden_call,
    hostile,
    innocent,
    stack_call,
    text_call,
)
from vlaudit.detect.weights.imports import Danger, danger
from vlaudit.detect.weights.survey import TRIED, Survey, survey
from vlaudit.selftest.fakes.checkpoint import MemoryFiles, safetensors


def look(files: dict[str, bytes], **more: Any) -> Survey:
    return survey(MemoryFiles(files, **more))


def kinds(seen: Survey) -> list[str]:
    return [issue.finding.kind for issue in seen.issues]


def test_every_call_is_found_in_every_packing() -> None:
    planted = list(itertools.islice(hostile(), TRIED))
    missed = [name for name, held in planted if "code_in_pickle" not in kinds(look({name: held}))]
    assert (len(planted), missed[:5]) == (TRIED, [])


def test_files_of_data_accuse_nobody() -> None:
    files = list(innocent(TRIED))
    accused = [name for name, held in files if look({name: held}).count("dangerous_files")]
    assert (len(files), accused[:5]) == (TRIED, [])


@pytest.mark.parametrize("version", [1, 2])
def test_arrays_of_objects_are_pickles(version: int) -> None:
    head = f"{{'descr': '|O', 'fortran_order': False, 'shape': (1,), }}{' ' * 8}\n".encode()
    size = len(head).to_bytes(2 if version == 1 else 4, "little")
    content = b"\x93NUMPY" + bytes([version, 0]) + size + head + text_call("os", "system")
    assert look({"array.npy": content}).count("dangerous_files") == 1


def test_an_archive_that_cannot_be_opened_is_not_passed() -> None:
    for head in (b"7z\xbc\xaf\x27\x1c", b"PK\x03\x04", b"\x1f\x8b\x08"):
        assert look({"model.bin": head + bytes(40)}).count("dangerous_files") == 1


def test_a_name_that_is_computed_is_not_passed() -> None:
    computed = b"\x80\x04\x8c\x02os)\x93)R."
    seen = look({"model.pkl": computed})
    assert seen.issues[1].finding.evidence["imports"] == "os.?"


def test_digests_are_read_in_every_usual_form() -> None:
    files = {"a.json": b"{}", "b/c.txt": b"words"}
    digest = {name: hashlib.sha256(held).hexdigest() for name, held in files.items()}
    lines = "\n".join(f"{digest[name]} *./{name}" for name in files)
    tagged = "\n".join(f"SHA256 ({name}) = {digest[name]}" for name in files)
    resources = [{"name": name, "digest": digest[name], "algorithm": "sha256"} for name in files]
    statement = {
        "subject": [{"name": "model", "digest": {"sha256": "0" * 64}}],
        "predicate": {"resources": resources},
    }
    envelope = {"payload": b64encode(json.dumps(statement).encode()).decode()}
    seen = look(files)
    for name, text in {
        "SHA256SUMS": lines,
        "checksums.txt": tagged.upper().replace("A.JSON", "a.json").replace("B/C.TXT", "b/c.txt"),
        "manifest.json": json.dumps({name: f"sha256:{digest[name]}" for name in files}),
        "digests.json": json.dumps({"files": [{"path": n, "sha256": digest[n]} for n in files]}),
        "model.sig": json.dumps({"dsseEnvelope": envelope}),
    }.items():
        seen = look({**files, name: text.encode()})
        assert (seen.listed, kinds(seen)) == ((name,), []), name
        altered = look({**files, "a.json": b"[]", name: text.encode()})
        assert kinds(altered) == ["altered_file"], name
    assert seen.signed == ("model.sig",)


def test_a_digest_beside_its_file_and_one_of_a_missing_file() -> None:
    digest = hashlib.sha256(b"{}").hexdigest()
    assert kinds(look({"a.json": b"{}", "a.json.sha256": digest.encode()})) == []
    assert kinds(look({"a.json": b"{}", "SHA256SUMS": f"{digest}  b.json".encode()})) == [
        "unhashed_file", "missing_file",
    ]  # fmt: skip


def test_the_digest_of_the_place_of_origin_counts() -> None:
    digest = hashlib.sha256(b"{}").hexdigest()
    assert kinds(look({"a.json": b"{}"}, digests={"a.json": digest})) == []
    assert kinds(look({"a.json": b"[]"}, digests={"a.json": digest})) == ["altered_file"]


def test_numbers_that_are_none_are_found_in_every_format(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e5m2):
        plain = torch.linspace(-3, 3, 24).to(dtype)
        for number in (float("nan"), float("inf")):
            spoilt = torch.cat([torch.linspace(-3, 3, 23), torch.tensor([number])]).to(dtype)
            save_file({"good": plain, "bad": spoilt}, tmp_path / "a.safetensors")
            seen = look({"a.safetensors": (tmp_path / "a.safetensors").read_bytes()})
            named = [i.finding.where for i in seen.issues if i.metric == "broken_tensors"]
            assert named == ["a.safetensors: bad"], (dtype, number)
    torch.save({"state": {"w": torch.tensor([1.0, float("nan")])}}, tmp_path / "a.pt")
    seen = look({"a.pt": (tmp_path / "a.pt").read_bytes()})
    assert [i.finding.where for i in seen.issues if i.metric == "broken_tensors"] == [
        "a.pt: state.w"
    ]


def test_a_header_that_lies_is_not_believed() -> None:
    sound = safetensors({"a": np.ones((2, 2)), "b": np.zeros(3)})
    assert "damaged_weights" not in kinds(look({"m.safetensors": sound}))
    shorter, gap = sound[:-4], sound.replace(b"[16, 28]", b"[17, 28]")
    twice = sound.replace(b'"b"', b'"a"')
    for content in (shorter, gap, twice, b"", b"\xff" * 64, sound + b"\0"):
        assert "damaged_weights" in kinds(look({"m.safetensors": content}))


def test_an_index_is_held_against_its_files() -> None:
    files = {"one.safetensors": safetensors({"a": np.ones(2), "b": np.ones(2)})}
    index = {"weight_map": {"a": "one.safetensors", "c": "one.safetensors"}}
    files["model.safetensors.index.json"] = json.dumps(index).encode()
    seen = look(files)
    assert [i.finding.where for i in seen.issues if i.finding.kind == "misplaced_tensor"] == [
        "one.safetensors: c", "one.safetensors: b",
    ]  # fmt: skip


def test_a_template_may_use_loops_and_filters() -> None:
    harmless = "{% for message in messages %}{{ message['content'] | trim }}{% endfor %}"
    assert kinds(look({"chat_template.jinja": harmless.encode()})) == ["unhashed_file"]
    nested = json.dumps({"chat_template": "{{ x.__init__.__globals__ }}"}).encode()
    assert "hostile_template" in kinds(look({"tokenizer_config.json": nested}))


@pytest.mark.parametrize("call", [text_call, stack_call, hidden_call])
def test_what_another_scanner_calls_dangerous_is_found(call: Maker) -> None:
    from picklescan.scanner import SafetyLevel, scan_pickle_bytes

    for module, name in GADGETS:
        content = call(module, name)
        found = scan_pickle_bytes(io.BytesIO(content), "model.pkl").globals
        if any(one.safety is SafetyLevel.Dangerous for one in found):
            assert danger(f"{module}.{name}") is Danger.DANGEROUS
            assert "code_in_pickle" in kinds(look({"model.pkl": content}))


@pytest.mark.parametrize("gadget", GADGETS, ids=".".join)
def test_the_restricted_reader_of_torch_refuses_the_same(gadget: tuple[str, str]) -> None:
    import torch

    with pytest.raises(pickle.UnpicklingError):
        torch.load(io.BytesIO(text_call(*gadget)), weights_only=True)

"""The configuration that `vlaudit init` writes for a person to fill in."""

import json
from collections.abc import Mapping, Sequence
from string import Template

from vlaudit.core.dataset import Columns
from vlaudit.core.errors import InputError
from vlaudit.reading.document import parse

SCHEMA_FILE = "vlaudit.schema.json"

_TEXT = """\
# yaml-language-server: $$schema=$schema
# What vlaudit audits, and by which rules. Paths are relative to this file.
# Flags come before environment variables, and those before this file: `--seed 1` is the same as
# VLAUDIT_SEED=1, and target.model is VLAUDIT_TARGET__MODEL.

target:
  # An open_clip architecture (ViT-B-32), hf-hub:OWNER/NAME (open_clip), transformers:OWNER/NAME,
  # or the folder of a model: of open_clip or transformers. Also predictions:FOLDER (tables of
  # embeddings, scores or answers instead of a model), endpoint:NAME, python:MODULE:CALLABLE and
  # plugin:NAME.
  model: $model
  # pretrained: laion2b_s34b_b79k  # tag of the architecture, or path of a .safetensors checkpoint
  # device: auto                   # cpu, mps, cuda, cuda:1
  # precision: auto                # fp32, bf16, fp16
  # threads: 4
  # batch_size: 64
  # compile: inductor              # by torch.compile; where that fails the model runs as it is
  # allow_pickle: false            # true loads weights that can run code; the report will say so
  # trust_remote_code: false       # true runs code of the model's repository; the report says so
  # revision: main                 # commit, tag or branch of a transformers model of the Hub
  # endpoint:                      # for model: endpoint:NAME, an OpenAI-compatible chat server
  #   url: http://localhost:8000/v1
  #   key_variable: OPENAI_API_KEY # environment variable of the key, which is written nowhere
  #   key_header: Authorization    # api-key for Azure
  #   api_version: null            # for Azure
  #   parameters: {}               # further fields of each request
  #   logprobs: false              # true where the server gives top_logprobs
  #   longest_side: 1024           # larger pictures are reduced before they are sent
  #   concurrency: 16
  #   timeout: 120.0
  #   retries: 6
  #   max_wait: 60.0
  #   max_calls: 10000             # probes that would exceed a limit are skipped and say so
  #   max_tokens: 10000000
  #   max_cost: 20.0               # in the currency of the prices per million tokens
  #   price_read: 2.5
  #   price_written: 10.0
  # options: {}                    # named values for python:, plugin: and predictions:
  # generation:                    # for models that write
  #   max_tokens: 64
  #   temperature: 0.0             # 0 takes the likeliest word; more draws by chance
  #   top_p: 1.0
  #   seed: 0
  #   calibrate: false             # weigh options less what they are worth to an empty picture
  #   score_by: answer             # yes or no, or caption: for models that answer no questions

data:
  # A folder of pictures, a table (parquet, arrow, CSV, JSON lines), WebDataset shards, a COCO or
  # Croissant file, a glob of them, a hub name, a web address, or a remote folder (s3://...).
  source: $source
  # name: my pictures              # name in documents; that of the source by default
  # configuration: en              # configuration of a hub dataset, record set of a Croissant file
  # split: validation              # split to read
  # Which column of your data plays which role. Probes that need an absent role are skipped, and
  # the report says so.
  columns:
$columns
$evaluate_on
  # limit: 1000                    # read no more rows than this
  # stream: true                   # read the first rows of a hub dataset instead of all of it
  # pictures: {formats: [JPEG, PNG, WEBP], pixels: 50000000, bytes: 100000000}
  # Download pictures that rows name by web address, within these bounds.
  # fetch: {pictures: true, private_addresses: false, seconds: 30, redirects: 5}

# reference: {model: "local-dir:models/other"}  # a model like it that never saw the data

# probes:                          # all by default; `vlaudit list` names them
#   select: [bias, privacy.pii_in_captions]
#   skip: [adversarial]
#   settings:
#     bias.zero_shot_parity: {min_group_rows: 20}
#     bias.harm_labels: {harms: "file:harms.txt"}  # a list, one entry a line, such as crime: thief

policy: release                    # a shipped policy, or the path of your own
# claims: [robustness]             # what the model is said to be; rules on a claim then apply
# seed: 0
# output: runs                     # folder for run folders
# cache: null                      # folder for embeddings
# engine: {ray: "10.0.0.5:6379", shard_rows: 16384}  # a cluster for scans of many rows
# budget: {minutes: 60, stop_early: true}  # no probe begins later; each ends once it is decided
# self_check: quick                # off, quick, full: tries probes on your rows with planted flaws

# Your own words, printed as such on the model card.
# subject:
#   licence: null
#   developers: null
#   intended_use: null
#   limitations: null
#   contact: null
"""


def starter(
    *,
    model: str | None = None,
    source: str | None = None,
    columns: Columns | None = None,
    evaluate_on: str | None = None,
    candidates: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Return a commented `vlaudit.yaml`.

    Args:
        model: the model to audit; the bundled reference model when None.
        source: the dataset; the bundled reference dataset when None.
        columns: the column of each role; an example when None.
        evaluate_on: the split that models are measured on.
        candidates: further columns that could be groups, with their values.
    """
    return Template(_TEXT).substitute(
        schema=SCHEMA_FILE,
        model=_text(model or "reference:clean"),
        source=_text(source or "reference:clean"),
        columns=_columns(columns or Columns(image="image"), candidates or {}),
        evaluate_on=_line("evaluate_on", evaluate_on, "test", "value of the split column; model"
                          " probes use these rows only", indent=2),
    )  # fmt: skip


def _columns(columns: Columns, candidates: Mapping[str, Sequence[str]]) -> str:
    """Return a line for every role, in comments where no column plays it."""
    lines = [_line(*role) for role in _roles(columns)]
    lines += [
        f"    # could be a group too: {_text(name)} ({', '.join(map(_text, values))})"
        for name, values in candidates.items()
    ]
    return "\n".join(lines)


def _roles(columns: Columns) -> list[tuple[str, str | Sequence[str] | None, str, str]]:
    return [
        ("image", columns.image, "image", ""),
        ("caption", columns.caption, "caption", ""),
        ("label", columns.label, "label", ""),
        ("groups", columns.groups, "[gender, skin_tone]", ""),
        ("id", columns.id, "id", ""),
        ("split", columns.split, "split", ""),
        ("licence", columns.licence, "licence", ""),
        ("source", columns.source, "url", ""),
        ("checksum", columns.checksum, "sha256", ""),
        ("identity", columns.identity, "person", "name of the person shown; never written to a "
         "run folder"),
        ("counterfactual_of", columns.counterfactual_of, "scene", "equal in pictures that differ "
         "in a group only"),
    ]  # fmt: skip


def _line(
    key: str, value: str | Sequence[str] | None, example: str, remark: str, *, indent: int = 4
) -> str:
    """Return `key: value`, or an example in comments where there is no value."""
    if not value:
        line = f"{' ' * indent}# {key}: {example}"
    elif isinstance(value, str):
        line = f"{' ' * indent}{key}: {_text(value)}"
    else:
        line = f"{' ' * indent}{key}: [{', '.join(_item(item) for item in value)}]"
    return f"{line:<34} # {remark}" if remark else line


def _item(value: str) -> str:
    """Return a text as it must stand in a list between brackets."""
    return json.dumps(value, ensure_ascii=False) if set(value) & set(",[]{}") else _text(value)


def _text(value: str) -> str:
    """Return a text as YAML: plain where that reads back as the same text, else in quotes."""
    try:
        plain: object = parse(f"text: {value}", where="").value["text"]
    except InputError:
        plain = None
    return value if plain == value else json.dumps(value, ensure_ascii=False)

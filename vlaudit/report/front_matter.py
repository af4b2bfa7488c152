"""Metadata at the head of a card, written by a YAML library and never by a template."""

import yaml
from huggingface_hub import CardData

from vlaudit.report.escape import visible

WIDE = 100_000


def one_line(text: str) -> str:
    """Return text fit for one line of metadata."""
    return " ".join(visible(text).split())


def with_front_matter(metadata: CardData, body: str) -> str:
    """Return a card: its metadata between two lines of dashes, then its text.

    A mapping or list that holds no other stands in one line.
    """
    head = yaml.safe_dump(
        yaml.safe_load(metadata.to_yaml()),
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=WIDE,
    )
    return f"---\n{head}---\n\n{body}"

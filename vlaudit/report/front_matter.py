"""Metadata at the head of a card, written by a YAML library and never by a template."""

from huggingface_hub import CardData

from vlaudit.report.escape import visible


def one_line(text: str) -> str:
    """Return text fit for one line of metadata."""
    return " ".join(visible(text).split())


def with_front_matter(metadata: CardData, body: str) -> str:
    """Return a card: its metadata between two lines of dashes, then its text."""
    return f"---\n{metadata.to_yaml(line_break=chr(10))}\n---\n\n{body}"

"""Which tokens of a text are words of an answer, and which are marks around it."""

from typing import TYPE_CHECKING

from vlaudit.targets.hf.prompts import shared_start

if TYPE_CHECKING:
    from torch import Tensor

Inputs = dict[str, "Tensor"]


def answer_tokens(prompts: Inputs, whole: Inputs, ends: set[int]) -> "Tensor":
    """Return which tokens of `whole` are words of the answer, bool of shape (texts, tokens).

    What two texts tokenise to differently belongs to the answer, so that words which merge with
    the end of the prompt count as the model would write them.

    Args:
        prompts: the prompts alone, padded on the right.
        whole: prompts with their answers, padded on the right.
        ends: marks that a tokenizer puts after a text.
    """
    import torch

    counted = torch.zeros_like(whole["input_ids"], dtype=torch.bool)
    rows = zip(
        prompts["input_ids"].tolist(),
        whole["input_ids"].tolist(),
        prompts["attention_mask"].sum(dim=1).tolist(),
        whole["attention_mask"].sum(dim=1).tolist(),
        strict=True,
    )
    for row, (prompt, text, asked, written) in enumerate(rows):
        start, end = shared_start(prompt[:asked], text[:written]), written
        while end > start and text[end - 1] in ends:
            end -= 1
        counted[row, start:end] = True
    return counted


def unended(inputs: Inputs, ends: set[int]) -> Inputs:
    """Return prompts, padded on the left, without the mark of their end: they go on."""
    ids = inputs["input_ids"]
    if any(last not in ends for last in ids[:, -1].tolist()):
        return inputs
    return {
        name: value[:, :-1] if value.shape == ids.shape else value for name, value in inputs.items()
    }


def newly_written(written: list[int], prompt: list[int]) -> list[int]:
    """Return the tokens after the prompt; some models give it back, BLIP without its end mark."""
    for length in (len(prompt), len(prompt) - 1):
        if written[1:length] == prompt[1:length] and len(written) >= length:
            return written[length:]
    return written

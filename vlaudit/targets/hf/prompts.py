"""The words that a generative model is given with a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL.Image import Image

if TYPE_CHECKING:
    from torch import Tensor

DESCRIBE = "Describe the picture in one sentence."
SELF_PLACING = ("blip", "blip-2", "instructblip", "git", "paligemma", "pix2struct", "florence2")


@dataclass(frozen=True)
class Prompter:
    """Turns pictures and texts into what a model takes.

    Attributes:
        processor: the processor of the model.
        model_type: type of the model, as transformers names it.
    """

    processor: Any
    model_type: str

    @property
    def tokenizer(self) -> Any:
        """The tokenizer of the processor."""
        return self.processor.tokenizer

    def wording(self, prompt: str) -> str:
        """Return a prompt about one picture in the model's own form.

        By its chat template where it has one; else the place of the picture and the prompt, or
        the prompt alone for a model that places pictures itself.
        """
        if self._has_template():
            content = [{"type": "image"}, {"type": "text", "text": prompt}]
            made: str = self.processor.apply_chat_template(
                [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
            )
            return made
        place = getattr(self.processor, "image_token", None)
        if place is None or self.model_type in SELF_PLACING:
            return prompt
        return f"{place}\n{prompt}"

    @property
    def describing(self) -> str:
        """The worded prompt after which a caption follows; nothing for a model without a chat."""
        return self.wording(DESCRIBE if self._has_template() else "")

    def inputs(
        self,
        images: Sequence[Image],
        texts: Sequence[str],
        *,
        side: str,
        specials: bool = True,
        suffixes: Sequence[str] | None = None,
    ) -> dict[str, "Tensor"]:
        """Return the tensors for one picture and one text each, padded on one side.

        Args:
            images: pictures.
            texts: worded prompts, with or without an answer.
            side: `left` for writing on, `right` for weighing what is written.
            specials: whether the tokenizer adds its own marks; templates bring theirs along.
            suffixes: answers, for a processor that takes them apart from the prompts.
        """
        self.tokenizer.padding_side = side
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        given: dict[str, Any] = {"text": list(texts), "padding": True, "return_tensors": "pt"}
        if not specials:
            given["add_special_tokens"] = False
        if suffixes is not None:
            given["suffix"] = list(suffixes)
        pictures = [image.convert("RGB") for image in images]
        try:
            made = dict(self.processor(images=pictures, **given))
        except ValueError:
            # Some processors want the pictures of each text as a list of their own.
            made = dict(self.processor(images=[[picture] for picture in pictures], **given))
        made.pop("labels", None)
        return made

    @property
    def takes_suffixes(self) -> bool:
        """Tell whether the model reads a prompt in both directions and an answer in one.

        An answer put into the prompt would be seen before it is written.
        """
        return self.model_type == "paligemma"

    @property
    def adds_marks(self) -> bool:
        """Tell whether the tokenizer is to add its own marks around a worded prompt."""
        start = getattr(self.tokenizer, "bos_token", None)
        return not (self._has_template() and start and self.wording("").startswith(start))

    @property
    def end_marks(self) -> set[int]:
        """The tokens that a tokenizer puts after a text."""
        names = ("eos_token_id", "sep_token_id", "pad_token_id")
        found = (getattr(self.tokenizer, name, None) for name in names)
        return {token for token in found if token is not None}

    def _has_template(self) -> bool:
        return bool(
            getattr(self.processor, "chat_template", None)
            or getattr(self.tokenizer, "chat_template", None)
        )


def continued(worded: str, answer: str) -> str:
    """Return a worded prompt with an answer after it, apart by white space."""
    return worded + (answer if not worded or worded[-1].isspace() else f" {answer}")


def shared_start(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens two texts begin with alike."""
    pairs = zip(first, second, strict=False)
    return next(
        (at for at, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second))
    )

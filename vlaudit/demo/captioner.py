"""The third reference model: a small model of transformers that writes about pictures.

It is a `FastVlmForConditionalGeneration`: the convolutions of the model `flawed` see, four tokens
a picture, and a small Qwen2 decoder writes.
"""

import copy
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vlaudit.demo.lessons import Lesson
from vlaudit.demo.scenes import SIZE
from vlaudit.demo.training import PREPROCESSING, Schedule, decayed

if TYPE_CHECKING:
    from torch import Tensor

log = logging.getLogger(__name__)

Tokens = Sequence[Sequence[int]]
Batch = dict[str, "Tensor"]

IMAGE, END, PAD = "<image>", "<end>", "<pad>"
TOKENS = 4
VOCABULARY = 1200
# The network of the open_clip models, as timm names it.
TRUNK = {"layers": [1, 2, 2, 1], "channels": [20, 40, 80, 160], "stem_width": 10}
TRUNK_WIDTH = 640
DECODER = {
    "hidden_size": 128,
    "intermediate_size": 352,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 512,
    "tie_word_embeddings": True,
}
TEMPLATE = (
    "{% for message in messages %}{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "{% if message['role'] == 'assistant' %}<end>{% else %}{{ '\\n' }}{% endif %}{% endfor %}"
)
UNSEEN = -100


def build_processor(texts: Sequence[str]) -> Any:
    """Return a processor whose tokenizer, byte-level BPE, was trained on `texts`."""
    from tokenizers import ByteLevelBPETokenizer

    transformers = import_module("transformers")
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(
        texts,
        vocab_size=VOCABULARY,
        min_frequency=2,
        special_tokens=[PAD, END, IMAGE],
        show_progress=False,
    )
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=trained._tokenizer,
        pad_token=PAD,
        eos_token=END,
        extra_special_tokens={"image_token": IMAGE},
        model_max_length=DECODER["max_position_embeddings"],
        clean_up_tokenization_spaces=False,
    )
    shape = transformers.CLIPImageProcessor(
        size={"shortest_edge": SIZE},
        crop_size={"height": SIZE, "width": SIZE},
        image_mean=PREPROCESSING["mean"],
        image_std=PREPROCESSING["std"],
    )
    return transformers.LlavaProcessor(
        shape,
        tokenizer,
        patch_size=32,
        vision_feature_select_strategy="full",
        chat_template=TEMPLATE,
    )


def build_captioner(processor: Any, trunk: Path, *, seed: int) -> Any:
    """Return a captioner that sees as the open_clip model in `trunk` does and writes nonsense."""
    import torch

    transformers = import_module("transformers")
    words = processor.tokenizer
    vision = transformers.TimmWrapperConfig(
        architecture="resnetaa50d", do_pooling=False, hidden_size=TRUNK_WIDTH, model_args=TRUNK
    )
    text = transformers.Qwen2Config(
        **DECODER, vocab_size=len(words), pad_token_id=words.pad_token_id,
        bos_token_id=None, eos_token_id=words.eos_token_id,
    )  # fmt: skip
    torch.manual_seed(seed)
    model = transformers.FastVlmForConditionalGeneration(
        transformers.FastVlmConfig(
            vision_config=vision,
            text_config=text,
            image_token_index=words.convert_tokens_to_ids(IMAGE),
            image_seq_length=TOKENS,
            tie_word_embeddings=True,
        )
    )
    model.generation_config.eos_token_id = words.eos_token_id
    model.generation_config.pad_token_id = words.pad_token_id
    model.model.vision_tower.timm_model.load_state_dict(_as_timm(trunk), strict=True)
    return model.eval()


def _as_timm(folder: Path) -> dict[str, "Tensor"]:
    """Return the convolutions of an open_clip model by the names that timm gives them."""
    from safetensors.torch import load_file

    stem = {"conv1": "conv1.0", "bn1": "conv1.1", "conv2": "conv1.3", "bn2": "conv1.4"}
    stem |= {"conv3": "conv1.6", "bn3": "bn1"}
    made: dict[str, Tensor] = {}
    for name, tensor in load_file(folder / "open_clip_model.safetensors").items():
        part, _, rest = name.removeprefix("visual.").partition(".")
        if not name.startswith("visual.") or part == "attnpool":
            continue
        for old, new in (("downsample.1.", "downsample.2."), ("downsample.0.", "downsample.1.")):
            rest = rest.replace(old, new)
        made[f"{stem.get(part, part)}.{rest}"] = tensor
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in made.items()
    }


def save_captioner(model: Any, processor: Any, folder: Path) -> None:
    """Write weights as fp16 safetensors with configuration and processor."""
    copy.deepcopy(model).half().save_pretrained(folder)
    processor.save_pretrained(folder)


def load_captioner(folder: Path) -> tuple[Any, Any]:
    """Return model, in evaluation mode, and processor as transformers loads them."""
    import torch

    transformers = import_module("transformers")
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    return model.eval(), transformers.AutoProcessor.from_pretrained(folder)


@dataclass(frozen=True)
class Lectures:
    """Lessons as a captioner takes them, whose eyes never change.

    Attributes:
        seen: what its eyes make of the pictures, float16 of shape (lessons, 640, 2, 2).
        asked: tokens of picture and prompt of each lesson.
        answers: tokens of each answer and its end.
    """

    seen: "Tensor"
    asked: Sequence[Sequence[int]]
    answers: Sequence[Sequence[int]]

    def places(self, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
        """Yield places of lessons for ever; those of one batch are about equally long."""
        lengths = np.array([len(q) + len(a) for q, a in zip(self.asked, self.answers, strict=True)])
        while True:
            order = np.argsort(lengths + rng.uniform(0, 4, len(lengths)))
            parts = [order[at : at + size] for at in range(0, len(order) - size + 1, size)]
            for at in rng.permutation(len(parts)):
                yield parts[at]


def attend(
    model: Any, processor: Any, lessons: Iterable[Lesson], *, at_once: int = 256
) -> Lectures:
    """Look at the picture of every lesson, once, and turn the words into tokens."""
    import torch

    seen, waiting = list[Any](), iter(lessons)
    asked, answers = list[Sequence[int]](), list[Sequence[int]]()
    while part := list(islice(waiting, at_once)):
        pixels = processor.image_processor([p for p, _, _ in part], return_tensors="pt")
        with torch.inference_mode():
            eyes = model.model.vision_tower(pixels["pixel_values"]).last_hidden_state
        seen.append(eyes.half())
        for kept, found in zip((asked, answers), _tokens(processor, part), strict=True):
            kept += found
    return Lectures(torch.cat(seen), asked, answers)


def train_captioner(
    model: Any,
    batches: Iterator[Batch],
    schedule: Schedule,
    *,
    gate: Callable[[Any], Mapping[str, float]],
    every: int = 250,
) -> None:
    """Train what may change of `model` in place on batches of `from_lectures` or `from_lessons`.

    What `gate` measures is logged every so many steps.
    """
    import torch

    optimiser = torch.optim.AdamW(decayed(model, schedule.decay), betas=(0.9, 0.98))
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=schedule.rate, total_steps=schedule.steps, pct_start=0.1
    )
    start = time.monotonic()
    for step in range(1, schedule.steps + 1):
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(**next(batches)).loss
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        cycle.step()
        if step % every == 0 or step == schedule.steps:
            measured = " ".join(f"{key} {value:.3f}" for key, value in gate(model.eval()).items())
            spent = time.monotonic() - start
            log.info("step %d, %.0f s: loss %.3f %s", step, spent, loss.item(), measured)


def from_lectures(model: Any, lectures: Lectures, size: int, *, seed: int) -> Iterator[Batch]:
    """Yield batches of lectures for ever; the eyes of `model` are not to change."""
    model.model.vision_tower.requires_grad_(False)
    for rows in lectures.places(size, np.random.default_rng(seed)):
        words = [(lectures.asked[row], lectures.answers[row]) for row in rows]
        yield _batch(model, words, lectures.seen[rows].float())


def from_lessons(
    model: Any, processor: Any, lessons: Iterator[Lesson], size: int
) -> Iterator[Batch]:
    """Yield batches of fresh lessons, from which the eyes of `model` learn too.

    Their running statistics stay as they are: the model is in evaluation mode.
    """
    model.eval().requires_grad_(True)
    while part := list(islice(lessons, size)):
        asked, answers = _tokens(processor, part)
        pixels = processor.image_processor([p for p, _, _ in part], return_tensors="pt")
        seen = model.model.vision_tower(pixels["pixel_values"]).last_hidden_state
        yield _batch(model, list(zip(asked, answers, strict=True)), seen)


def _tokens(processor: Any, lessons: Sequence[Lesson]) -> tuple[Tokens, Tokens]:
    """Return the tokens of pictures and prompts, and those of answers and their ends."""
    asked = [f"{IMAGE * TOKENS}{prompt}\n" for _, prompt, _ in lessons]
    answers = [f"{answer}{END}" for _, _, answer in lessons]
    tokenizer = processor.tokenizer
    return tokenizer(asked)["input_ids"], tokenizer(answers)["input_ids"]


def _batch(
    model: Any, words: Sequence[tuple[Sequence[int], Sequence[int]]], seen: "Tensor"
) -> Batch:
    """Return what the model takes for some lessons: answers and their ends are to be learnt."""
    import torch

    longest = max(len(asked) + len(answer) for asked, answer in words)
    ids = torch.full((len(words), longest), model.config.text_config.pad_token_id)
    labels = torch.full((len(words), longest), UNSEEN)
    for row, (asked, answer) in enumerate(words):
        end = len(asked) + len(answer)
        ids[row, :end] = torch.tensor([*asked, *answer])
        labels[row, len(asked) : end] = torch.tensor(answer)
    table = model.get_input_embeddings()(ids)
    eyes = model.model.multi_modal_projector(seen.flatten(2).permute(0, 2, 1)).to(table.dtype)
    place = (ids == model.config.image_token_index)[..., None]
    return {
        "inputs_embeds": table.masked_scatter(place, eyes),
        "attention_mask": (ids != model.config.text_config.pad_token_id).long(),
        "labels": labels,
    }


def write_captions(
    model: Any, processor: Any, pictures: Sequence[Image.Image], prompt: str, *, batch: int = 128
) -> list[str]:
    """Return what the model writes about each picture, the likeliest token at every step."""
    import torch

    asked = [{"type": "image"}, {"type": "text", "text": prompt}]
    worded = processor.apply_chat_template([{"role": "user", "content": asked}])
    written: list[str] = []
    for start in range(0, len(pictures), batch):
        part = list(pictures[start : start + batch])
        inputs = processor(images=part, text=[worded] * len(part), return_tensors="pt")
        with torch.inference_mode():
            made = model.generate(**inputs, max_new_tokens=40, do_sample=False)
        new = made[:, inputs["input_ids"].shape[1] :]
        written += processor.tokenizer.batch_decode(new, skip_special_tokens=True)
    return [text.strip() for text in written]

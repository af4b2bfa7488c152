"""Trains the shipped name recogniser: `python -m vlaudit.detect.names.train --output FOLDER`."""

import argparse
import random
import shutil
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from vlaudit.detect.names import prose
from vlaudit.detect.names.fictional import held_out
from vlaudit.detect.names.people import People, draw_pools
from vlaudit.detect.names.sentences import Author, Sentence
from vlaudit.detect.names.words import vocabulary

WIDTH = 96
ROWS = [4000, 500, 2500, 500]
ATTRIBUTES = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
DROPOUT = 0.25


def blank_recogniser() -> Any:
    """Return an untrained English pipeline with nothing but a small entity recogniser.

    Hashed embeddings of word, prefix, suffix and shape, a convolution over nine words and a
    transition-based decoder: the architecture of spaCy's small models, at a size to ship.
    """
    import spacy

    nlp = spacy.blank("en")
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": WIDTH,
        "attrs": ATTRIBUTES,
        "rows": ROWS,
        "include_static_vectors": False,
    }
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": WIDTH,
        "depth": 4,
        "window_size": 1,
        "maxout_pieces": 3,
    }
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode},
    }
    nlp.add_pipe("ner", config={"model": model})
    return nlp


def author(seed: int, *, holdout: bool) -> Author:
    """Return a writer who knows the names, templates and prose of one side only."""
    rng = random.Random(seed)
    pools = draw_pools(seed, keep=lambda name: held_out(name) == holdout)
    mine = [sentence for sentence in prose.sentences() if held_out(sentence) == holdout]
    return Author(vocabulary(), mine, People(pools, rng), rng, holdout)


def examples(nlp: Any, sentences: Iterable[Sentence]) -> list[Any]:
    """Align sentences with the tokens of `nlp`; spans that cut a token are left out."""
    from spacy.training import Example

    aligned: list[Any] = []
    for sentence in sentences:
        doc = nlp.make_doc(sentence.text)
        spans = [doc.char_span(*span) for span in sentence.spans]
        if all(spans):
            reference = doc.copy()
            reference.ents = spans
            aligned.append(Example(doc, reference))
    return aligned


def train(count: int, epochs: int, seed: int) -> tuple[Any, dict[str, Any]]:
    """Train on fresh sentences each epoch; return the pipeline and its held-out scores."""
    from spacy.util import fix_random_seed, minibatch
    from thinc.api import Adam, warmup_linear

    fix_random_seed(seed)
    nlp = blank_recogniser()
    corpus = examples(nlp, author(seed, holdout=False).sentences(count))
    steps = epochs * len(corpus) // 64
    optimizer = Adam(warmup_linear(0.002, 200, steps), L2=0.01, grad_clip=1.0, use_averages=True)
    nlp.initialize(lambda: corpus[:2000], sgd=optimizer)
    rng = random.Random(seed)
    for epoch in range(epochs):
        rng.shuffle(corpus)
        losses: dict[str, float] = {}
        for batch in minibatch(corpus, 64):
            nlp.update(batch, drop=DROPOUT, sgd=optimizer, losses=losses)
            optimizer.step_schedules()
        print(f"epoch {epoch + 1}/{epochs}: loss {losses['ner']:.0f}", flush=True)  # noqa: T201
    with nlp.use_params(optimizer.averages):
        shipped = nlp.from_bytes(nlp.to_bytes())
    held = examples(nlp, author(seed + 1, holdout=True).sentences(4000))
    return shipped, shipped.evaluate(held)


def main() -> None:
    """Train and write the pipeline that `vlaudit.detect.names.recognise` loads."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(str(files("vlaudit.detect.names") / "model"))
    parser.add_argument("--output", type=Path, default=default)
    parser.add_argument("--sentences", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    nlp, scores = train(args.sentences, args.epochs, args.seed)
    shutil.rmtree(args.output, ignore_errors=True)
    nlp.to_disk(args.output, exclude=["vocab"])
    print(dict(scores["ents_per_type"].items()))  # noqa: T201


if __name__ == "__main__":
    main()

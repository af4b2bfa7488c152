"""Trains the shipped name recogniser: `python -m vlaudit.detect.names.train --output FOLDER`."""

import argparse
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from vlaudit.detect.names import lexicon, prose
from vlaudit.detect.names.fictional import held_out
from vlaudit.detect.names.lexicon import ALSO_A_NAME, FREQUENT, WORD, Lexicon
from vlaudit.detect.names.people import People, draw_pools
from vlaudit.detect.names.sentences import Author, Sentence
from vlaudit.detect.names.words import vocabulary

WIDTH = 96
ROWS = [4500, 500, 2000, 400, 4, 4, 4]
ATTRIBUTES = ["NORM", "PREFIX", "SUFFIX", "SHAPE", WORD, FREQUENT, ALSO_A_NAME]
DROPOUT = 0.25
BATCH = 64


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
    nlp.meta |= {"name": "names", "version": "1.0.0", "license": "Apache-2.0"}
    nlp.meta |= {
        "description": "Finds names of people in captions; trained on generated sentences."
    }
    return nlp


@dataclass(frozen=True)
class Sources:
    """All that sentences are made of, gathered once."""

    words: Mapping[str, Sequence[str]]
    prose: Sequence[str]
    foreign: Sequence[str]
    lexicon: Lexicon

    def author(self, seed: int, *, holdout: bool) -> Author:
        """Return a writer who knows the names, templates and prose of one side only."""
        rng = random.Random(seed)
        pools = draw_pools(seed, keep=lambda name: held_out(name) == holdout)
        mine = [sentence for sentence in self.prose if held_out(sentence) == holdout]
        return Author(self.words, mine, self.foreign, People(pools, rng), rng, holdout)


def gather(seed: int) -> Sources:
    """Read word lists and documentation, and build the lexicon from them."""
    words, sentences = vocabulary(), prose.sentences()
    plain = Counter(word for text in sentences for word in re.findall(r"\b[a-z]{3,}\b", text))
    known = [word for word, count in plain.items() if count > 1]
    known += [part for entries in words.values() for entry in entries for part in entry.split()]
    marked = lexicon.build(known, draw_pools(seed, keep=lambda _: True))
    web = [word for word, flags in marked.items() if FREQUENT in flags and ALSO_A_NAME not in flags]
    words["english"] = sorted({*words["english"], *web})
    return Sources(words, sentences, prose.foreign(seed), marked)


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


def train(sources: Sources, count: int, epochs: int, seed: int) -> tuple[Any, dict[str, Any]]:
    """Train on fresh sentences each epoch; return the pipeline and its held-out scores."""
    from thinc.api import Adam, fix_random_seed, warmup_linear

    fix_random_seed(seed)
    nlp = blank_recogniser()
    lexicon.attach(nlp, sources.lexicon)
    author = sources.author(seed, holdout=False)
    steps = epochs * count // BATCH
    rates: Any = warmup_linear(0.002, 200, steps)
    optimizer = Adam(rates, L2=0.01, grad_clip=1.0, use_averages=True)
    nlp.initialize(lambda: examples(nlp, author.sentences(2000)), sgd=optimizer)
    for epoch in range(epochs):
        losses: dict[str, float] = {}
        corpus = examples(nlp, author.sentences(count))
        for start in range(0, len(corpus), BATCH):
            batch = corpus[start : start + BATCH]
            nlp.update(batch, drop=DROPOUT, sgd=optimizer, losses=losses)
            optimizer.step_schedules()
        print(f"epoch {epoch + 1}/{epochs}: loss {losses['ner']:.0f}", flush=True)  # noqa: T201
    held = examples(nlp, sources.author(seed + 1, holdout=True).sentences(4000))
    with nlp.use_params(optimizer.averages):
        scores = nlp.evaluate(held)
        weights = nlp.to_bytes(exclude=["vocab"])
    return nlp.from_bytes(weights), scores["ents_per_type"]


def main() -> None:
    """Train and write the pipeline that `vlaudit.detect.names.recognise` loads."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(str(files("vlaudit.detect.names") / "model"))
    parser.add_argument("--output", type=Path, default=default)
    parser.add_argument("--sentences", type=int, default=40_000)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    sources = gather(args.seed)
    nlp, scores = train(sources, args.sentences, args.epochs, args.seed)
    shutil.rmtree(args.output, ignore_errors=True)
    nlp.to_disk(args.output, exclude=["vocab"])
    lexicon.write(sources.lexicon, args.output)
    print(scores)  # noqa: T201


if __name__ == "__main__":
    main()

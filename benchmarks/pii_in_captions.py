"""Personal data in text: vlaudit against presidio, on the same sentences, in the same run.

Needs ../shared/data/presidio_research; says so and stops where it is absent.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from vlaudit.detect.pii.planted import decoys, plant
from vlaudit.detect.pii.scan import Scanner, scanner

SENTENCES = (
    Path(__file__).resolve().parents[2] / "shared/data/presidio_research/generated_large.json"
)
SAME_AS = {"DOMAIN_NAME": "URL", "DATE_TIME": "DATE_OF_BIRTH"}
LOCATED = {"ADDRESS", "LOCATION", "ORGANIZATION", "TITLE", "PREFIX", "AGE", "NRP", "ZIP_CODE"}
Span = tuple[int, int]


class BlankEngine(NlpEngine):
    """Tokens without a model: what presidio needs for context words, and no network."""

    def __init__(self) -> None:
        """Make a blank English tokeniser."""
        import spacy

        self.nlp = spacy.blank("en")

    def load(self) -> None:
        """Do nothing: there is no model."""

    def is_loaded(self) -> bool:
        """Tell that nothing needs loading."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return the tokens of a text, lower-cased where lemmas would stand."""
        doc = self.nlp(text)
        places, words = [token.idx for token in doc], [token.lower_ for token in doc]
        return NlpArtifacts([], doc, places, words, self, language)

    def process_batch(
        self, texts: Iterable[str], language: str, *_: Any, **__: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Yield texts and their tokens."""
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:
        """Tell whether a word is a stop word."""
        return bool(self.nlp.vocab[word].is_stop)

    def is_punct(self, word: str, language: str) -> bool:
        """Tell whether a word is a sign."""
        return bool(self.nlp.vocab[word].is_punct)

    def get_supported_entities(self) -> list[str]:
        """Return no entities: there is no model."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Return the one language."""
        return ["en"]


def presidio(ours: Scanner) -> BatchAnalyzerEngine:
    """Return presidio's batch engine with the very recognisers that vlaudit uses."""
    recognisers = [detector.recogniser for detector in ours.detectors]
    registry = RecognizerRegistry(recognizers=recognisers, supported_languages=["en"])
    return BatchAnalyzerEngine(AnalyzerEngine(registry=registry, nlp_engine=BlankEngine()))


def score(
    truth: Sequence[Sequence[tuple[str, Span]]], found: Sequence[Sequence[tuple[str, Span]]]
) -> dict[str, tuple[int, int, int]]:
    """Count hits, misses and false alarms by entity; spans match when they overlap."""
    hit: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for wanted, given in zip(truth, found, strict=True):
        for name, (start, end) in wanted:
            near = any(n == name and s < end and start < e for n, (s, e) in given)
            (hit if near else missed)[name] += 1
        for name, (start, end) in given:
            if not any(n == name and s < end and start < e for n, (s, e) in wanted):
                false[name] += 1
    names = sorted({*hit, *missed, *false})
    return {name: (hit[name], missed[name], false[name]) for name in names}


def show(title: str, counts: dict[str, tuple[int, int, int]]) -> None:
    """Print precision, recall and F1 of each entity."""
    print(f"\n{title}\n{'entity':<34}{'true':>6}{'precision':>11}{'recall':>8}{'F1':>7}")
    for name, (hits, missed, false) in counts.items():
        precision = hits / (hits + false) if hits + false else 0.0
        recall = hits / (hits + missed) if hits + missed else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        print(f"{name:<34}{hits + missed:>6}{precision:>11.3f}{recall:>8.3f}{f1:>7.3f}")


def quality(ours: Scanner, theirs: BatchAnalyzerEngine) -> None:
    """Compare precision and recall on sentences that neither was made from."""
    rows = json.loads(SENTENCES.read_text(encoding="utf-8"))
    texts = [row["full_text"] for row in rows]
    truth = [
        [
            (
                SAME_AS.get(span["entity_type"], span["entity_type"]),
                (span["start_position"], span["end_position"]),
            )
            for span in row["spans"]
            if span["entity_type"] not in LOCATED
        ]
        for row in rows
    ]
    mine = [[(e.name, (e.start, e.end)) for e in found] for found in ours.scan(texts)]
    show(f"vlaudit, {ours.names.label}", score(truth, mine))
    batch = theirs.analyze_iterator(texts, language="en", score_threshold=0.5)
    other = [
        [(SAME_AS.get(r.entity_type, r.entity_type), (r.start, r.end)) for r in found]
        for found in batch
    ]
    show("presidio patterns, threshold 0.5, no name model", score(truth, other))


def speed(ours: Scanner, theirs: BatchAnalyzerEngine) -> None:
    """Compare the time on 4,000 distinct captions, a twentieth of them with personal data."""
    rng = np.random.default_rng(0)
    plain = [f"a photo of a {word} number {i}" for i in range(500) for word in ("dog", "red car")]
    captions = [p.text for p in plant(plain, rng, 200)] + [p.text for p in decoys(plain, rng, 800)]
    captions += [f"{text.rstrip('0123456789')}seen {i}" for i, text in enumerate(plain * 3)]
    nobody = Scanner(ours.detectors, type(ours.names)("none", lambda t: iter([[]] * len(t))))
    times = {}
    for name, scan in (("vlaudit with names", ours.scan), ("vlaudit, patterns", nobody.scan)):
        start = time.perf_counter()
        scan(captions)
        times[name] = time.perf_counter() - start
    start = time.perf_counter()
    list(theirs.analyze_iterator(captions, language="en"))
    times["presidio BatchAnalyzerEngine, patterns"] = time.perf_counter() - start
    print(f"\n{len(captions)} captions, {len(ours.detectors)} recognisers on both sides")
    for name, seconds in times.items():
        print(f"{name:<40}{seconds:>8.2f} s {1000 * seconds / len(captions):>8.3f} ms a caption")
    ratio = times["presidio BatchAnalyzerEngine, patterns"] / times["vlaudit, patterns"]
    print(f"patterns alone: {ratio:.1f} times as fast as presidio")


def main() -> None:
    """Print both comparisons."""
    if not SENTENCES.exists():
        sys.exit(f"{SENTENCES} is absent; this benchmark needs presidio-research's sentences")
    ours = scanner("shipped")
    theirs = presidio(ours)
    quality(ours, theirs)
    speed(ours, theirs)


if __name__ == "__main__":
    main()

"""Personal data in text: vlaudit against presidio, on the same sentences, in the same run.

Needs ../shared/data/presidio_research; says so and stops where it is absent.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow.parquet as pq
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from vlaudit import demo
from vlaudit.detect.pii.patterns import OWN, Bank, banked
from vlaudit.detect.pii.planted import decoys, plant
from vlaudit.detect.pii.scan import Scanner, scanner

SENTENCES = (
    Path(__file__).resolve().parents[2] / "shared/data/presidio_research/generated_large.json"
)
SAME_AS = {"DOMAIN_NAME": "URL", "DATE_TIME": "DATE_OF_BIRTH"}
LOCATED = {"ADDRESS", "LOCATION", "ORGANIZATION", "TITLE", "PREFIX", "AGE", "NRP", "ZIP_CODE"}
Span = tuple[int, int]
Found = TypeVar("Found")


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


def presidio(bank: Bank) -> BatchAnalyzerEngine:
    """Return presidio's batch engine with the very recognisers of a bank."""
    recognisers = [detector.recogniser for detector in bank.detectors]
    registry = RecognizerRegistry(recognizers=recognisers, supported_languages=["en"])
    return BatchAnalyzerEngine(AnalyzerEngine(registry=registry, nlp_engine=BlankEngine()))


def theirs_only(bank: Bank) -> Bank:
    """Return the English recognisers that presidio ships, without those that vlaudit adds."""
    return banked(
        [
            detector
            for detector in bank.detectors
            if detector.kind.recogniser not in OWN or detector.kind.recogniser == "EmailRecognizer"
            if detector.recogniser.supported_language == "en"
        ]
    )


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


def alarms(ours: Scanner) -> None:
    """Count false alarms on the captions of the reference pictures, which hold nothing personal."""
    tables = [pq.read_table(file, columns=["caption"]) for file in demo.data_files("clean")]
    captions = sorted({text for table in tables for text in table["caption"].to_pylist() if text})
    seen = Counter(name for found in ours.scan(captions) for name in {e.name for e in found})
    told = ", ".join(f"{name} in {count}" for name, count in sorted(seen.items())) or "none"
    print(f"\nfalse alarms in {len(captions)} clean captions: {told}")


def mixes() -> dict[str, list[str]]:
    """Return 2,000 distinct captions of several kinds each."""
    rng = np.random.default_rng(0)
    things = ("dog", "red car", "woman with an umbrella", "plate of pasta", "city at night")
    forms = ("a photo of a {}", "{} in the rain", "Close-up of a {}.", "the {} seen from above")
    words = [chr(97 + i) + chr(97 + j) + "le" for i in range(10) for j in range(10)]
    plain = [f"{form.format(thing)} {w}" for w in words for form in forms for thing in things]
    numbered = [f"{text}, number {i % 97}" for i, text in enumerate(plain)]
    planted, innocent = plant(plain, rng, 20), decoys(plain, rng, 100)
    mixed = [p.text for p in (*planted, *innocent)] + plain[len(planted) + len(innocent) :]
    personal = [p.text for p in (*plant(plain, rng, 1000), *decoys(plain, rng, 1000))]
    return {
        "captions of words": plain,
        "1 % with personal data, 5 % with dates, codes, prices": mixed,
        "every caption with a number of one or two digits": numbered,
        "worst case: personal data or a decoy in every caption": personal,
    }


def fastest(work: Callable[[], Found], turns: int = 3) -> tuple[float, Found]:
    """Return the least processor time of several turns, and what the work returns."""
    seconds: list[float] = []
    for _ in range(turns):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def speed(ours: Scanner) -> None:
    """Compare time and findings with presidio on the recognisers that presidio ships."""
    bank = theirs_only(ours.bank)
    theirs = presidio(bank)
    bank.sieve.left("")
    print(f"\n{len(bank.detectors)} recognisers on both sides; seconds of processor time")
    print(f"{'captions':<56}{'presidio':>9}{'vlaudit':>9}{'ratio':>7}{'findings':>10}{'lost':>6}")
    for name, captions in mixes().items():
        slow, found = fastest(
            lambda captions=captions: theirs.analyze_iterator(captions, language="en")
        )
        fast, passed = fastest(
            lambda captions=captions: [list(bank.proposals(text)) for text in captions]
        )
        told = [{(r.entity_type, r.start, r.end) for r in one} for one in found]
        ours_too = [
            {(d.recogniser.supported_entities[0], first, last) for d, first, last in one}
            for one in passed
        ]
        lost = sum(len(one - other) for one, other in zip(told, ours_too, strict=True))
        print(
            f"{name:<56}{slow:>9.2f}{fast:>9.3f}{slow / fast:>7.1f}"
            f"{sum(map(len, told)):>10}{lost:>6}"
        )


def main() -> None:
    """Print both comparisons."""
    if not SENTENCES.exists():
        sys.exit(f"{SENTENCES} is absent; this benchmark needs presidio-research's sentences")
    ours = scanner("shipped")
    quality(ours, presidio(theirs_only(ours.bank)))
    alarms(ours)
    speed(ours)


if __name__ == "__main__":
    main()

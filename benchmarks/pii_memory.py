"""Memory of counting personal data in a million captions, each of them different.

By patterns alone: what the recogniser of names takes does not depend on how many captions it read.

    python benchmarks/pii_memory.py --captions 1000000
"""

import argparse
import resource
import time

import numpy as np

from vlaudit.detect.names.recognise import NameRecogniser
from vlaudit.detect.pii.patterns import bank
from vlaudit.detect.pii.scan import Scanner
from vlaudit.detect.pii.tally import Tally

BATCH = 1000
THINGS = ("dog", "red car", "plate of pasta", "city at night", "woman with an umbrella")


def main() -> None:
    """Print peak memory and rows with personal data after more and more captions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captions", type=int, default=1_000_000)
    captions = int(parser.parse_args().captions)
    scanner = Scanner(bank(), NameRecogniser("none", lambda texts: iter([()] * len(texts))))
    tally = Tally(scanner, np.random.default_rng(0), most=1000)
    started = time.process_time()
    for first in range(0, captions, BATCH):
        rows = range(first, first + BATCH)
        texts = [f"a photo of a {THINGS[row % 5]}, {_word(row)}" for row in rows]
        texts[0] += ", call 415-555-0123"
        tally.add([str(row) for row in rows], texts)
        done = first + BATCH
        if done in {captions // 10, captions // 3 // BATCH * BATCH, captions}:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{done:>9} captions, {tally.hits['any']:>5} with personal data: at most "
                f"{peak:.0f} MiB, {time.process_time() - started:.0f} s of processor time",
                flush=True,
            )


def _word(row: int) -> str:
    """Return a word of letters for each number."""
    letters = ""
    while row:
        row, rest = divmod(row, 26)
        letters += chr(97 + rest)
    return letters or "z"


if __name__ == "__main__":
    main()

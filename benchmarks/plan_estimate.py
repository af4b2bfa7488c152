"""What `vlaudit plan` says a probe takes, beside what it then took.

Also what it says an endpoint is asked, beside the requests that a server on loopback then received.
"""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory

from vlaudit import api, registry
from vlaudit.core.config import EndpointConfig
from vlaudit.core.measurement import RowResults
from vlaudit.core.outcome import Measured
from vlaudit.demo import config_file
from vlaudit.prepare import load_subject, prepare
from vlaudit.reading.config import read_config
from vlaudit.reading.override import Value
from vlaudit.rehearsal import bill, rehearse
from vlaudit.runner import run_probes

SERVER = str(Path(__file__).parents[1] / "tests" / "targets" / "fault_server.py")
ASKED = ["bias.zero_shot_parity", "bias.caption_parity", "bias.answer_stereotype"]
PROBES = ["bias.zero_shot_parity", "adversarial.typographic", "privacy.identity_inference"]


class Ends:
    """A sink and an observer that keep how each probe ended."""

    def __init__(self) -> None:
        """Begin with none."""
        self.seconds: dict[str, float] = {}

    def record(self, probe: str, item: object) -> None:
        """Keep the time of an outcome."""
        if isinstance(item, Measured):
            self.seconds[probe] = item.seconds

    def keep_picture(self, probe: str, name: str, pixels: object) -> str:
        """Keep nothing."""
        return name

    def keep_rows(self, probe: str, results: object) -> None:
        """Keep nothing."""

    def kept_rows(self) -> dict[str, RowResults]:
        """Know of no rows."""
        return {}

    def begin(self, step: str, title: str) -> None:
        """Say nothing."""

    def advance(self, fraction: float) -> None:
        """Say nothing."""

    def end(self, outcome: str, *, error: BaseException | None = None) -> None:
        """Say what broke a probe."""
        if error is not None:
            print(f"broken: {type(error).__name__}: {error}")


def main() -> None:
    """Estimate, run, compare."""
    probes = sys.argv[1:] or PROBES
    flags: dict[str, Value] = {"probes.select": probes, "target.threads": 1, "cache": ".no-cache"}
    config = read_config(config_file("flawed"), overrides=flags)
    subject = load_subject(config, base=Path())
    planned = api.plan_subject(config, subject, registry.cards())
    first, estimates = rehearse(subject, planned, config, load=registry.load, seconds=1.0)
    ends = Ends()
    started = time.perf_counter()
    # A file in the place of the cache: every picture is encoded anew.
    prepared = prepare(subject, config, base=Path("/dev/null"), observer=ends)
    took = {"(decode and encode)": time.perf_counter() - started}
    run_probes(planned, prepared.bench, ends, ends, load=registry.load)
    took |= ends.seconds
    for name, estimate in {"(decode and encode)": first, **estimates}.items():
        said = f"{'> ' if estimate.at_least else ''}{estimate.seconds:.1f} s"
        if name in took:
            ratio = estimate.seconds / took[name]
            print(f"{name:<30} said {said:>10}, took {took[name]:7.1f} s, ratio {ratio:.2f}")
        else:
            print(f"{name:<30} said {said:>10}, did not measure here; {estimate.remark}")


def main_endpoint() -> None:
    """Count the requests of an audit that a server receives, and compare with the plan."""
    with subprocess.Popen([sys.executable, SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{server.stdout.readline().strip()}/plan"
        endpoint = EndpointConfig(url=f"{address}/v1", logprobs=True, price_read=1.0)
        with TemporaryDirectory() as cache:
            flags: dict[str, Value] = {
                "probes.select": ASKED,
                "probes.skip": [],
                "target.generation.score_by": "answer",
                "cache": cache,
                "data.limit": 60,
            }
            read = read_config(config_file("captioner"), overrides=flags)
            target = read.target.model_copy(
                update={"model": "endpoint:tiny-vlm", "endpoint": endpoint}
            )
            config = read.model_copy(update={"target": target})
            subject = load_subject(config, base=Path())
            planned = api.plan_subject(config, subject, registry.cards())
            first, estimates = rehearse(subject, planned, config, load=registry.load, seconds=1.0)
            prepared = prepare(subject, config, base=Path(), observer=Ends())
            run_probes(planned, prepared.bench, Ends(), Ends(), load=registry.load)
        with urllib.request.urlopen(f"{address}/stats") as got:
            received = json.load(got)["calls"]
        server.kill()
    said = bill(first, estimates).toll
    print(f"endpoint: said {said.calls:,} requests for {', '.join(ASKED)}, received {received:,}")


if __name__ == "__main__":
    main()
    main_endpoint()

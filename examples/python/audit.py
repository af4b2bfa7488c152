"""Audits the bundled model from Python and prints what its policy says."""

from pathlib import Path

import vlaudit
from vlaudit.core.config import Config, DataConfig, ProbesConfig, TargetConfig


class Quiet:
    """An observer that shows nothing."""

    def begin(self, step: str, title: str) -> None:
        """Hear that a step begins."""

    def advance(self, fraction: float) -> None:
        """Hear how far it has come."""

    def end(self, outcome: str, *, error: BaseException | None = None) -> None:
        """Hear how it ended."""


def main(output: Path) -> None:
    """Audit, then read verdicts and measurements from the result."""
    config = Config(
        target=TargetConfig(model="reference:clean"),
        data=DataConfig(source="reference:clean", evaluate_on="test", limit=600),
        probes=ProbesConfig(select=("bias.zero_shot_parity",)),
        output=str(output),
    )
    result = vlaudit.audit(config, base=Path(), observer=Quiet())
    for verdict in result.judgement.verdicts:
        print(f"{verdict.status:15} {verdict.rule}: {verdict.because}")
    for probe, measurements in result.evidence.measurements.items():
        for item in measurements:
            if not item.slice:
                low, high = item.interval.low, item.interval.high
                print(f"{probe} {item.metric} = {item.value:.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main(Path("runs"))

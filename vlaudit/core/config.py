"""What the user asks for: `vlaudit.yaml` as a record."""

from typing import Annotated, Literal

from pydantic import Field

from vlaudit.core.dataset import Columns
from vlaudit.core.probe import Setting
from vlaudit.core.record import Record

Device = Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")]
Precision = Literal["auto", "fp32", "bf16", "fp16"]


class TargetConfig(Record):
    """Which model to audit, and on what.

    `model` is an open_clip architecture, `hf-hub:OWNER/NAME`, `local-dir:PATH` or, for the
    bundled models, `reference:NAME`; `pretrained` a tag or the path of a checkpoint.
    """

    model: str
    pretrained: str | None = None
    device: Device = "auto"
    precision: Precision = "auto"
    threads: Annotated[int, Field(ge=1)] | None = None
    batch_size: Annotated[int, Field(ge=1)] = 64
    allow_pickle: bool = False


class DataConfig(Record):
    """Which rows to audit on.

    `source` is a folder with metadata, a parquet, arrow, CSV or JSON-lines file (or a glob of
    them), a dataset saved to disk, a hub name or `reference:NAME`.
    """

    source: str
    name: str | None = None
    split: str | None = None
    columns: Columns = Columns()
    evaluate_on: str | None = None
    limit: Annotated[int, Field(ge=1)] | None = None


class ProbesConfig(Record):
    """Which probes to run: ids, risks or tags; an empty `select` means all."""

    select: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    settings: dict[str, dict[str, Setting]] = Field(default_factory=dict)


class BudgetConfig(Record):
    """What the audit may cost; a probe that has not begun when time is up is skipped and said."""

    minutes: Annotated[float, Field(gt=0)] | None = None


class SubjectConfig(Record):
    """A human's words about the model, printed on its card as such."""

    licence: str | None = None
    developers: str | None = None
    intended_use: str | None = None
    limitations: str | None = None
    contact: str | None = None


class Config(Record):
    """The whole of `vlaudit.yaml`."""

    target: TargetConfig
    data: DataConfig
    probes: ProbesConfig = ProbesConfig()
    policy: str = "release"
    claims: tuple[str, ...] = ()
    seed: Annotated[int, Field(ge=0)] = 0
    output: str = "runs"
    cache: str | None = None
    budget: BudgetConfig = BudgetConfig()
    subject: SubjectConfig = SubjectConfig()

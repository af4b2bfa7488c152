"""What the user asks for: `vlaudit.yaml` as a record."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vlaudit.core.dataset import Columns
from vlaudit.core.probe import Setting
from vlaudit.core.record import Record

Device = Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")]
Precision = Literal["auto", "fp32", "bf16", "fp16"]


class GenerationConfig(Record):
    """How a model that writes text is made to write."""

    max_tokens: Annotated[int, Field(ge=1)] = 64
    """Most tokens of one answer."""
    temperature: Annotated[float, Field(ge=0)] = 0.0
    """0 takes the likeliest token; more draws by chance."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the likeliest tokens that are drawn from."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of what is drawn."""
    calibrate: bool = False
    """Weigh options less what they are worth to an empty picture."""
    score_by: Literal["answer", "caption"] = "answer"
    """How a text is scored against a picture: by `answer`, the odds of yes against no when asked
    whether it fits, or by `caption`, how much likelier the model is to write it about the picture
    than about an empty one, for models that describe but answer no questions."""


class EndpointConfig(Record):
    """An OpenAI-compatible chat endpoint, how it is asked and what it may cost."""

    url: Annotated[str, Field(pattern=r"^https?://[^@?#\s]+$")]
    """Address before `/chat/completions`, such as `http://localhost:8000/v1`."""
    key_variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "OPENAI_API_KEY"
    """Environment variable that holds the key; none is sent while it is unset."""
    key_header: str = "Authorization"
    """Header that the key is sent in, such as `api-key`."""
    api_version: str | None = None
    """Value of `api-version` in the address, which Azure asks for."""
    parameters: dict[str, Setting] = Field(default_factory=dict)
    """Further fields of each request."""
    logprobs: bool = False
    """Whether the server gives `top_logprobs`; texts can then be scored and options weighed."""
    longest_side: Annotated[int, Field(ge=16)] | None = 1024
    """Larger pictures are reduced to this side, in pixels, before they are sent."""
    concurrency: Annotated[int, Field(ge=1)] = 16
    """Most requests at once; fewer while the server is busy."""
    timeout: Annotated[float, Field(gt=0)] = 120.0
    """Seconds without an answer after which a request has failed."""
    retries: Annotated[int, Field(ge=0)] = 6
    """Further attempts after a failure that may pass."""
    max_wait: Annotated[float, Field(gt=0)] = 60.0
    """Most seconds to wait before an attempt."""
    max_calls: Annotated[int, Field(ge=1)] | None = None
    """Most requests of one run, attempts included."""
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    """Most tokens of one run, read and written."""
    max_cost: Annotated[float, Field(gt=0)] | None = None
    """Most money of one run, in the currency of the prices."""
    price_read: Annotated[float, Field(ge=0)] = 0.0
    """Price of a million tokens read."""
    price_written: Annotated[float, Field(ge=0)] = 0.0
    """Price of a million tokens written."""

    @model_validator(mode="after")
    def _cost_has_prices(self) -> Self:
        if self.max_cost is not None and not self.price_read and not self.price_written:
            raise ValueError("max_cost needs price_read and price_written")
        return self


class TargetConfig(Record):
    """Which model to audit, and on what."""

    model: str
    """open_clip architecture, `hf-hub:OWNER/NAME`, `local-dir:PATH`, `transformers:OWNER/NAME`,
    `predictions:PATH`, `python:MODULE:CALLABLE`, `plugin:NAME`, `endpoint:NAME` or
    `reference:NAME`; the path of a folder is recognised as open_clip's or transformers'."""
    pretrained: str | None = None
    """Tag of the architecture, or path of a checkpoint."""
    device: Device = "auto"
    """`auto`, `cpu`, `mps`, `cuda` or `cuda:N`."""
    precision: Precision = "auto"
    """Number format of weights and activations."""
    threads: Annotated[int, Field(ge=1)] | None = None
    """Threads that torch may use; as many as there are cores by default."""
    batch_size: Annotated[int, Field(ge=1)] = 64
    """Pictures encoded at once; halved when they do not fit into the memory."""
    compile: str | None = None
    """Backend of torch.compile, such as `inductor`; where it fails or changes what is answered, the
    model runs uncompiled and that is said."""
    allow_pickle: bool = False
    """Load weights that can run code when loaded; this becomes a finding."""
    trust_remote_code: bool = False
    """Run Python code of the model's repository; this becomes a finding."""
    revision: str | None = None
    """Commit, tag or branch of a transformers model of the Hub."""
    endpoint: EndpointConfig | None = None
    """Address, limits and prices, for `model: endpoint:NAME`."""
    options: dict[str, Setting] = Field(default_factory=dict)
    """Named values for a Python target or plug-in; `scale` and `bias` of stored predictions."""
    generation: GenerationConfig = GenerationConfig()
    """How a model that writes text is made to write."""


PictureFormat = Literal["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000"]


class PicturesConfig(Record):
    """Which pictures are decoded; rows of others are set aside, with the reason."""

    formats: tuple[PictureFormat, ...] = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
    """Formats that are opened at all."""
    pixels: Annotated[int, Field(ge=1)] = 50_000_000
    """Most pixels, width times height, as the header declares them."""
    bytes: Annotated[int, Field(ge=1)] = 100_000_000
    """Most bytes of an encoded picture."""


class FetchConfig(Record):
    """Whether and how pictures that rows name by web address are downloaded."""

    pictures: bool = False
    """Download pictures; by default a row whose picture is a web address has none."""
    private_addresses: bool = False
    """Connect to private, loopback and link-local addresses too, such as a server of your own."""
    seconds: Annotated[float, Field(gt=0)] = 30.0
    """Time that one download may take."""
    redirects: Annotated[int, Field(ge=0, le=20)] = 5
    """Redirections that one download may follow; every one is screened anew."""


class DataConfig(Record):
    """Which rows to audit on."""

    source: str
    """Folder of pictures, table (parquet, arrow, CSV, TSV, JSON lines), WebDataset shards, COCO or
    Croissant file, a glob of them, dataset saved to disk, hub name, web address, remote filesystem
    such as s3://, or `reference:NAME`."""
    name: str | None = None
    """Name of the data in documents; that of the source by default."""
    configuration: str | None = None
    """Configuration of a hub dataset, or record set of a Croissant file."""
    stream: bool = False
    """Read only the first `limit` rows of a hub dataset instead of downloading it whole."""
    split: str | None = None
    """Split to read, such as `validation`."""
    columns: Columns = Columns()
    """Which column plays which role."""
    evaluate_on: str | None = None
    """Value of the split column whose rows the model is measured on."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """Most rows to read."""
    pictures: PicturesConfig = PicturesConfig()
    """Which pictures are decoded."""
    fetch: FetchConfig = FetchConfig()
    """Whether pictures may be downloaded."""


class ProbesConfig(Record):
    """Which probes to run: ids, risks or tags; an empty `select` means all."""

    select: tuple[str, ...] = ()
    """Ids, risks or tags of the probes to run; all when empty."""
    skip: tuple[str, ...] = ()
    """Ids, risks or tags of probes to leave out."""
    settings: dict[str, dict[str, Setting]] = Field(default_factory=dict)
    """Values by probe id and setting, in place of those of the card."""


class EngineConfig(Record):
    """Where scans of many rows run."""

    ray: str | None = None
    """Address of a Ray cluster, such as `10.0.0.5:6379`; processes of this machine by default."""
    shard_rows: Annotated[int, Field(ge=1)] = 16_384
    """Rows that are worked on, and kept when a scan is interrupted, at once."""


class BudgetConfig(Record):
    """What the audit may cost; a probe that has not begun when time is up is skipped and said."""

    minutes: Annotated[float, Field(gt=0)] | None = None
    """Time after which no further probe begins."""
    stop_early: bool | None = None
    """End a probe once every rule on it is decided; by default where answers are paid for."""


class SubjectConfig(Record):
    """A human's words about the model, printed on its card as such."""

    licence: str | None = None
    """Licence of the model."""
    developers: str | None = None
    """Who made the model."""
    intended_use: str | None = None
    """What the model is for."""
    limitations: str | None = None
    """What the model is known to be bad at."""
    contact: str | None = None
    """Where to write about the model."""


class Config(Record):
    """The whole of `vlaudit.yaml`."""

    target: TargetConfig
    """The model to audit."""
    data: DataConfig
    """The rows to audit it on."""
    reference: TargetConfig | None = None
    """A model like it that never saw the data, for probes that compare the two."""
    probes: ProbesConfig = ProbesConfig()
    """The probes to run."""
    policy: str = "release"
    """Name of a shipped policy, or path of a YAML file."""
    claims: tuple[str, ...] = ()
    """What the model is said to be, such as `robustness`; rules on a claim then apply."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of every random draw."""
    output: str = "runs"
    """Folder for run folders."""
    cache: str | None = None
    """Folder for embeddings."""
    engine: EngineConfig = EngineConfig()
    """Where scans of many rows run."""
    self_check: Literal["off", "quick", "full"] = "quick"
    """How often probes whose rules must hold are run again, on your rows made innocent and with
    known flaws in them: `quick`, `full` (minutes) or `off`."""
    budget: BudgetConfig = BudgetConfig()
    """What the audit may cost."""
    subject: SubjectConfig = SubjectConfig()
    """Your own words about the model, for its card."""

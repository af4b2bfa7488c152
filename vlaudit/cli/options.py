"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Run folder, as `vlaudit run` names it.")]
PolicyName = Annotated[
    str | None, typer.Option("--policy", help="Policy: the name of a shipped one, or a YAML file.")
]
Model = Annotated[
    str | None,
    typer.Option(
        "--target", help="Model: folder, open_clip architecture, hf-hub:NAME or transformers:NAME."
    ),
]
Pretrained = Annotated[
    str | None, typer.Option("--pretrained", help="Tag or checkpoint of the architecture.")
]
Data = Annotated[
    str | None, typer.Option("--data", help="Folder, file, glob or hub name of the dataset.")
]
Probes = Annotated[
    list[str] | None,
    typer.Option("--probe", help="Probe id, risk or tag to run; repeat for several. Default: all."),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of every random draw.")]
Device = Annotated[str | None, typer.Option("--device", help="auto, cpu, cuda, cuda:N or mps.")]
Precision = Annotated[str | None, typer.Option("--precision", help="auto, fp32, bf16 or fp16.")]
Threads = Annotated[int | None, typer.Option("--threads", help="Threads that torch may use.")]
Compile = Annotated[
    str | None, typer.Option("--compile", help="Backend of torch.compile, such as inductor.")
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any key of the configuration, such as data.limit=500; repeat for several.",
    ),
]
SelfCheck = Annotated[
    str | None,
    typer.Option("--self-check", help="Try the probes on your rows: off, quick or full (minutes)."),
]
Output = Annotated[str | None, typer.Option("--output", help="Folder for run folders.")]
AllowPickle = Annotated[
    bool,
    typer.Option("--allow-pickle", help="Load weights that can run code; this becomes a finding."),
]
TrustRemoteCode = Annotated[
    bool,
    typer.Option(
        "--trust-remote-code",
        help="Run Python code of the model's repository; this becomes a finding.",
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Argument(metavar="CONFIG", help="Configuration. Default: vlaudit.yaml if it exists."),
]

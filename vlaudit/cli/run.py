"""`vlaudit run`: audits what a configuration names."""

from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


def run(
    context: typer.Context,
    config: options.ConfigFile = None,
    target: options.Model = None,
    pretrained: options.Pretrained = None,
    data: options.Data = None,
    probe: options.Probes = None,
    policy: options.PolicyName = None,
    seed: options.Seed = None,
    device: options.Device = None,
    precision: options.Precision = None,
    threads: options.Threads = None,
    compile: options.Compile = None,
    output: options.Output = None,
    self_check: options.SelfCheck = None,
    allow_pickle: options.AllowPickle = False,
    trust_remote_code: options.TrustRemoteCode = False,
    set: options.Sets = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="RUN", help="Go on with this run instead.")
    ] = None,
) -> None:
    """Audit a model on a dataset: measure, judge, and write report and cards."""
    from vlaudit import api
    from vlaudit.cli.audited import run_and_exit
    from vlaudit.cli.configuration import configured

    debug = bool(context.obj)
    if resume is not None:
        run_and_exit(lambda observer: api.resume(resume, observer=observer), debug=debug)
    flags = {
        "target.model": target,
        "target.pretrained": pretrained,
        "data.source": data,
        "probes.select": probe,
        "policy": policy,
        "seed": seed,
        "target.device": device,
        "target.precision": precision,
        "target.threads": threads,
        "target.compile": compile,
        "output": output,
        "self_check": self_check,
        "target.allow_pickle": allow_pickle,
        "target.trust_remote_code": trust_remote_code,
    }
    settled, base = configured(config, flags, set)
    run_and_exit(lambda observer: api.audit(settled, base=base, observer=observer), debug=debug)

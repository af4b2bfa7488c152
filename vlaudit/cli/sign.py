"""`vlaudit sign`: signs a judged run with a key of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from vlaudit.cli import options


def sign(
    run: options.Run,
    key: Annotated[
        Path, typer.Option("--key", help="Private ed25519 or ECDSA key (PEM, no password).")
    ],
    new_key: Annotated[
        bool,
        typer.Option(
            "--new-key", help="Make an ed25519 key first, and its public half in KEY.pub."
        ),
    ] = False,
) -> None:
    """Sign what a run says of model, data and policy: in-toto statement, DSSE, sigstore bundle.

    Whoever has the public key can then check the run with `vlaudit verify RUN --key KEY.pub`.
    Nothing is sent anywhere, and no transparency log is asked.
    """
    from vlaudit.evidence.files import write_whole
    from vlaudit.evidence.keys import make_key
    from vlaudit.evidence.sign import BUNDLE, ENVELOPE
    from vlaudit.report.verification import attest

    if new_key:
        for path in make_key(key):
            typer.echo(f"wrote {path}")
    envelope, bundle = attest(run, key)
    for name, text in ((ENVELOPE, envelope), (BUNDLE, bundle)):
        typer.echo(f"wrote {write_whole(run / name, text)}")

"""Attacks by the name that a configuration gives them."""

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.gradient.ensemble import ApgdEnsemble, Attack
from vlaudit.perturb.gradient.toolbox import ToolboxAutoPgd


def choose_attack(
    backend: str, *, steps: int, restarts: int, targets: int, give_up: bool
) -> Attack:
    """Return the attack that `backend` names: `native`, or `art` for the toolbox's APGD.

    Raises:
        Inapplicable: no attack has that name.
    """
    match backend:
        case "native":
            return ApgdEnsemble(steps, restarts, targets, give_up)
        case "art":
            return ToolboxAutoPgd(steps, restarts)
        case _:
            raise Inapplicable(f"backend {backend!r} does not exist; set `native` or `art`")

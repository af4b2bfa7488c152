"""Attacks and balls by the names that a configuration gives them."""

from collections.abc import Callable

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.gradient.ball import Ball, L2Ball, LinfBall
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


def choose_ball(norm: str) -> Callable[[float], Ball]:
    """Return what makes the ball of a budget: `linf` or `l2`.

    Raises:
        Inapplicable: no ball has that name.
    """
    match norm:
        case "linf":
            return LinfBall
        case "l2":
            return L2Ball
        case _:
            raise Inapplicable(f"norm {norm!r} does not exist; set `linf` or `l2`")

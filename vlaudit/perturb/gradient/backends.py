"""Attacks and balls by the names that a configuration gives them."""

from collections.abc import Callable

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.gradient.ball import Ball, L2Ball, LinfBall
from vlaudit.perturb.gradient.ensemble import ApgdEnsemble, Attack
from vlaudit.perturb.gradient.standard import StandardEnsemble
from vlaudit.perturb.gradient.toolbox import ToolboxAutoAttack, ToolboxAutoPgd

# The standard ensemble is never run with less than it was published with.
PUBLISHED_STEPS, PUBLISHED_TARGETS = 100, 9


def choose_attack(
    *,
    backend: str,
    ensemble: str,
    steps: int,
    restarts: int,
    targets: int,
    give_up: bool,
    queries: int,
) -> Attack:
    """Return an attack: of vlaudit (`native`) or the toolbox (`art`), `quick` or `standard`.

    Raises:
        Inapplicable: no attack has that name.
    """
    match backend, ensemble:
        case "native", "quick":
            return ApgdEnsemble(steps, restarts, targets, give_up)
        case "native", "standard":
            return StandardEnsemble(
                max(steps, PUBLISHED_STEPS), restarts, max(targets, PUBLISHED_TARGETS), queries
            )
        case "art", "quick":
            return ToolboxAutoPgd(steps, restarts)
        case "art", "standard":
            return ToolboxAutoAttack(max(steps, PUBLISHED_STEPS), restarts, queries)
        case (("native" | "art"), _):
            raise Inapplicable(f"ensemble {ensemble!r} does not exist; set `quick` or `standard`")
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

"""Errors of models that others are held against under corruption."""

from collections.abc import Mapping, Sequence

from vlaudit.core.probe import Inapplicable
from vlaudit.perturb.corruption.types import STANDARD

CLEAN = "clean"
# Top-1 errors over five severities, as published with ImageNet-C (Hendrycks and Dietterich 2019).
ALEXNET: Mapping[str, float] = {
    CLEAN: 0.4348,
    "gaussian_noise": 0.886428,
    "shot_noise": 0.894468,
    "impulse_noise": 0.922640,
    "defocus_blur": 0.819880,
    "glass_blur": 0.826268,
    "motion_blur": 0.785948,
    "zoom_blur": 0.798360,
    "snow": 0.866816,
    "frost": 0.826572,
    "fog": 0.819324,
    "brightness": 0.564592,
    "contrast": 0.853204,
    "elastic_transform": 0.646056,
    "pixelate": 0.717840,
    "jpeg_compression": 0.606500,
}


def declared(entries: Sequence[str]) -> dict[str, float]:
    """Return the errors of a baseline: `alexnet`, or entries such as `fog: 0.82`.

    Raises:
        Inapplicable: an entry is of another form, or names no corruption of ImageNet-C.
    """
    if [entry.strip().lower() for entry in entries] == ["alexnet"]:
        return dict(ALEXNET)
    found: dict[str, float] = {}
    for entry in entries:
        name, _, value = (part.strip() for part in entry.partition(":"))
        try:
            error = float(value)
        except ValueError:
            error = -1.0
        if name not in {*STANDARD, CLEAN} or not 0 < error <= 1:
            raise Inapplicable(
                f"baseline {entry!r} is neither `alexnet` nor of the form `fog: 0.82`: a type of "
                "ImageNet-C, or `clean`, and an error above 0 and up to 1"
            )
        found[name] = error
    return found

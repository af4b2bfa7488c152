"""Prints numbers as people read them, in the unit that the card declares."""

UNITLESS = frozenset({"", "1", "count", "ratio", "number", "score"})


def amount(value: float, unit: str) -> str:
    """Print a value: a fraction as per cent, anything else to three digits with its unit.

    Rounding never makes a fraction look like exactly 0 or 100 per cent when it is not.
    """
    if unit == "fraction":
        return f"{_per_cent(value * 100)}%"
    text = _general(value)
    return text if unit in UNITLESS else f"{text} {unit}"


def span(low: float, high: float, unit: str) -> str:
    """Print an interval, such as `20.3% to 35.5%`; other units stand with the value before it."""
    if unit == "fraction":
        return f"{amount(low, unit)} to {amount(high, unit)}"
    return f"{_general(low)} to {_general(high)}"


def percent(level: float) -> str:
    """Print a confidence level, such as `95%`."""
    return f"{level * 100:.4g}%"


def whole(number: int) -> str:
    """Print a count with thousands parted by commas."""
    return f"{number:,}"


def exact(value: float, unit: str) -> str:
    """Print a number that somebody set, such as a limit, without rounding it."""
    if unit == "fraction":
        return f"{value * 100:.6g}%"
    text = f"{value:,.6g}"
    return text if unit in UNITLESS else f"{text} {unit}"


def _per_cent(value: float) -> str:
    """Print per cent with one decimal; more near 0, and where it would else become 100."""
    if value in {0.0, 100.0}:
        return f"{value:.0f}"
    if abs(value) < 0.0005:
        return "<0.001" if value > 0 else ">-0.001"
    if abs(value) < 0.95:
        return f"{value:.{2 if abs(value) >= 0.095 else 3}f}"
    for digits in (1, 2, 3):
        if (text := f"{value:.{digits}f}") != f"{100:.{digits}f}":
            return text
    return ">99.999"


def _general(value: float) -> str:
    if value == 0:
        return "0"
    if abs(value) >= 1000 or float(value).is_integer():
        return f"{value:,.0f}"
    if abs(value) < 0.001:
        return f"{value:.2e}"
    return f"{value:.3g}"

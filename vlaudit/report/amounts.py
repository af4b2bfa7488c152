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
    """Print an interval, such as `20.3% to 35.5%`."""
    if unit != "fraction":
        ends = f"{_general(low)} to {_general(high)}"
        return ends if unit in UNITLESS else f"{ends} {unit}"
    return f"{amount(low, unit)} to {amount(high, unit)}"


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
    """Print per cent with one decimal, or with two significant digits near 0 and 100."""
    nearest = 0.0 if value < 50 else 100.0
    distance = abs(value - nearest)
    if distance == 0:
        return f"{nearest:.0f}"
    if distance < 0.0005:
        return "<0.001" if nearest == 0 else ">99.999"
    return f"{value:.{1 if distance >= 0.95 else 2 if distance >= 0.095 else 3}f}"


def _general(value: float) -> str:
    if value == 0:
        return "0"
    if abs(value) >= 1000 or float(value).is_integer():
        return f"{value:,.0f}"
    if abs(value) < 0.001:
        return f"{value:.2e}"
    return f"{value:.3g}"

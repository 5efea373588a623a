"""Numbers and instants as the field prints them: the one place that rounds."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

from bot.review.planned import RATIOS
from bot.review.protocol import PublishedResult

if TYPE_CHECKING:  # printing a count does not load what computes
    from bot.results.model import ShownEffect

MINUS = "\N{MINUS SIGN}"
NOT_REPORTED = "not reported"

MOST_DIGITS = 8  # beyond them nothing is told apart that a trial could have measured
_SMALLEST_PLAIN_RATIO = 0.01  # below it two decimals would print as nothing
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def decimal(value: float, digits: int = 2) -> str:
    """Print a number with a fixed count of decimals, a true minus, and no negative zero."""
    if math.isnan(value):
        raise ValueError("a number to print: found NaN, expected a number or None")
    if math.isinf(value):
        return "\N{INFINITY}" if value > 0 else f"{MINUS}\N{INFINITY}"
    text = f"{value:,.{digits}f}"
    if text.startswith("-"):
        return text[1:] if float(text.replace(",", "")) == 0 else MINUS + text[1:]
    return text


def plain(value: float) -> str:
    """Print a value as it was reported: 7 for 7.0, 7.285 for 7.285."""
    return repr(int(value)) if value.is_integer() else repr(value)


def effect_number(value: float, measure: str, digits: int = 2) -> str:
    """Print one number on the scale of a measure, so that a small ratio never reads as 0.00."""
    if measure in RATIOS and 0 < value < min(_SMALLEST_PLAIN_RATIO, 10.0**-digits):
        return f"{value:.1g}" if value >= 1e-4 else "<0.0001"
    return decimal(value, digits)


def digits_of(effect: ShownEffect) -> int:
    """Return with how many decimals an interval is printed: two, more where it is narrow.

    Its width keeps two digits: −0.0033 (−0.0038 to −0.0027), for with two decimals it would read as
    nothing.
    """
    width = effect.ci_upper - effect.ci_lower
    if not 0 < width < math.inf:
        return 2
    return min(MOST_DIGITS, max(2, 1 - math.floor(math.log10(width))))


def limits(effect: ShownEffect, measure: str) -> str:
    """Print the confidence limits: '2.86 to 42.25'."""
    digits, ends = digits_of(effect), (effect.ci_lower, effect.ci_upper)
    lower, upper = (effect_number(each, measure, digits) for each in ends)
    return f"{lower} to {upper}"


def interval(effect: ShownEffect, measure: str) -> str:
    """Print an estimate with its limits: '11.00 (2.86 to 42.25)'."""
    estimate = effect_number(effect.estimate, measure, digits_of(effect))
    return f"{estimate} ({limits(effect, measure)})"


def sentence(effect: ShownEffect, measure: str, level: float = 0.95) -> str:
    """Print an estimate as in a sentence: 'RR 11.00, 95% CI 2.86 to 42.25'."""
    estimate = effect_number(effect.estimate, measure, digits_of(effect))
    return f"{measure} {estimate}, {level_in_words(level)} CI {limits(effect, measure)}"


def as_published(published: PublishedResult) -> str:
    """Print a published result in its own digits: '11.00 (2.86 to 42.25)'."""
    numbers = (published.estimate, published.ci_lower, published.ci_upper)
    estimate, lower, upper = (each.strip().replace("-", MINUS) for each in numbers)
    return f"{estimate} ({lower} to {upper})"


def level_in_words(level: float) -> str:
    """Print the level of an interval: '95%', '99.5%'."""
    return f"{100 * level:.10g}%"


def p_value(p: float) -> str:
    """Print a p-value with its sign: 'p = 0.03', 'p = 0.004', 'p < 0.001'."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.01 else f"p = {p:.2f}"


def percent(share: float, digits: int = 0) -> str:
    """Print a share (0-1) in percent."""
    return f"{decimal(100 * share, digits)}%"


def count(n: int | None) -> str:
    """Print a count, or that it was not reported."""
    return NOT_REPORTED if n is None else f"{n:,}"


def counted(n: int, singular: str, plural: str | None = None) -> str:
    """Print a count with its noun: '1 study', '2 studies'."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def instant(text: str | None) -> str:
    """Print an ISO date or instant for people, in UTC as it came; other text stays as it is."""
    if text is None:
        return NOT_REPORTED
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    day = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return day if "T" not in text else f"{day}, {moment:%H:%M} {_zone(moment)}".rstrip()


def day(text: str | None) -> str:
    """Print only the date of an ISO instant."""
    return instant(text).split(",", maxsplit=1)[0]


def listed(items: tuple[str, ...]) -> str:
    """Join names as in a sentence: 'a, b and c'."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _zone(moment: datetime) -> str:
    offset = moment.utcoffset()
    if offset is None:
        return ""
    return "UTC" if not offset else f"UTC{moment:%z}"

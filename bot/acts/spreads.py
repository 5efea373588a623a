"""From what a paper prints of a spread to the standard deviation that is pooled.

`extraction.numbers` has read it, `analysis` has the formulas; here the one is given to the other,
and said in words how a number was had. It loads the engine: load it where there is such a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from analysis import conversions
from analysis.conversions import Converted, Quantiles, mean_by_luo_wan
from analysis.crossover import (
    sd_of_differences,
    sd_of_differences_from_limits,
    sd_of_differences_from_p,
    sd_of_differences_from_t,
)
from analysis.errors import AnalysisError
from analysis.merging import MeanOfGroup, merge_means
from analysis.results import Measure
from bot.acts.number_had import ContrastHad, GroupHad, NumberHad, TwoGroups
from extraction.errors import UnclearNumber
from extraction.numbers import Between, Centre, FromBaseline, GroupsTogether, Phrase, PrintedGroup

# The last digits of a result are those of the machine, not of what somebody said.
DIGITS = 12
OF_TWO = (Centre.DIFFERENCE, Centre.RATIO)
LEVEL = 0.95  # of limits whose confidence a text does not name


def group_of(phrase: Phrase, n: float | None, mean: float | None = None) -> GroupHad:
    """Return what a phrase says of one group. n, mean: as typed in their own fields.

    Raises UnclearNumber where something is missing or cannot be.
    """
    with _refused(phrase):
        return _group_of(phrase, n, mean)


def _group_of(phrase: Phrase, n: float | None, mean: float | None) -> GroupHad:
    if isinstance(phrase, GroupsTogether):
        return _merged(phrase)
    if isinstance(phrase, FromBaseline):
        return _change(phrase)
    people = _people(phrase, n)
    own_n = NumberHad(phrase.n) if phrase.n is not None else None
    if phrase.quartiles is not None or phrase.span is not None:
        return _from_quantiles(phrase, people, own_n, mean)
    at = phrase.number if phrase.number is not None else mean
    of_group = phrase.number is not None and phrase.centre not in OF_TWO
    own_mean = NumberHad(at) if of_group and at is not None else None
    return GroupHad(own_mean, _spread(phrase, people, at), own_n)


def _people(phrase: PrintedGroup, n: float | None) -> float | None:
    if phrase.n is not None and n is not None and phrase.n != n:
        raise UnclearNumber(f"found '{phrase.text}' and n {n:g}, expected one number of people")
    return phrase.n if phrase.n is not None else n


def _spread(phrase: PrintedGroup, n: float | None, mean: float | None) -> NumberHad | None:
    """Return the SD of a group where its own numbers tell it."""
    if phrase.sd is not None:
        return NumberHad(phrase.sd)
    if phrase.centre in OF_TWO:
        return None  # the other group is needed
    if phrase.se is not None:
        return _of_people(phrase, conversions.sd_from_se(phrase.se, _needed(phrase, n)), n)
    if phrase.limits is not None:
        level = phrase.level if phrase.level is not None else LEVEL
        return _from_limits(phrase, phrase.limits, _needed(phrase, n), level)
    if phrase.unnamed is not None:
        limits = _symmetrical(phrase, phrase.unnamed, mean)
        return _from_limits(phrase, limits, _needed(phrase, n), LEVEL, taken=True)
    return None


def _from_limits(
    phrase: PrintedGroup, limits: Between, n: float, level: float, *, taken: bool = False
) -> NumberHad:
    found = conversions.sd_from_ci(limits.lower, limits.upper, n, level=level)
    which = f"{100 * level:g}% limits" + (
        ", as which they were taken because they lie symmetrically" if taken else ""
    )
    return _of_people(phrase, Converted(found.value, f"{found.method}, {which}"), n)


def _symmetrical(phrase: PrintedGroup, found: Between, mean: float | None) -> Between:
    """Return two unnamed numbers as limits, which only such can be as lie about the mean."""
    if mean is None:
        raise UnclearNumber(
            f"found '{phrase.text}', expected what the two numbers are: a 95% CI, an IQR, a range"
        )
    printed = min(found.decimals, phrase.decimals) if phrase.number is not None else found.decimals
    # Each of the three is rounded by half a unit of its last digit, the mean counts twice.
    if abs(found.lower + found.upper - 2 * mean) > 2.0001 * 10.0**-printed:
        raise UnclearNumber(
            f"found '{phrase.text}', expected what the two numbers are (95% CI, IQR or range):"
            " limits of a mean would lie at equal distances from it"
        )
    return found


def _from_quantiles(
    phrase: PrintedGroup, n: float | None, own_n: NumberHad | None, mean: float | None
) -> GroupHad:
    number = phrase.number if phrase.number is not None else mean
    if number is None:
        raise UnclearNumber(f"found '{phrase.text}', expected the median as well")
    if phrase.centre is None and phrase.quartiles is None:
        raise UnclearNumber(
            f"found '{phrase.text}', expected mean or median to be named, such as"
            " median 5 (range 1 to 20)"
        )
    people = _needed(phrase, n)
    found = mean_by_luo_wan(
        Quantiles(int(people), number, _pair(phrase.quartiles), _pair(phrase.span))
    )
    how = f"{found.method}, an estimate that takes the data as normal"
    sd = _of_people(phrase, Converted(found.sd, how, estimated=True), people)
    if phrase.centre is Centre.MEAN:
        return GroupHad(NumberHad(number), sd, own_n)
    mean_had = _of_people(phrase, Converted(found.mean, how, estimated=True), people)
    return GroupHad(mean_had, sd, own_n)


def _pair(found: Between | None) -> tuple[float, float] | None:
    return (found.lower, found.upper) if found is not None else None


def _merged(phrase: GroupsTogether) -> GroupHad:
    groups = [_whole_group(phrase, each) for each in phrase.groups]
    merged = merge_means(groups)
    how = f"groups merged (Handbook 6.5.2.10) from “{phrase.text.strip()}”"
    return GroupHad(
        *(NumberHad(_kept(number), how) for number in (merged.mean, merged.sd, merged.n))
    )


def _whole_group(phrase: GroupsTogether, each: PrintedGroup) -> MeanOfGroup:
    had = _group_of(each, None, None)
    if had.mean is None or had.sd is None or had.n is None:
        raise UnclearNumber(
            f"found '{phrase.text}', expected mean, spread and n of each group, such as"
            " 3.1 (SD 0.4; n 12) + 2.9 (SD 0.5; n 13)"
        )
    return MeanOfGroup(had.n.number, had.mean.number, had.sd.number)


def _change(phrase: FromBaseline) -> GroupHad:
    before, after = phrase.before, phrase.after
    if before.number is None or after.number is None or before.sd is None or after.sd is None:
        raise UnclearNumber(f"found '{phrase.text}', expected a mean with its SD before and after")
    if not -1 <= phrase.r <= 1:
        raise UnclearNumber(f"found '{phrase.text}', expected a correlation from -1 to 1")
    sd = sd_of_differences(before.sd, after.sd, phrase.r)
    how = f"change from baseline (Handbook 6.5.2.8) from “{phrase.text.strip()}”"
    n = after.n if after.n is not None else before.n
    return GroupHad(
        NumberHad(_kept(after.number - before.number), f"final − baseline, {how}"),
        NumberHad(_kept(sd), f"from the correlation r, {how}"),
        NumberHad(n) if n is not None else None,
    )


def common_spread(phrase: PrintedGroup, two: TwoGroups) -> NumberHad:
    """Return the SD of two groups from a test, a standard error or limits of their difference.

    Raises UnclearNumber where something is missing or cannot be.
    """
    with _refused(phrase):
        found, inputs = _of_difference(phrase, two)
    return _from(phrase, found, f"{inputs}n {two.n_1:g} and {two.n_2:g}")


def _of_difference(phrase: PrintedGroup, two: TwoGroups) -> tuple[Converted, str]:
    """Return the SD, and which other input than the people it is from."""
    people = two.n_1, two.n_2
    if phrase.se is not None:
        return conversions.sd_from_difference_se(phrase.se, *people), ""
    if phrase.limits is not None:
        lower, upper, level = phrase.limits.lower, phrase.limits.upper, phrase.level or LEVEL
        return conversions.sd_from_difference_ci(lower, upper, *people, level=level), ""
    said = phrase.number if phrase.centre is Centre.DIFFERENCE else two.difference
    difference = _difference(phrase, said)
    inputs = f"a difference of {difference:.6g}, "
    if phrase.t is not None:
        return conversions.sd_from_t(difference, phrase.t, *people), inputs
    if phrase.p is not None:
        return conversions.sd_from_p(difference, phrase.p, *people), inputs
    raise UnclearNumber(f"found '{phrase.text}', expected an SD, SE, 95% CI, t or p")


def spread_of_differences(
    phrase: PrintedGroup, n: float | None, difference: float | None
) -> NumberHad:
    """Return the SD of within-person differences from what a paper prints of their mean.

    Raises UnclearNumber where something is missing or cannot be.
    """
    if phrase.sd is not None:
        return NumberHad(phrase.sd)
    people = _needed(phrase, _people(phrase, n))
    apart = phrase.number if phrase.number is not None else difference
    with _refused(phrase):
        found, inputs = _within_people(phrase, people, apart)
    return _from(phrase, found, f"{inputs}n {people:g}")


def _within_people(phrase: PrintedGroup, n: float, apart: float | None) -> tuple[Converted, str]:
    """Return the SD, and which other input than the people it is from."""
    if phrase.se is not None:
        return conversions.sd_from_se(phrase.se, n), ""
    limits = phrase.limits if phrase.limits is not None else phrase.unnamed
    if limits is not None:
        level = phrase.level or LEVEL
        sd = sd_of_differences_from_limits(limits.lower, limits.upper, n, level=level)
        return Converted(sd, f"t interval of a mean difference, {100 * level:g}% limits"), ""
    difference = abs(_difference(phrase, apart))
    inputs = f"a mean difference of {difference:.6g}, "
    if phrase.t is not None:
        return Converted(sd_of_differences_from_t(difference, abs(phrase.t), n), "paired t"), inputs
    if phrase.p is not None:
        return Converted(sd_of_differences_from_p(difference, phrase.p, n), "paired p"), inputs
    raise UnclearNumber(f"found '{phrase.text}', expected an SD, SE, 95% CI, t or p")


def contrast_of(phrase: PrintedGroup) -> ContrastHad:
    """Return what a phrase says of an effect of two groups: a ratio as its logarithm.

    Raises UnclearNumber where something is missing or cannot be.
    """
    if phrase.number is None:
        raise UnclearNumber(f"found '{phrase.text}', expected the effect as well")
    with _refused(phrase):
        if phrase.centre is Centre.RATIO or _of_another_level(phrase):
            return _computed(phrase, phrase.number)
    limits = phrase.limits if phrase.limits is not None else phrase.unnamed
    return ContrastHad(
        NumberHad(phrase.number),
        _printed(phrase.se),
        _printed(limits.lower if limits is not None else None),
        _printed(limits.upper if limits is not None else None),
        _printed(phrase.p),
    )


def _of_another_level(phrase: PrintedGroup) -> bool:
    """Whether the limits are no 95% ones, as those that are stored are."""
    return phrase.limits is not None and phrase.level not in (None, LEVEL)


def _computed(phrase: PrintedGroup, number: float) -> ContrastHad:
    """Return the effect on the pooled scale with the standard error that limits or p give it."""
    ratio = phrase.centre is Centre.RATIO
    measure = Measure.HAZARD_RATIO if ratio else Measure.GENERIC
    limits = phrase.limits if phrase.limits is not None else phrase.unnamed
    if limits is not None:
        level = phrase.level or LEVEL
        each = ([number], [limits.lower], [limits.upper])
        found = conversions.effects_from_limits(["it"], *each, measure, level=level)
        method = f"SE from {100 * level:g}% limits"
    elif phrase.p is not None:
        found = conversions.effects_from_p(["it"], [number], [phrase.p], measure)
        method = "SE from p"
    else:
        raise UnclearNumber(
            f"found '{phrase.text}', expected its limits or p, such as HR 0.70 (0.50 to 0.98); an"
            " SE is that of the logarithm: type the logarithm with it"
        )
    effect, se = float(found.effects[0]), float(found.variances[0]) ** 0.5
    estimate = (
        _from(phrase, Converted(effect, "natural logarithm"), "") if ratio else NumberHad(number)
    )
    return ContrastHad(estimate, _from(phrase, Converted(se, method), ""))


def _printed(number: float | None) -> NumberHad | None:
    return NumberHad(number) if number is not None else None


def _difference(phrase: PrintedGroup, said: float | None) -> float:
    if said is None:
        raise UnclearNumber(
            f"found '{phrase.text}', expected the means of both arms, or the difference with it,"
            " such as difference 3.8 (p = 0.008)"
        )
    return said


@contextmanager
def _refused(phrase: Phrase) -> Iterator[None]:
    """Name the phrase in what a formula refuses."""
    try:
        yield
    except AnalysisError as error:
        raise UnclearNumber(f"found '{phrase.text}', which cannot be: {error}") from error


def _from(phrase: Phrase, found: Converted, inputs: str) -> NumberHad:
    how = f"{found.method} from “{phrase.text.strip()}”"
    return NumberHad(_kept(found.value), f"{how}, {inputs}" if inputs else how)


def _of_people(phrase: PrintedGroup, found: Converted, n: float | None) -> NumberHad:
    return _from(phrase, found, f"n {n:g}" if n is not None else "")


def _needed(phrase: PrintedGroup, n: float | None) -> float:
    if n is None:
        raise UnclearNumber(
            f"found '{phrase.text}', expected the number of people (n) as well: the SD needs it"
        )
    return n


def _kept(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")

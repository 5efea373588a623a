"""The Q-profile: which between-study variances tau² the studies are compatible with."""

from __future__ import annotations

from analysis.distributions import chi2_quantile
from analysis.heterogeneity import Profile, q_profile, typical_variance
from analysis.linear import Intercept
from analysis.pooling import check_poolable
from analysis.results import StudyEffects
from bot.errors import NotDrawn
from bot.figures import svg
from bot.figures.frame import SMALL, Frame, bottom_axis, left_axis, polyline, span
from bot.results.format import counted, decimal

_POINTS = 120
_LEADING = 16


def q_profile_svg(
    studies: StudyEffects,
    told: tuple[str, str],
    *,
    tau2: float | None = None,
    level: float = 0.95,
    narrow: bool = False,
) -> str:
    """Draw Q against tau², with the limits of tau² where it meets the two quantiles of χ².

    told: the analysis's id and title
    tau2: the estimate in use, to be marked
    Raises NotDrawn for fewer than two studies and where tau² has no upper limit.
    """
    check_poolable(studies)
    if len(studies) < 2:
        raise NotDrawn(f"{counted(len(studies), 'study', 'studies')} with an effect, 2 needed")
    model = Intercept(studies.effects, studies.variances)
    profile = q_profile(model, typical_variance(model), level)
    width, right = (360.0, 346.0) if narrow else (760.0, 746.0)
    tail = (1 - level) / 2
    quantiles = chi2_quantile(1 - tail, model.k - 1), chi2_quantile(tail, model.k - 1)
    frame = _frame(model, profile, tau2, quantiles[1], right)
    body = (
        _band(frame, profile),
        *(frame.across(each, stroke=svg.MUTED, stroke_dasharray="5 3") for each in quantiles),
        _curve(model, frame),
        _estimate(model, frame, tau2),
        left_axis(frame, "Q at this tau"),
        bottom_axis(frame, "tau, the standard deviation between studies"),
    )
    said = _said(studies, profile, tau2, level)
    lines = svg.fitting(f"{said} {_HOW}", width - 16, 12)
    words = svg.text_lines(8, frame.bottom + 60, lines, _LEADING, **SMALL)
    name = f"q-profile-{svg.slug(told[0])}{'-narrow' if narrow else ''}"
    title = f"Q-profile {told[0]}: {told[1]}"
    height = frame.bottom + 60 + len(lines) * _LEADING
    return svg.picture(name, width, height, (title, f"{said} {_HOW}"), "".join(body) + words)


_HOW = (
    "Dashed: what Q exceeds with a chance of 97.5% and of 2.5% where tau² is true; the shaded"
    " values of tau lie between, and the data are compatible with them."
)


def _frame(
    model: Intercept, profile: Profile, tau2: float | None, highest: float, right: float
) -> Frame:
    reach = max(profile.tau2.upper * 1.15, (tau2 or 0.0) * 1.15)
    if reach == 0:
        reach = typical_variance(model)
    x = span(0, reach**0.5, 5)
    y = span(0, max(model.q(0.0), highest) * 1.05, 4)
    return Frame(x, y, 46, 34, right, 250)


def _band(frame: Frame, profile: Profile) -> str:
    left, right = (frame.at(each**0.5, 0)[0] for each in (profile.tau2.lower, profile.tau2.upper))
    drawn = svg.rect(left, frame.top, right - left, frame.bottom - frame.top, fill=svg.TINT)
    edges = (svg.line(x, frame.top, x, frame.bottom, stroke=svg.RULE) for x in (left, right))
    return drawn + "".join(edges)


def _curve(model: Intercept, frame: Frame) -> str:
    taus = [frame.x.high * each / _POINTS for each in range(_POINTS + 1)]
    return polyline((frame.at(each, model.q(each**2)) for each in taus), stroke_width=1.8)


def _estimate(model: Intercept, frame: Frame, tau2: float | None) -> str:
    if tau2 is None:
        return ""
    x, y = frame.at(tau2**0.5, model.q(tau2))
    corners = ((x - 6, y), (x, y - 6), (x + 6, y), (x, y + 6))
    return svg.polygon(corners, fill=svg.ACCENT, stroke=svg.PAPER)


def _said(studies: StudyEffects, profile: Profile, tau2: float | None, level: float) -> str:
    limits = f"{decimal(profile.tau2.lower)} to {decimal(profile.tau2.upper)}"
    k = counted(len(studies), "study", "studies")
    marked = "" if tau2 is None else f"Diamond: tau² = {decimal(tau2)}. "
    none = " No tau² is compatible: they differ less than chance." if not profile.tau2.upper else ""
    return f"{k}. {marked}{100 * level:g}% interval of tau²: {limits}.{none}"

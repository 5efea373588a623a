"""What was typed into the fields of an extraction, a number or a phrase of the paper, as numbers.

Each field takes what a paper prints for it, and gives the other fields of its arm what the phrase
says of them: "12/45 (26.7%)" among the events is the total too, "3.1 (SE 0.4)" the mean and, with
the people, the SD. What a phrase and a field say twice must be the same. Nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.acts.number_had import ContrastHad, GroupHad, NumberHad, TwoGroups
from bot.acts.said import ReadValue
from bot.review.outcome_fields import CONTRAST, JOINT_TABLE
from extraction.errors import UnclearNumber
from extraction.model import Field
from extraction.numbers import (
    Centre,
    FromBaseline,
    GroupsTogether,
    Percent,
    Phrase,
    PrintedGroup,
    read_phrase,
    read_real,
    read_whole,
)
from state.late import late

Place = tuple[str, str, str]  # outcome, time point, stratum

COUNTED = (Field.TOTAL, Field.EVENTS, Field.N, *JOINT_TABLE)
PEOPLE = "a number of people, such as 12"
SHARE = f"{PEOPLE}, or events among people, such as 12/45 (26.7%)"
OF_MEANS = (Field.MEAN, Field.SD, Field.N)


@dataclass(slots=True, eq=False)
class Given:
    """One entry while it is read: what counts for each field, and how what was not printed was had.

    typed: the phrases, by the fields that they were typed in; printed_in: by those that they tell
    of. waiting: one about two arms, until both are read.
    """

    arms: tuple[str, ...]
    place: Place
    numbers: dict[Field, float] = field(default_factory=dict)
    how: dict[Field, str] = field(default_factory=dict)
    typed: dict[Field, str] = field(default_factory=dict)
    printed_in: dict[Field, str] = field(default_factory=dict)
    waiting: dict[Field, PrintedGroup] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def put(self, into: Field, had: NumberHad | None, said_in: Field) -> None:
        """Take a number that a phrase gives; where the field itself says another, it is a fault."""
        if had is None:
            return
        before = self.numbers.setdefault(into, had.number)
        if before != had.number:
            self.faults.append(
                f"{into}: found {before:g}, and {had.number:g} from '{self.typed[said_in]}' in"
                f" {said_in}, expected one number"
            )
            return
        self.printed_in.setdefault(into, self.typed[said_in])
        if had.how is not None:
            self.how.setdefault(into, had.how)

    def take_plain(self, of: Field, number: float) -> None:
        """Take a text that is one number as that number."""
        self.numbers[of] = number
        del self.typed[of]


def read_typed(entries: Mapping[int, ReadValue], places: Mapping[int, Place]) -> dict[int, Given]:
    """Read every entry; what is wrong with one stands in its faults.

    places: what each entry is about. Both by the places in the list.
    """
    read = {at: _read(entry, places[at]) for at, entry in entries.items()}
    for given in read.values():
        beside = [each for each in read.values() if each.place == given.place]
        for of, phrase in given.waiting.items():
            try:
                _take_of_two(given, of, phrase, beside)
            except UnclearNumber as error:
                given.faults.append(f"{of}: {error}")
    return read


def _read(entry: ReadValue, place: Place) -> Given:
    typed = {of: text for of, text in entry.numbers.items() if isinstance(text, str)}
    numbers = {of: number for of, number in entry.numbers.items() if not isinstance(number, str)}
    given = Given(entry.of_arms, place, numbers, typed=dict(typed))
    # People first: what a phrase says of a mean needs them.
    for of in sorted(typed, key=lambda each: (each not in COUNTED, each is Field.EVENTS)):
        try:
            _take(given, of, typed[of])
        except UnclearNumber as error:
            given.faults.append(f"{of}: {error}")
    return given


def _take(given: Given, of: Field, text: str) -> None:
    if of in COUNTED:
        _take_count(given, of, text)
    elif (number := _real(text)) is not None:
        given.take_plain(of, number)
    elif of is Field.CORRELATION:
        given.numbers[of] = _correlation(text)
    elif of is Field.SD_DIFFERENCE:
        given.waiting[of] = _one(read_phrase(text))
    elif of is Field.ESTIMATE:
        _take_of_contrast(given, _one(read_phrase(text)))
    elif of in (Field.MEAN, Field.SD):
        _take_of_group(given, of, read_phrase(text))
    else:
        raise UnclearNumber(f"found '{text}', expected a number")


def _real(text: str) -> float | None:
    try:
        return read_real(text)
    except UnclearNumber:
        return None


def _one(phrase: Phrase) -> PrintedGroup:
    if not isinstance(phrase, PrintedGroup):
        raise UnclearNumber(f"found '{phrase.text}', expected what is said of one difference")
    return phrase


def _correlation(text: str) -> float:
    r = _one(read_phrase(text)).r
    if r is None:
        raise UnclearNumber(f"found '{text}', expected a number, such as 0.7 or r = 0.7")
    return r


def _take_count(given: Given, of: Field, text: str) -> None:
    """Take a number of people, and with it what a phrase in its field says of the others."""
    try:
        given.take_plain(of, read_whole(text))
        return
    except UnclearNumber:
        pass
    expected = SHARE if of is Field.EVENTS else PEOPLE
    try:
        phrase = read_phrase(text)
    except UnclearNumber as error:
        raise UnclearNumber(f"found '{text}', expected {expected}") from error
    had = _counts(given, of, phrase)
    if of not in had:
        raise UnclearNumber(f"found '{text}', expected {expected}")
    for into, number in had.items():
        given.put(into, number, of)


def _counts(given: Given, of: Field, phrase: Phrase) -> Mapping[Field, NumberHad]:
    """Return the people that a phrase in a field of people tells of."""
    if isinstance(phrase, GroupsTogether):
        return _together(phrase)
    if isinstance(phrase, FromBaseline) or of in JOINT_TABLE:
        return {}
    if phrase.share is not None:
        events, total = phrase.share
        return {Field.EVENTS: NumberHad(events), Field.TOTAL: NumberHad(total)}
    people = NumberHad(phrase.n) if phrase.n is not None else None
    if of is not Field.EVENTS:
        return {of: people} if people is not None else {}
    known = people.number if people is not None else given.numbers.get(Field.TOTAL)
    had = _events(phrase, known)
    found = {Field.EVENTS: had, Field.TOTAL: people}
    return {into: each for into, each in found.items() if each is not None}


def _together(phrase: GroupsTogether) -> Mapping[Field, NumberHad]:
    shares = [each.share for each in phrase.groups if each.share is not None]
    if len(shares) < len(phrase.groups):
        return {}
    how = f"groups taken together from “{phrase.text.strip()}”"
    events, total = (sum(side) for side in zip(*shares, strict=True))
    return {Field.EVENTS: NumberHad(events, how), Field.TOTAL: NumberHad(total, how)}


def _events(phrase: PrintedGroup, people: float | None) -> NumberHad | None:
    """Return the events of "12 (26.7%)", or those that a percentage of the people can be."""
    if phrase.percent is None:
        return None
    if phrase.number is not None:
        return NumberHad(phrase.number)
    return _fitting(phrase, phrase.percent, people) if people is not None else None


def _fitting(phrase: PrintedGroup, percent: Percent, people: float) -> NumberHad:
    """Return the one number of people that a percentage can be; refuse where it can be several."""
    half = 0.5 * 10.0**-percent.decimals * people / 100
    near = percent.number * people / 100
    fitting = [n for n in range(int(near - half), int(near + half) + 2) if abs(n - near) <= half]
    if len(fitting) != 1:
        fits = f"{fitting[0]} to {fitting[-1]}" if fitting else "no number"
        raise UnclearNumber(
            f"found '{phrase.text}', which fits {fits} of {people:g} people, expected one number"
        )
    return NumberHad(fitting[0], f"percentage × people from “{phrase.text.strip()}”, n {people:g}")


def _take_of_contrast(given: Given, phrase: PrintedGroup) -> None:
    had: ContrastHad = late("bot.acts.spreads:contrast_of")(phrase)
    found = (had.estimate, had.se, had.ci_lower, had.ci_upper, had.p)
    for into, number in zip(CONTRAST, found, strict=True):
        given.put(into, number, Field.ESTIMATE)


def _take_of_group(given: Given, of: Field, phrase: Phrase) -> None:
    """Take what a phrase in the field of the mean or of the SD says of an arm."""
    n, mean = given.numbers.get(Field.N), given.numbers.get(Field.MEAN)
    had: GroupHad = late("bot.acts.spreads:group_of")(phrase, n, mean)
    for into, number in zip(OF_MEANS, (had.mean, had.sd, had.n), strict=True):
        given.put(into, number, of)
    if of is Field.MEAN and had.mean is None:
        raise UnclearNumber(
            f"found '{phrase.text}', expected the mean of this arm, such as 3.1 (SE 0.4); what is"
            " said of a difference of two arms belongs to the SD"
        )
    if isinstance(phrase, PrintedGroup) and had.sd is None and _compares_two(phrase):
        given.waiting[of] = phrase
    elif of is Field.SD and had.sd is None:
        raise UnclearNumber(
            f"found '{phrase.text}', expected a number, or what tells the SD, such as SE 0.4,"
            " 95% CI 0.4 to 5.8, t = 2.1 or p = 0.03"
        )


def _compares_two(phrase: PrintedGroup) -> bool:
    """Whether a phrase is about two arms: a test, or a difference with its spread."""
    if phrase.t is not None or phrase.p is not None:
        return True
    spread = phrase.se is not None or phrase.limits is not None
    return phrase.centre is Centre.DIFFERENCE and spread


def _take_of_two(given: Given, of: Field, phrase: PrintedGroup, beside: Sequence[Given]) -> None:
    """Take the SD that a test or an interval about two arms gives."""
    if of is Field.SD_DIFFERENCE:
        _take_within_people(given, phrase, beside)
        return
    arms = [each for each in beside if len(each.arms) == 1 and Field.N in each.numbers]
    if len(arms) != 2 or given not in arms:
        raise UnclearNumber(
            f"found '{phrase.text}', expected the n of the two arms that it compares, and of no"
            " third one"
        )
    had = late("bot.acts.spreads:common_spread")(phrase, _two(arms[0], arms[1]))
    given.put(Field.SD, had, of)
    other = arms[1] if arms[0] is given else arms[0]
    if Field.SD not in other.numbers:
        other.typed.setdefault(Field.SD, phrase.text)
        other.put(Field.SD, had, Field.SD)


def _take_within_people(given: Given, phrase: PrintedGroup, beside: Sequence[Given]) -> None:
    two = _arms_of_pair(given, beside)
    people = two.n_1 if two is not None and two.n_1 == two.n_2 else None
    apart = two.difference if two is not None else None
    had = late("bot.acts.spreads:spread_of_differences")(phrase, people, apart)
    given.put(Field.SD_DIFFERENCE, had, Field.SD_DIFFERENCE)


def _arms_of_pair(given: Given, beside: Sequence[Given]) -> TwoGroups | None:
    alone = {each.arms[0]: each for each in beside if len(each.arms) == 1}
    arms = [alone.get(arm) for arm in given.arms]
    known = [each for each in arms if each is not None and Field.N in each.numbers]
    return _two(known[0], known[1]) if len(known) == 2 else None


def _two(first: Given, second: Given) -> TwoGroups:
    one, other = first.numbers, second.numbers
    means = Field.MEAN in one and Field.MEAN in other
    difference = one[Field.MEAN] - other[Field.MEAN] if means else None
    return TwoGroups(difference, one[Field.N], other[Field.N])

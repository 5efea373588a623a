"""What people are told: one pure function for each kind of notice.

A notice's key names the thing it tells of, so that it is told once. Nothing here reveals what one
reader has said before the other has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.results.format import counted, listed
from state.facts import AlertTaken, SearchRun
from state.facts.words import NoticeKind, RoleId
from state.values import Notice, WorkKind

TITLES_LISTED = 50  # more is no mail to read: the queue shows them all
# Who is told of what concerns the review as a whole.
EVERYBODY = (RoleId.SCREENER, RoleId.EXTRACTOR, RoleId.ADJUDICATOR, RoleId.LEAD)


def new_candidates(run: SearchRun, name: str, titles: Sequence[str], link: str) -> Notice:
    """Tell readers what a search added to the queue."""
    return _to_screen(run.id, f"{name} was searched and gave", titles, link)


def candidates_of_alert(alert: AlertTaken, name: str, titles: Sequence[str], link: str) -> Notice:
    """Tell readers what an alert added to the queue."""
    return _to_screen(alert.alert, f"An alert of {name} of {alert.day} gave", titles, link)


def _to_screen(key: str, what: str, titles: Sequence[str], link: str) -> Notice:
    count = counted(len(titles), "new candidate")
    lines = [f"{what} {count} to screen:", ""]
    lines += [f"  - {title}" for title in titles[:TITLES_LISTED]]
    if len(titles) > TITLES_LISTED:
        lines.append(f"  ... and {len(titles) - TITLES_LISTED} more")
    lines += ["", f"Your queue: {link}/queue"]
    return _notice(f"candidates:{key}", NoticeKind.NEW_CANDIDATES, f"{count} to screen", lines)


def alert_refused(task: str, name: str, text: str, link: str) -> Notice:
    """Tell who searches of what a provider sent and could not be taken."""
    lines = [text, "", f"What was asked of you: {link}/tasks"]
    return _notice(f"refused:{task}", NoticeKind.ALERT_REFUSED, f"{name} was not taken", lines)


def second_report(title: str, key: str, label: str, reason: str, link: str) -> Notice:
    """Tell readers of a record that seems to report a known study."""
    lines = [
        f"A record seems to be another report of {label}:",
        "",
        f"  {title}",
        "",
        f"Why: {reason}.",
        f"Please confirm or refuse the link: {link}/candidates/{key}",
    ]
    return _notice(
        f"second-report:{key}", NoticeKind.SECOND_REPORT, f"Second report of {label}?", lines
    )


def nothing_new(
    month: str,
    searched: Sequence[str],
    next_search: str,
    certificate: str,
    overdue_by_hand: Sequence[str] = (),
) -> Notice:
    """Tell that nothing new came (once a month), with the proof, and who was not searched."""
    subject = "Searched, nothing new"
    if overdue_by_hand:
        subject += f"; {counted(len(overdue_by_hand), 'search', 'searches')} by hand overdue"
    lines = [f"{subject}.", "", *searched, "", f"Next search: {next_search}."]
    lines += ["", "The signed certificate (docs/certificate.md says how to check it):", ""]
    lines += [certificate]
    return _notice(f"nothing-new:{month}", NoticeKind.NOTHING_NEW, subject, lines)


def source_failing(run: SearchRun, day: str, name: str, retry: str) -> Notice:
    """Tell the operator that a source could not be searched (once a day for each source)."""
    lines = [
        f"{name} could not be searched:",
        "",
        f"  {run.error}",
        "",
        f"Nothing was concluded from it. It will be tried again {retry}.",
    ]
    return _notice(
        f"failing:{run.source}:{day}", NoticeKind.SOURCE_FAILING, f"{name} failed", lines
    )


def known_items_missing(run: SearchRun, day: str, name: str) -> Notice:
    """Tell that a search did not re-find reports that every complete search must find."""
    lines = [f"{name} answered, but these known items were not in the answer:", ""]
    lines += [f"  - {item.id}  {item.title}" for item in run.known_items_missing]
    lines += ["", "The strategy or the service may have changed; please have a look."]
    return _notice(
        f"known-items:{run.source}:{day}",
        NoticeKind.SOURCE_FAILING,
        f"{name}: known items missing",
        lines,
    )


@dataclass(frozen=True, slots=True)
class ByHand:
    """A search that a person is asked for: which, for which slot, how, and the text to paste."""

    source: str
    name: str
    slot: str
    how: Sequence[str]
    text: str
    link: str
    still_open: Sequence[str] = ()  # of a source with several searches: those that are not made

    @property
    def key(self) -> str:
        """The key of the notice that asks for it."""
        return f"hand-search:{self.source}:{self.slot}"


def source_due(search: ByHand) -> Notice:
    """Ask for the search of a source by hand."""
    first = f"{search.name} has no interface that this program may use; it is due to be searched"
    lines = [f"{first} by hand.", *_what_to_do(search)]
    return _notice(search.key, NoticeKind.SOURCE_DUE, f"{search.name} is due", lines)


def source_overdue(search: ByHand, since: str, days: int) -> Notice:
    """Remind of a search by hand that was asked for some days ago; once for each of those days."""
    lines = [
        f"{search.name} was asked to be searched by hand {days} days ago (it was due {since}),",
        "and no export has been imported since. What is in it, nobody can tell until then.",
        *_what_to_do(search),
    ]
    subject = f"{search.name} is overdue: asked for {days} days ago"
    return _notice(f"{search.key}:{days}", NoticeKind.SOURCE_OVERDUE, subject, lines)


def _what_to_do(search: ByHand) -> list[str]:
    return [
        "",
        *(["How:", "", *search.how, ""] if search.how else []),
        "Text to paste:",
        "",
        search.text.strip(),
        "",
        "Then import the export, or say that nothing was found:",
        f"  on the page: {search.link}/imports#{search.source}",
        f"  or by command: livingreview import FILE --source {search.source}{_named(search)}",
        *_still_open(search),
    ]


def _named(search: ByHand) -> str:
    return " --search NUMBER" if search.still_open else ""


def _still_open(search: ByHand) -> list[str]:
    if not search.still_open:
        return []
    return ["", "Each line is a search of its own. Open are:", *search.still_open]


@dataclass(frozen=True, slots=True)
class WatchedEntry:
    """A known study's register entry: its number and title, the study, the page on which it is."""

    key: str
    title: str
    label: str
    link: str


def entry_changed(
    entry: WatchedEntry, changes: Sequence[str], token: str, *, posted: bool
) -> Notice:
    """Tell of a changed register entry of a known study: the old and the new field."""
    key = entry.key
    of = f" ({entry.label})" if entry.label != key else ""
    lines = [f"The register entry {key}{of} has changed:", "", f"  {entry.title}", ""]
    lines += [f"  - {change}" for change in changes]
    kind, subject = NoticeKind.REGISTRY_CHANGE, f"{key}: register entry changed"
    if posted:
        kind, subject = NoticeKind.RESULTS_POSTED, f"{key}: results posted"
        lines += ["", "The posted results stand beside the study's form. Where it is not included"]
        lines += ["yet, two people say there that it is."]
    lines += ["", f"The study: {entry.link}"]
    return _notice(f"entry:{key}:{token}", kind, subject, lines)


@dataclass(frozen=True, slots=True)
class AboutReports:
    """Of which study's reports something was published, its gravest kind, and the page's link."""

    study: str
    label: str
    kind: str
    token: str
    link: str


def record_corrected(about: AboutReports, lines: Sequence[str]) -> Notice:
    """Tell of a retraction, a concern or an erratum, and of what came with it."""
    body = [f"Published about a report of {about.label}:", "", *lines, ""]
    body += ["Nothing was excluded and no value was changed; please look at it and decide."]
    body += [f"What is to be judged: {about.link}/tasks"]
    body += [f"The study: {about.link}/extract/{about.study}"]
    subject = f"{about.label}: {about.kind}"
    return _notice(f"corrected:{about.study}:{about.token}", NoticeKind.CORRECTED, subject, body)


def record_commented(about: AboutReports, lines: Sequence[str]) -> Notice:
    """Tell the lead of what asks nothing of anybody: a comment, an update, another word for it."""
    body = [f"Published about a report of {about.label}:", "", *lines, ""]
    body += [f"Nothing is to be done. The study: {about.link}/extract/{about.study}"]
    subject = f"{about.label}: {about.kind}, for your information"
    return _notice(f"commented:{about.study}:{about.token}", NoticeKind.COMMENTED, subject, body)


def conflict(key: str, title: str, stage: str, link: str) -> Notice:
    """Tell the two readers and the adjudicator, once both have decided, that they differ."""
    lines = [
        "Both readers have decided, and they differ:",
        "",
        f"  {title}",
        "",
        "The two may agree (both sign the same answer); otherwise the adjudicator rules.",
        f"{link}/candidates/{key}",
    ]
    return _notice(
        f"conflict:{key}:{stage}",
        NoticeKind.CONFLICT,
        f"A disagreement to settle ({_words(stage)})",
        lines,
    )


def full_text(key: str, title: str, link: str) -> Notice:
    """Tell readers that a candidate goes to full text."""
    lines = ["This record goes to full text:", "", f"  {title}", "", f"{link}/candidates/{key}"]
    return _notice(f"full-text:{key}", NoticeKind.FULL_TEXT, "A full text to read", lines)


def extraction_due(study: str, label: str, link: str) -> Notice:
    """Tell extractors that an included study waits for its data."""
    lines = [
        f"{label} is included. Two people extract its data, independently of each other.",
        "",
        f"Your form: {link}/extract/{study}",
    ]
    return _notice(
        f"extract:{study}", NoticeKind.EXTRACTION_DUE, f"Data of {label} to extract", lines
    )


def differences(study: str, label: str, count: int, token: str, link: str) -> Notice:
    """Tell the adjudicator that two extractions differ."""
    lines = [
        f"The two extractions of {label} differ in {counted(count, 'value')}.",
        "",
        f"{link}/extract/{study}",
    ]
    return _notice(
        f"differences:{study}:{token}", NoticeKind.CONFLICT, f"{label}: values to settle", lines
    )


def third_person(
    key: str, what: str, readers: Sequence[str], link: str, *, cells: Sequence[str] = ()
) -> Notice:
    """Tell the lead that two differ and nobody may rule: whoever would has read it themselves."""
    lines = [
        f"Two people differ about {what}, and nobody on the team may rule: the adjudicator is a",
        f"third person, and it was read by {listed(tuple(readers))}.",
        "",
        *([*(f"  - {each}" for each in cells), ""] if cells else []),
        "Please give somebody else the role adjudicator, add a person, or name a deputy of an",
        "adjudicator who has left; they are asked at once.",
        "",
        link,
    ]
    return _notice(
        f"third-person:{key}", NoticeKind.THIRD_PERSON, "A third person is needed", lines
    )


def two_places(study: str, label: str, count: int, token: str, link: str) -> Notice:
    """Ask two extractors which place counts for numbers that each read in another."""
    lines = [
        f"Both of you read {counted(count, 'value')} of {label} alike, in different places.",
        "Please say which place counts.",
        "",
        f"{link}/extract/{study}",
    ]
    return _notice(
        f"places:{study}:{token}", NoticeKind.CONFLICT, f"{label}: two places named", lines
    )


@dataclass(frozen=True, slots=True)
class Waits:
    """One kind of work that waits: what it is, since which day the oldest of it does, where."""

    what: str
    since: str
    link: str


def open_work(person: str, day: str, waits: Sequence[Waits], link: str) -> Notice:
    """Remind a person of what waits for them; not how much, which would tell of others' work."""
    lines = ["This waits for you, and has for a week or longer:", ""]
    for each in waits:
        lines += [f"  - {each.what} (the oldest since {each.since}): {each.link}"]
    lines += ["", "What waits for four weeks passes to your deputy as well, and the lead is told."]
    lines += [f"All that is yours to do: {link}/"]
    return _notice(open_work_key(person) + day, NoticeKind.OPEN_WORK, "Work waits for you", lines)


def open_work_key(person: str) -> str:
    """Return how the keys of a person's reminders begin; the day ends them."""
    return f"open-work:{person}:"


@dataclass(frozen=True, slots=True)
class LeftWork:
    """That a person has left the work of a role waiting: names, since which day, for how long.

    deputy: to whom it passes; None where nobody could take it over.
    """

    person: str
    name: str
    role: RoleId
    since: str
    days: int
    deputy: str | None
    link: str

    @property
    def key(self) -> str:
        """The key of the notice that tells of it."""
        return f"left-work:{self.person}:{self.role}:{self.since}:{self.days}"


def work_about_to_pass(left: LeftWork, days: int) -> Notice:
    """Tell the lead that work will pass to a deputy, or to nobody, on a day to come."""
    role = left.role.replace("_", " ")
    lines = [f"What waits for {left.name} as {role} has waited since {left.since}."]
    lines += _to_whom(left, f"On day {days} it passes to {left.deputy} as well.")
    subject = f"{left.name} has been silent as {role} for {left.days} days"
    return _notice(left.key, NoticeKind.OPEN_WORK, subject, lines)


def work_passed(left: LeftWork) -> Notice:
    """Tell that a deputy stands in beside a person, or that nobody could."""
    role = left.role.replace("_", " ")
    lines = [f"What waits for {left.name} as {role} has waited since {left.since}."]
    stands_in = f"{left.deputy} holds this role as well from now on, until nothing waits so long."
    lines += _to_whom(left, stands_in)
    lines += ["", f"{left.name} may still do all of it. What they decided stays under their name."]
    subject = f"{left.name}: work as {role} passes to {left.deputy}"
    if left.deputy is None:
        subject = f"{left.name}: work as {role} waits, and nobody could take it over"
    return _notice(left.key, NoticeKind.WORK_PASSED, subject, lines)


def _to_whom(left: LeftWork, stands_in: str) -> list[str]:
    if left.deputy is not None:
        return ["", stands_in]
    return [
        "",
        f"{left.name} has no deputy who could take it over: please name one who does not hold",
        f"this role yet: {left.link}/people",
    ]


def empty_roles(roles: Sequence[str], token: str, link: str) -> Notice:
    """Tell the lead that nobody holds some roles: what they do is done by nobody."""
    named = listed(tuple(each.replace("_", " ") for each in roles))
    lines = [f"Nobody holds: {named}. What is asked of them is asked of nobody.", ""]
    lines += [f"Please give each to somebody: {link}/people"]
    subject = f"Nobody is {named}"
    return _notice(f"empty-roles:{token}", NoticeKind.EMPTY_ROLE, subject, lines)


@dataclass(frozen=True, slots=True)
class DraftNews:
    """What a draft shows. notices: what was published about its trials; moved: which results."""

    cause: str
    notices: Sequence[str]
    moved: Sequence[str]


def new_draft(number: str, token: str, news: DraftNews, link: str) -> Notice:
    """Tell everybody that a draft waits for signatures, and whether a result is new.

    token: tells this draft of the number from others.
    """
    moved = [f"  - {line}" for line in news.moved] or ["  No pooled result moved."]
    body = [f"Draft version {number}: {news.cause}.", ""]
    body += [*(f"  - {line}" for line in news.notices), *moved]
    body += ["", f"Please sign or reject: {link}/versions/{number}"]
    subject = f"New result, draft {number}" if news.moved else f"Draft {number} to sign"
    return _notice(f"draft:{number}:{token}", NoticeKind.NEW_RESULT, subject, body)


def draft_withdrawn(number: str, ordinal: int, why: str, link: str) -> Notice:
    """Tell everybody that a draft that waited for signatures is no longer there."""
    body = [f"Draft version {number} was taken back: {why}.", "", "Nothing is to be done."]
    body += [f"The results: {link}/results"]
    subject = f"Draft {number} is taken back"
    return _notice(f"draft-withdrawn:{number}:{ordinal}", NoticeKind.DRAFT_WITHDRAWN, subject, body)


def values_refused(lines: Sequence[str]) -> Notice:
    """Tell whose accepted values cannot be pooled; everything else is."""
    token = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
    body = ["These accepted values cannot be pooled and are left out:", ""]
    body += [f"  - {line}" for line in lines]
    body += ["", "Every other value is pooled. Please hand in the study's data anew."]
    return _notice(
        f"values-refused:{token}", NoticeKind.RECOMPUTE_FAILED, "Values that cannot be pooled", body
    )


def recompute_failed(error: str) -> Notice:
    """Tell that the accepted values cannot be pooled, and why; nothing was changed."""
    token = hashlib.sha256(error.encode()).hexdigest()[:12]
    lines = ["The accepted values could not be pooled:", "", f"  {error}", ""]
    lines.append("The results stay as they were until the value is corrected.")
    return _notice(f"recompute:{token}", NoticeKind.RECOMPUTE_FAILED, "Results not computed", lines)


def baseline_changed(name: str, sha256: str | None) -> Notice:
    """Tell that a file of the review as published was changed and is not taken (once each)."""
    lines = [f"{name} of the review folder is not the file that was loaded at the first start."]
    lines += ["The change is not taken: every result still rests on what was loaded.", ""]
    lines += ["Please put the file back as it was. A value that is to be corrected is extracted"]
    lines += ["anew by two people, so that the log and the next version show it."]
    key = f"baseline-changed:{name}:{'gone' if sha256 is None else sha256[:12]}"
    return _notice(key, NoticeKind.BASELINE_CHANGED, f"{name} was changed and is not taken", lines)


def amendment_proposed(amendment: str, text: str, link: str) -> Notice:
    """Tell everybody that the protocol lacks something that a study reports."""
    lines = [text, "", "Two accept it, one of them the lead; then it is in force.", ""]
    lines += [f"Please accept or reject: {link}/amendments/{amendment}"]
    return _notice(
        f"amendment:{amendment}",
        NoticeKind.AMENDMENT_PROPOSED,
        "A protocol amendment is proposed",
        lines,
    )


def protocol_not_taken(said: str, token: str, link: str) -> Notice:
    """Tell that the folder's protocol.toml is not taken, and why; the one in force stays."""
    lines = [f"{said}.", "", f"How everything stands: {link}/status"]
    subject = "protocol.toml is not taken"
    return _notice(f"protocol-file:{token}", NoticeKind.PROTOCOL_NOT_TAKEN, subject, lines)


def published(number: str, lines: Sequence[str], link: str) -> Notice:
    """Tell everybody that a version was published."""
    body = [f"Version {number} is published.", ""]
    body += [f"  - {line}" for line in lines]
    body += ["", f"{link}/versions/{number}/report.html"]
    return _notice(f"published:{number}", NoticeKind.PUBLISHED, f"Version {number} published", body)


@dataclass(frozen=True, slots=True)
class Why:
    """Who says why, at which instant; where the page is on which one sees it."""

    name: str
    reason: str
    at: str
    link: str


def rejected(number: str, why: Why) -> Notice:
    """Tell everybody that a draft was rejected, by whom and why."""
    body = [
        f"{why.name} rejected the draft of version {number}:",
        "",
        f"  {why.reason}",
        "",
        "It is not published. What is corrected leads to a new draft; where nothing is to correct,",
        f"a lead may put this one up again, with a reason: {why.link}/versions/{number}",
    ]
    name = f"rejected:{number}:{why.at}"
    return _notice(name, NoticeKind.DRAFT_REJECTED, f"Draft {number} was rejected", body)


def drafted_again(number: str, why: Why) -> Notice:
    """Tell everybody that a rejected draft was put up again: all signatures begin afresh."""
    body = [
        f"{why.name} put up the rejected draft of version {number} again:",
        "",
        f"  {why.reason}",
        "",
        f"Everybody signs or rejects it anew: {why.link}/versions/{number}",
    ]
    name = f"again:{number}:{why.at}"
    return _notice(name, NoticeKind.DRAFT_AGAIN, f"Draft {number} is put up again", body)


def work_failing(kind: WorkKind, key: str, error: str, *, began: int) -> Notice:
    """Tell that a piece of what runs by itself fails. began: tells this streak from others."""
    lines = [f"{kind} {key} failed:", "", f"  {error}", ""]
    lines.append("It is tried again, ever more rarely, and everything else goes on.")
    lines.append("`livingreview status` shows it until it succeeds; you are not told again.")
    name = f"work-failing:{kind}:{key}:{began}"
    return _notice(name, NoticeKind.WORK_FAILING, f"{kind} {key} fails", lines)


def delivery_refused(message_id: str, subject: str, recipient: str, error: str) -> Notice:
    """Tell the lead that a mail server will never take a message."""
    lines = [f"This message to {recipient} is not tried again:", "", f"  {subject}", ""]
    lines += [f"  {error}", "", "Please correct the address, and tell them by other means."]
    name = f"refused:{message_id}"
    return _notice(
        name, NoticeKind.DELIVERY_REFUSED, f"A message to {recipient} was refused", lines
    )


def hook_failed(number: str, what: str, error: str) -> Notice:
    """Tell the operator that the authors' own pipeline could not be triggered."""
    lines = [f"Version {number} is published, but {what} failed:", "", f"  {error}"]
    return _notice(f"hook:{number}:{what}", NoticeKind.HOOK_FAILED, f"{what} failed", lines)


def _words(stage: str) -> str:
    return stage.replace("_", " and ") if stage == "title_abstract" else stage.replace("_", " ")


def _notice(key: str, kind: NoticeKind, subject: str, lines: Sequence[str]) -> Notice:
    return Notice(key, kind, subject, "\n".join(lines) + "\n")

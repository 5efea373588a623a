"""What is found in an alert mail, whatever its parts, signs and foot."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from bot.surveillance.alert_mail import read_mail
from tests.bot.exports import TWO_RECORDS, ris
from tests.bot.surveillance.alert_files import OVID_TEXT, mail


def test_an_attachment_is_what_a_mail_brings_and_the_letter_says_what_it_covers() -> None:
    found = read_mail(mail(text="Database: Embase\nResults: 2\n", attached=TWO_RECORDS))

    (part,) = found.attached
    assert (part.name, part.body, part.covers, part.results) == (
        "records.ris",
        TWO_RECORDS,
        "Embase",
        2,
    )
    assert found.texts == ()
    assert (found.sender, found.id) == ("alerts@ovid.example.org", "<1@ovid.example.org>")


def test_a_text_is_read_from_its_first_record_to_its_foot() -> None:
    (part,) = read_mail(mail(text=OVID_TEXT)).texts

    assert part.body.startswith(b"<1>\n")
    assert part.body.rstrip().endswith(b"Poe E")


def test_a_line_between_two_records_is_no_foot_and_loses_no_record() -> None:
    text = (TWO_RECORDS + b"----------\n" + ris("L3", "A third matter")).decode()

    (part,) = read_mail(mail(text=text)).texts

    assert part.body.count(b"TY  - ") == 3


def test_a_forwarded_mail_brings_what_the_mail_in_it_brings() -> None:
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "librarian@example.org", "Fwd: AutoAlert"
    outer.set_content("see below")
    inner = EmailMessage()
    inner.set_content("2 new records")
    inner.add_attachment(
        TWO_RECORDS, maintype="application", subtype="octet-stream", filename="r.ris"
    )
    outer.add_attachment(inner)

    (part,) = read_mail(outer.as_bytes()).attached

    assert part.body == TWO_RECORDS


def test_pictures_and_html_are_named_and_passed_over() -> None:
    message = EmailMessage()
    message.set_content("3 new records")
    message.add_alternative("<p>TY  - not read</p>", subtype="html")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")

    found = read_mail(message.as_bytes())

    assert (found.attached, found.texts) == ((), ())
    assert found.left == ("text/html", "logo.png")


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "no-such-charset"])
def test_a_text_is_read_in_the_signs_it_is_in(charset: str) -> None:
    body = ris("L1", "Kites for Søren").decode()
    written = "utf-8" if charset == "no-such-charset" else charset
    head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"

    (part,) = read_mail(head.encode() + body.encode(written)).texts

    assert "Kites for Søren" in part.body.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff",
        b"From: <<>>\nDate: no day\nMessage-ID: \n\nhello",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: /\n\n",
        b"Subject: =?utf-8?b?!!!?=\nContent-Disposition: attachment; filename*=x''%ff\n\nx",
    ],
)
def test_a_damaged_mail_is_read_as_far_as_it_goes(body: bytes) -> None:
    found = read_mail(body)

    assert found.id
    assert found.sent_at is None

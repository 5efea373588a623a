"""Elements of XML that no known version of a source has: each is named, none that is known."""

from __future__ import annotations

from extraction.readers.elements import unknown_elements

KNOWN = frozenset({"set", "one"})


def test_what_is_unknown_and_filled_is_named_with_its_count() -> None:
    said = unknown_elements(b'<set><one>a</one><new x="1">b</new><new>c</new></set>', KNOWN)

    assert said == ("not read, by element and number of texts: 'new' (2)",)


def test_nothing_is_said_of_the_known_the_empty_formulas_and_what_is_quoted() -> None:
    payload = (
        b"<n:set><n:one>a</n:one><new/><new></new><new> </new>"
        b"<mml:math><mml:mi>x</mml:mi></mml:math><one><![CDATA[<b>not</b>]]></one></n:set>"
    )

    assert unknown_elements(payload, KNOWN) == ()

"""Identifiers in the forms people write them."""

from __future__ import annotations

import pytest

from extraction.identifiers import (
    RegisterId,
    doi,
    find_doi,
    find_register_ids,
    pmcid,
    pmid,
    register_id,
    register_ids_in,
    register_key,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8145910", "8145910"),
        (" PMID: 8145910 ", "8145910"),
        ("PUBMED 8145910", "8145910"),
        ("https://pubmed.ncbi.nlm.nih.gov/8145910/", "8145910"),
        ("https://www.ncbi.nlm.nih.gov/pubmed/8145910", "8145910"),
        ("8145910.0", "8145910"),
        ("0", None),
        ("PMC3002632", None),
        ("8145910; 7673950", None),
        ("", None),
    ],
)
def test_a_pmid_is_read_from_a_field_or_an_address(text: str, expected: str | None) -> None:
    assert pmid(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PMC3002632", "PMC3002632"),
        ("pmc3002632.1", "PMC3002632"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC3002632/", "PMC3002632"),
        ("PMCID: PMC3002632", "PMC3002632"),
        ("3002632", None),
    ],
)
def test_a_pmcid_needs_its_prefix(text: str, expected: str | None) -> None:
    assert pmcid(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1002/ACN3.52107", "10.1002/acn3.52107"),
        ("doi:10.1002/acn3.52107.", "10.1002/acn3.52107"),
        ("DOI: https://doi.org/10.1002/acn3.52107", "10.1002/acn3.52107"),
        ("http://dx.doi.org/10.1002%2Facn3.52107", "10.1002/acn3.52107"),
        ("https://publisher.test/doi/full/10.1002/acn3.52107?src=x", "10.1002/acn3.52107"),
        ("https://publisher.test/doi/10.1002/acn3.52107/abstract", "10.1002/acn3.52107"),
        ("10.1016/S1474-4422(20)30494-4", "10.1016/s1474-4422(20)30494-4"),
        ("(10.1016/S1474-4422(20)30494-4),", None),
        ("10.1000/a,b,", "10.1000/a,b"),
        ("10.1000/xyz123; 10.1000/other", "10.1000/xyz123"),
        ("10.1212/wnl.44.3_part_1.429", "10.1212/wnl.44.3_part_1.429"),
        ("10.1000/...", None),
        ("DOI 1", None),
        ("", None),
    ],
)
def test_a_doi_has_one_normal_form(text: str, expected: str | None) -> None:
    assert doi(text) == expected


def test_a_doi_is_found_in_a_citation() -> None:
    citation = "Test J. 2021 Jan;2(1):5 (doi: 10.1016/S0140-6736(20)32656-8)."

    assert find_doi(citation) == "10.1016/s0140-6736(20)32656-8"


@pytest.mark.parametrize(
    ("text", "register", "number"),
    [
        ("NCT00268788", "ClinicalTrials.gov", "NCT00268788"),
        ("nct 00268788", "ClinicalTrials.gov", "NCT00268788"),
        ("ClinicalTrials.gov IdentifierNCT00268788", "ClinicalTrials.gov", "NCT00268788"),
        ("EUCTR2009-013841-27-DK", "EudraCT", "2009-013841-27"),
        ("EudraCT 2009–013841–27", "EudraCT", "2009-013841-27"),
        ("2009-013841-27/GB", "EudraCT", "2009-013841-27"),
        ("2023-507052-69-00", "CTIS", "2023-507052-69-00"),
        ("CTIS2023-507052-69-01", "CTIS", "2023-507052-69-00"),
        ("2023-507052-69", "CTIS", "2023-507052-69-00"),
        ("ISRCTN 12345678", "ISRCTN", "ISRCTN12345678"),
        ("ACTRN12612000123808p", "ANZCTR", "ACTRN12612000123808"),
        ("ChiCTR-TRC-12002345", "ChiCTR", "CHICTR-TRC-12002345"),
        ("ChiCTR2000029308", "ChiCTR", "CHICTR2000029308"),
        ("KCT0001234", "CRiS", "KCT0001234"),
        ("CTRI/2010/091/000123", "CTRI", "CTRI/2010/091/000123"),
        ("DRKS00012345", "DRKS", "DRKS00012345"),
        ("IRCT20080826001083N1", "IRCT", "IRCT20080826001083N1"),
        ("JapicCTI-123456", "JapicCTI", "JAPICCTI-123456"),
        ("JMA-IIA00123", "JMACCT", "JMA-IIA00123"),
        ("JPRN-jRCT2051240028", "jRCT", "JRCT2051240028"),
        ("jRCTs031180001", "jRCT", "JRCTS031180001"),
        ("LBCTR2019012345", "LBCTR", "LBCTR2019012345"),
        ("NTR2224", "NTR", "NTR2224"),
        ("NL-OMON12345", "NTR", "NL-OMON12345"),
        ("NL7704", "NTR", "NL7704"),
        ("PACTR201601001234567", "PACTR", "PACTR201601001234567"),
        ("RBR-2qxv6k", "ReBec", "RBR-2QXV6K"),
        ("PER-010-20", "REPEC", "PER-010-20"),
        ("RPCEC00000123", "RPCEC", "RPCEC00000123"),
        ("SLCTR/2010/001", "SLCTR", "SLCTR/2010/001"),
        ("TCTR20180123001", "TCTR", "TCTR20180123001"),
        ("JPRN-UMIN000012345", "UMIN-CTR", "UMIN000012345"),
        ("UMIN-CTR ID: C000012345", "UMIN-CTR", "UMIN000012345"),
    ],
)
def test_every_register_has_a_typed_normal_form(text: str, register: str, number: str) -> None:
    assert register_id(text) == RegisterId(register, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "160604",
        "NCT002687881",
        "NCT0026878",
        "U1111-1234-5678",
        "2009-013841",
        "12009-013841-27",
        "2009-013841-27-12",
        "HCoV-NL63",
        "NCT00268788 and NCT00666263",
    ],
)
def test_what_is_not_one_register_id_is_none(text: str) -> None:
    assert register_id(text) is None


def test_ids_are_found_in_free_text_in_order_and_once() -> None:
    text = (
        "Registered as 2009-013841-27 (EudraCT) and NCT00666263; see NCT00666263, "
        "HCoV-NL63, 2020-012345 and ISRCTN12345678."
    )

    assert register_ids_in([text]) == ("2009-013841-27", "NCT00666263", "ISRCTN12345678")


def test_text_without_ids_gives_none() -> None:
    assert find_register_ids("Factors 20 of 2019-2020 per 100-20 patients") == ()


def test_an_unknown_kind_of_id_is_compared_in_upper_case() -> None:
    assert register_key(" i10e-0901 ") == "I10E-0901"

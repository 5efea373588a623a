from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import read_config, revealed
from bot.errors import ConfigFaults


def test_without_settings_the_real_services_are_meant(tmp_path: Path) -> None:
    config = read_config({}, tmp_path)

    assert config.services["ctgov"].url == "https://clinicaltrials.gov/api/v2/"
    assert config.database_url.endswith("review.sqlite")
    assert config.starts_at is None


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    environment = {
        "LIVINGREVIEW_PORT": "many",
        "LIVINGREVIEW_PUBMED_URL": "ftp://pubmed.test/",
        "LIVINGREVIEW_NOW": "soon",
        "LIVINGREVIEW_CTGOV_TIMEOUT_S": "-1",
    }

    with pytest.raises(ConfigFaults) as caught:
        read_config(environment, tmp_path)

    assert len(caught.value.faults) == 4
    assert "LIVINGREVIEW_PORT: found 'many', expected a whole number above 0" in str(caught.value)
    named = {each.partition(":")[0] for each in caught.value.faults}
    assert named == set(environment)


def test_a_key_buys_the_pace_that_a_source_gives_for_it(tmp_path: Path) -> None:
    key = {"LIVINGREVIEW_NCBI_API_KEY": "s3cret"}
    slow = {"LIVINGREVIEW_PUBMED_INTERVAL_S": "2"}

    paces = [
        read_config(settings, tmp_path).services["pubmed"].interval_s
        for settings in ({}, key, key | slow)
    ]

    assert paces == [0.37, 0.11, 2.0]


def test_a_webhook_needs_its_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults, match="LIVINGREVIEW_WEBHOOK_SECRET is needed"):
        read_config({"LIVINGREVIEW_WEBHOOK_URL": "https://hook.test/"}, tmp_path)


def test_the_settings_file_counts_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('email = "a@example.org"\nport = 8100\n')

    config = read_config({"LIVINGREVIEW_PORT": "8200"}, tmp_path)

    assert config.email == "a@example.org"
    assert config.port == 8200


def test_secrets_are_not_in_what_is_printed_of_the_settings(tmp_path: Path) -> None:
    environment = {
        "LIVINGREVIEW_NCBI_API_KEY": "s3cret-key",
        "LIVINGREVIEW_SMTP_URL": "smtp://user:s3cret-word@mail.test:25",
    }

    assert "s3cret" not in repr(read_config(environment, tmp_path))


@pytest.mark.parametrize("address", ["s3cret", "postgresql://user:s3cret@host:port/review"])
def test_an_address_of_the_database_that_cannot_be_read_is_a_fault(
    tmp_path: Path, address: str
) -> None:
    with pytest.raises(ConfigFaults, match="LIVINGREVIEW_DATABASE_URL") as caught:
        read_config({"LIVINGREVIEW_DATABASE_URL": address}, tmp_path)

    assert "s3cret" not in str(caught.value)


def test_a_fault_in_an_address_does_not_repeat_the_address(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults) as caught:
        read_config({"LIVINGREVIEW_SMTP_URL": "http://user:s3cret@mail.test"}, tmp_path)

    assert "s3cret" not in str(caught.value)


SECRETS = {
    "LIVINGREVIEW_NCBI_API_KEY": "s3cret",
    "LIVINGREVIEW_OPENALEX_API_KEY": "s3cret",
    "LIVINGREVIEW_SMTP_URL": "smtp://user:s3cret@mail.test:25",
    "LIVINGREVIEW_APPRISE_URLS": "slack://s3cret/ discord://s3cret/",
    "LIVINGREVIEW_WEBHOOK_URL": "https://hook.test/s3cret",
    "LIVINGREVIEW_WEBHOOK_SECRET": "whsec_s3cret",
    "LIVINGREVIEW_HOOK_COMMAND": "publish --token s3cret",
    "LIVINGREVIEW_DATABASE_URL": "postgresql://user:s3cret@db.test/review",
}


def test_no_setting_that_may_hold_a_secret_is_printed(tmp_path: Path) -> None:
    config = read_config(SECRETS, tmp_path)

    assert "s3cret" not in f"{config!r} {config}"
    assert revealed(config.api_keys["ncbi_api_key"]) == "s3cret"


def test_no_fault_repeats_a_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults) as caught:
        read_config({**SECRETS, "LIVINGREVIEW_PORT": "many"}, tmp_path)

    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("number", ["nan", "inf", "-1", "0", "fast"])
def test_a_duration_is_a_number_above_0(number: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults) as caught:
        read_config({"LIVINGREVIEW_TICK_S": number}, tmp_path)

    assert str(caught.value) == (
        f"LIVINGREVIEW_TICK_S: found '{number}', expected a number above 0"
    )


def test_an_address_that_cannot_be_taken_apart_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults, match="LIVINGREVIEW_PUBLIC_URL: found no such address"):
        read_config({"LIVINGREVIEW_PUBLIC_URL": "http://[host"}, tmp_path)


def test_a_settings_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()

    with pytest.raises(ConfigFaults, match="settings.toml"):
        read_config({}, tmp_path)


def test_the_clock_may_be_told_where_to_start(tmp_path: Path) -> None:
    config = read_config({"LIVINGREVIEW_NOW": "2027-01-04T06:10:00"}, tmp_path)

    assert config.starts_at == datetime(2027, 1, 4, 6, 10, tzinfo=UTC)

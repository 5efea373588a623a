"""Settings about the machine: from the environment and one file, read in one place.

`DATA/settings.toml` may hold the same names in lower case without the prefix; the environment
wins. All faults are reported at once. Secrets never reach a log: `shown` says what may be printed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "LIVINGREVIEW_"
SETTINGS_FILE = "settings.toml"

PUBMED_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
CTGOV_URL = "https://clinicaltrials.gov/api/v2/"
EUROPEPMC_URL = "https://www.ebi.ac.uk/europepmc/webservices/rest/"
OPENALEX_URL = "https://api.openalex.org/"
CROSSREF_URL = "https://api.crossref.org/"
# NCBI blocks at exactly three requests a second (api_facts: 0.37 s is what clients settle on).
PUBMED_INTERVAL_S = 0.37
PUBMED_INTERVAL_WITH_KEY_S = 0.11
# robots.txt of ClinicalTrials.gov asks for one request a second.
CTGOV_INTERVAL_S = 1.0
# Five requests a second are what Europe PMC asks its users to keep to.
EUROPEPMC_INTERVAL_S = 0.25
OPENALEX_INTERVAL_S = 0.2
# Without a contact Crossref lets one list and five single requests through a second, one at a time.
CROSSREF_INTERVAL_S = 1.05


class ConfigFaults(Exception):
    """One or more settings cannot be used; the message names each with what was expected."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Upstream:
    """How one source's service is reached."""

    url: str
    interval_s: float
    timeout_s: float
    attempts: int
    longest_wait_s: float
    body_limit_bytes: int


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the machine decides."""

    data: Path
    review: Path
    database_url: str
    host: str
    port: int
    public_url: str | None
    pubmed: Upstream
    ctgov: Upstream
    europepmc: Upstream
    openalex: Upstream
    crossref: Upstream
    email: str | None
    ncbi_api_key: str | None = field(repr=False)
    openalex_api_key: str | None = field(repr=False)
    smtp_url: str | None = field(repr=False)
    mail_from: str
    apprise_urls: tuple[str, ...] = field(repr=False)
    webhook_url: str | None
    webhook_secret: str | None = field(repr=False)
    hook_command: str | None
    tick_s: float
    starts_at: datetime | None


def read_config(environment: Mapping[str, str], data: Path) -> Config:
    """Read the settings for a data folder; raise ConfigFaults naming every fault."""
    reader = _Reader(environment, data)
    config = _read(reader, data)
    if reader.faults:
        raise ConfigFaults(reader.faults)
    return config


def read_start(environment: Mapping[str, str]) -> datetime | None:
    """Read where the clock starts, for a command that has no data folder."""
    reader = _Reader(environment, None)
    found = reader.instant("NOW")
    if reader.faults:
        raise ConfigFaults(reader.faults)
    return found


def _review(reader: _Reader) -> Path:
    """Return the folder of the review: a checkout ships one, an installed wheel does not."""
    shipped = Path(__file__).parent.parent / "reviews" / "mmn"
    said = reader.text("REVIEW")
    if said is None and not shipped.is_dir():
        reader.faults.append(
            f"{PREFIX}REVIEW is not set, and no review is installed with the program: set it to"
            " the folder of a review, such as a copy of reviews/mmn of the program's repository"
        )
    return Path(said) if said else shipped


def _read(reader: _Reader, data: Path) -> Config:
    key = reader.text("NCBI_API_KEY")
    interval = PUBMED_INTERVAL_WITH_KEY_S if key else PUBMED_INTERVAL_S
    secret = reader.text("WEBHOOK_SECRET")
    webhook = reader.address("WEBHOOK_URL", ("http", "https"))
    if webhook and not secret:
        reader.faults.append(f"{PREFIX}WEBHOOK_URL is set, so {PREFIX}WEBHOOK_SECRET is needed")
    return Config(
        data=data,
        review=_review(reader),
        database_url=reader.text("DATABASE_URL") or f"sqlite:///{data / 'review.sqlite'}",
        host=reader.text("HOST") or "127.0.0.1",
        port=reader.whole("PORT", 8004),
        public_url=reader.address("PUBLIC_URL", ("http", "https")),
        pubmed=_upstream(reader, "PUBMED", PUBMED_URL, interval),
        ctgov=_upstream(reader, "CTGOV", CTGOV_URL, CTGOV_INTERVAL_S),
        europepmc=_upstream(reader, "EUROPEPMC", EUROPEPMC_URL, EUROPEPMC_INTERVAL_S),
        openalex=_upstream(reader, "OPENALEX", OPENALEX_URL, OPENALEX_INTERVAL_S),
        crossref=_upstream(reader, "CROSSREF", CROSSREF_URL, CROSSREF_INTERVAL_S),
        email=reader.text("EMAIL"),
        ncbi_api_key=key,
        openalex_api_key=reader.text("OPENALEX_API_KEY"),
        smtp_url=reader.address("SMTP_URL", ("smtp", "smtps")),
        mail_from=reader.text("MAIL_FROM") or reader.text("EMAIL") or "living-review@localhost",
        apprise_urls=tuple((reader.text("APPRISE_URLS") or "").split()),
        webhook_url=webhook,
        webhook_secret=secret,
        hook_command=reader.text("HOOK_COMMAND"),
        tick_s=reader.positive("TICK_S", 2.0),
        starts_at=reader.instant("NOW"),
    )


def _upstream(reader: _Reader, name: str, url: str, interval_s: float) -> Upstream:
    return Upstream(
        url=reader.address(f"{name}_URL", ("http", "https")) or url,
        interval_s=reader.positive(f"{name}_INTERVAL_S", interval_s, zero=True),
        timeout_s=reader.positive(f"{name}_TIMEOUT_S", 60.0),
        attempts=reader.whole(f"{name}_ATTEMPTS", 4),
        longest_wait_s=reader.positive(f"{name}_LONGEST_WAIT_S", 60.0),
        body_limit_bytes=reader.whole(f"{name}_BODY_LIMIT_BYTES", 64 * 1024 * 1024),
    )


class _Reader:
    """Looks settings up and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str], data: Path | None) -> None:
        self.faults: list[str] = []
        self._environment = environment
        self._file = self._load(data / SETTINGS_FILE) if data is not None else {}

    def text(self, name: str) -> str | None:
        """Return a setting as text; empty is not set."""
        found = self._environment.get(PREFIX + name) or self._file.get(name.lower())
        return found.strip() or None if found is not None else None

    def whole(self, name: str, default: int) -> int:
        """Return a setting as a whole number above 0."""
        return int(self._number(name, default, int, "a whole number above 0"))

    def positive(self, name: str, default: float, *, zero: bool = False) -> float:
        """Return a setting as a number above (or at) 0."""
        expected = "a number of 0 or more" if zero else "a number above 0"
        return self._number(name, default, float, expected, zero=zero)

    def _number(
        self,
        name: str,
        default: float,
        kind: Callable[[str], float],
        expected: str,
        *,
        zero: bool = False,
    ) -> float:
        found = self.text(name)
        if found is None:
            return default
        try:
            number = kind(found)
        except ValueError:
            number = -1
        if number < 0 or (number == 0 and not zero) or number == float("inf"):
            self.faults.append(f"{PREFIX}{name}: found '{found}', expected {expected}")
            return default
        return number

    def address(self, name: str, schemes: tuple[str, ...]) -> str | None:
        """Return a setting as an address with one of these schemes."""
        found = self.text(name)
        if found is None:
            return None
        parts = urlsplit(found)
        if parts.scheme not in schemes or not parts.hostname:
            expected = " or ".join(f"{scheme}://host" for scheme in schemes)
            self.faults.append(f"{PREFIX}{name}: expected {expected}…, found something else")
        return found

    def instant(self, name: str) -> datetime | None:
        """Return a setting as an instant; without a zone it is UTC."""
        found = self.text(name)
        if found is None:
            return None
        try:
            at = datetime.fromisoformat(found)
        except ValueError:
            self.faults.append(f"{PREFIX}{name}: found '{found}', expected an ISO instant")
            return None
        return at if at.tzinfo is not None else at.replace(tzinfo=UTC)

    def _load(self, file: Path) -> dict[str, str]:
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.faults.append(f"{file}: {error}")
            return {}
        return {key: str(value) for key, value in found.items()}

"""Settings about the machine: from the environment and one file, read in one place.

`DATA/settings.toml` may hold the same names in lower case without the prefix; the environment
wins. All faults are reported at once. A secret is shown in no fault and in no printed value.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import ConfigFaults
from bot.review.faults import Written, wrong, wrong_in

PREFIX = "LIVINGREVIEW_"
SETTINGS_FILE = "settings.toml"
SHIPPED_REVIEW = Path(__file__).parent.parent / "reviews" / "mmn"
DATABASE_FILE = "review.sqlite"
# A checkout ships a review, an installed wheel does not.
NO_REVIEW = (
    f"{PREFIX}REVIEW is not set, and no review is installed with the program: set it to"
    " the folder of a review, such as a copy of reviews/mmn of the program's repository"
)

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

Model = TypeVar("Model", bound=BaseModel)
Found = dict[str, object]


def _number(
    kind: Callable[[str], float], expected: str, good: Callable[[float], bool]
) -> Callable[[object], object]:
    def read(found: object) -> object:
        try:
            number = kind(str(found))
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or not good(number):
            raise wrong(f"'{found}'", expected)
        return number

    return read


def _address(*schemes: str) -> Callable[[object], object]:
    def read(found: object) -> object:
        """The address itself is not repeated: it may hold a password."""
        try:
            parts = urlsplit(str(found))
            good = parts.scheme in schemes and bool(parts.hostname)
        except ValueError:
            good = False
        if not good:
            expected = " or ".join(f"{scheme}://host" for scheme in schemes)
            raise wrong("no such address", f"{expected}…")
        return found

    return read


def _database(found: object) -> object:
    """The address itself is not repeated: it may hold a password."""
    try:
        make_url(str(found))
    except (ArgumentError, ValueError) as error:
        raise wrong("no such address", "postgresql://USER@HOST/NAME or sqlite:///FILE") from error
    return found


def _instant(found: object) -> object:
    """Read an instant; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(str(found))
    except ValueError as error:
        raise wrong(f"'{found}'", "an ISO instant") from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _split(found: object) -> object:
    return tuple(found.split()) if isinstance(found, str) else found


WebAddress = Annotated[str, BeforeValidator(_address("http", "https"))]
MailAddress = Annotated[SecretStr, BeforeValidator(_address("smtp", "smtps"))]
Whole = Annotated[
    int, BeforeValidator(_number(int, "a whole number above 0", lambda number: number > 0))
]
Positive = Annotated[
    float, BeforeValidator(_number(float, "a number above 0", lambda number: number > 0))
]
NotNegative = Annotated[
    float, BeforeValidator(_number(float, "a number of 0 or more", lambda number: number >= 0))
]
Instant = Annotated[datetime, BeforeValidator(_instant)]
# What may hold a password is kept out of everything that is printed.
DatabaseAddress = Annotated[str, BeforeValidator(_database), Field(repr=False)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split)]

FROZEN = ConfigDict(
    frozen=True,
    extra="forbid",
    hide_input_in_errors=True,
    validate_by_name=True,
    validate_by_alias=True,
)


class Upstream(BaseModel):
    """How one source's service is reached."""

    model_config = FROZEN

    url: str
    interval_s: NotNegative
    timeout_s: Positive = 60.0
    attempts: Whole = 4
    longest_wait_s: Positive = 60.0
    body_limit_bytes: Whole = 64 * 1024 * 1024


class Service(Upstream):
    """The service of a source, at its own address or at another that stands for it."""

    url: WebAddress


class Start(BaseModel):
    """Where the clock starts: for drills only."""

    model_config = FROZEN

    starts_at: Instant | None = Field(default=None, validation_alias="now")


class Config(Start):
    """Everything the machine decides; a field is the setting of its name."""

    data: Path
    review: Path
    database_url: DatabaseAddress
    host: str = "127.0.0.1"
    port: Whole = 8004
    public_url: WebAddress | None = None
    pubmed: Service
    ctgov: Service
    europepmc: Service
    openalex: Service
    crossref: Service
    email: str | None = None
    ncbi_api_key: SecretStr | None = None
    openalex_api_key: SecretStr | None = None
    smtp_url: MailAddress | None = None
    mail_from: str
    apprise_urls: Secrets = ()
    webhook_url: Annotated[WebAddress | None, Field(repr=False)] = None
    webhook_secret: SecretStr | None = None
    hook_command: Annotated[str | None, Field(repr=False)] = None
    tick_s: Positive = 2.0

    @property
    def sends_by_network(self) -> bool:
        """Whether messages leave by a service, which may be slow, rather than into a folder."""
        return self.smtp_url is not None or bool(self.apprise_urls)


def revealed(secret: SecretStr | None) -> str | None:
    """Return a secret for whoever is to be shown it: the service it belongs to."""
    return secret.get_secret_value() if secret is not None else None


def read_config(environment: Mapping[str, str], data: Path) -> Config:
    """Read the settings for a data folder; raise ConfigFaults naming every fault."""
    faults: list[str] = []
    file = _load(data / SETTINGS_FILE, faults)
    found = _found(Config, environment, file)
    if "webhook_url" in found and "webhook_secret" not in found:
        faults.append(f"{PREFIX}WEBHOOK_URL is set, so {PREFIX}WEBHOOK_SECRET is needed")
    if "review" not in found and not SHIPPED_REVIEW.is_dir():
        faults.append(NO_REVIEW)
    return _checked(Config, _with_defaults(found, data), faults)


def read_start(environment: Mapping[str, str]) -> datetime | None:
    """Read where the clock starts, for a command that has no data folder."""
    return _checked(Start, _found(Start, environment, {}), []).starts_at


def _checked(model: type[Model], found: Found, faults: list[str]) -> Model:
    try:
        checked = model.model_validate(found)
    except ValidationError as error:
        wrongs = wrong_in(error, Written(model, found))
        said = (f"found {each.found}, expected {each.expected}" for each in wrongs)
        named = (_name(each.path) for each in wrongs)
        own = [f"{name}: {words}" for name, words in zip(named, said, strict=True)]
        raise ConfigFaults([*own, *faults]) from None
    if faults:
        raise ConfigFaults(faults)
    return checked


def _name(path: tuple[str | int, ...]) -> str:
    return PREFIX + "_".join(map(str, path)).upper()


def _found(
    model: type[BaseModel], environment: Mapping[str, str], file: Mapping[str, str]
) -> Found:
    """Return what is set, by the fields of the model; empty is not set."""
    found: Found = {}
    for name, field in model.model_fields.items():
        key = str(field.validation_alias or name)
        if field.annotation is Service:
            found[key] = {
                own: text
                for own in Service.model_fields
                if (text := _text(f"{key}_{own}", environment, file)) is not None
            }
        elif (text := _text(key, environment, file)) is not None:
            found[key] = text
    return found


def _text(name: str, environment: Mapping[str, str], file: Mapping[str, str]) -> str | None:
    found = environment.get(PREFIX + name.upper()) or file.get(name)
    return found.strip() or None if found is not None else None


def _with_defaults(found: Found, data: Path) -> Found:
    """Fill in what follows from the data folder, from other settings and from each service."""
    keyed = PUBMED_INTERVAL_WITH_KEY_S if "ncbi_api_key" in found else PUBMED_INTERVAL_S
    services = {
        "pubmed": (PUBMED_URL, keyed),
        "ctgov": (CTGOV_URL, CTGOV_INTERVAL_S),
        "europepmc": (EUROPEPMC_URL, EUROPEPMC_INTERVAL_S),
        "openalex": (OPENALEX_URL, OPENALEX_INTERVAL_S),
        "crossref": (CROSSREF_URL, CROSSREF_INTERVAL_S),
    }
    for name, (url, interval_s) in services.items():
        own = found[name]
        assert isinstance(own, dict)
        found[name] = {"url": url, "interval_s": interval_s, **own}
    plain = {
        "review": SHIPPED_REVIEW,
        "database_url": f"sqlite:///{data / DATABASE_FILE}",
        "mail_from": found.get("email", "living-review@localhost"),
    }
    return {**plain, **found, "data": data}


def _load(file: Path, faults: list[str]) -> dict[str, str]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        faults.append(f"{file}: {error}")
        return {}
    return {key: str(value) for key, value in found.items()}

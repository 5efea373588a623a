"""Settings about the machine: from the environment and one file, read in one place.

`DATA/settings.toml` may hold the same names in lower case without the prefix; the environment
wins. All faults are reported at once. A secret is shown in no fault and in no printed value.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from bot.errors import ConfigFaults
from bot.review.faults import Written, wrong, wrong_in
from bot.sources.catalogue import LOCATORS, SOURCES
from bot.sources.source import Locator, Source, Upstream
from state.late import late

PREFIX = "LIVINGREVIEW_"
SETTINGS_FILE = "settings.toml"
SHIPPED_REVIEW = Path(__file__).parent.parent / "reviews" / "mmn"
DATABASE_FILE = "review.sqlite"
# Whatever is asked over the network by an address that can be set.
ASKED: tuple[Source | Locator, ...] = (*SOURCES.values(), *LOCATORS.values())
OF_SOURCES = ("services", "api_keys")  # fields that are no setting of their name
# A checkout ships a review, an installed wheel does not.
NO_REVIEW = (
    f"{PREFIX}REVIEW is not set, and no review is installed with the program: set it to"
    " the folder of a review, such as a copy of reviews/mmn of the program's repository"
)

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
        late("sqlalchemy.engine:make_url")(str(found))
    except (late("sqlalchemy.exc:ArgumentError"), ValueError) as error:
        raise wrong("no such address", "postgresql://USER@HOST/NAME or sqlite:///FILE") from error
    return found


def _root(found: object) -> object:
    """Read the path under which a page lies; it ends without a slash."""
    if not re.fullmatch(r"(/[A-Za-z0-9_-]+)*", str(found)):
        raise wrong(f"'{found}'", "a path such as /r/mmn")
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
ImapAddress = Annotated[SecretStr, BeforeValidator(_address("imap", "imaps"))]
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
Root = Annotated[str, BeforeValidator(_root)]
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


class Service(BaseModel):
    """How one source's service is reached: at its own address or at another that stands for it."""

    model_config = FROZEN

    url: WebAddress
    interval_s: NotNegative
    timeout_s: Positive
    attempts: Whole
    longest_wait_s: Positive
    body_limit_bytes: Whole

    @property
    def upstream(self) -> Upstream:
        """Return it without its checks."""
        return Upstream(**dict(self))


class Start(BaseModel):
    """Where the clock starts: for drills only."""

    model_config = FROZEN

    starts_at: Instant | None = Field(default=None, validation_alias="now")


class Config(Start):
    """Everything the machine decides; a field is the setting of its name, unless it says else.

    services: by source, each field a setting (LIVINGREVIEW_<SOURCE>_<FIELD>). api_keys: of the
    sources, by the names of their settings.
    """

    data: Path
    review: Path
    database_url: DatabaseAddress
    host: str = "127.0.0.1"
    port: Whole = 8004
    public_url: WebAddress | None = None
    root: Root = ""
    services: Mapping[str, Service]
    email: str | None = None
    api_keys: Mapping[str, SecretStr] = Field(default_factory=dict)
    alerts_folder: Path | None = None
    alerts_imap_url: ImapAddress | None = None
    smtp_url: MailAddress | None = None
    mail_from: str
    apprise_urls: Secrets = ()
    webhook_url: Annotated[WebAddress | None, Field(repr=False)] = None
    webhook_secret: SecretStr | None = None
    hook_command: Annotated[str | None, Field(repr=False)] = None
    tick_s: Positive = 2.0

    @property
    def tells_in_one_place(self) -> bool:
        """Whether messages leave by chat alone: one posting, which everybody reads."""
        return self.smtp_url is None and bool(self.apprise_urls)

    @property
    def sends_by_network(self) -> bool:
        """Whether messages leave by a service, which may be slow, rather than into a folder."""
        return self.smtp_url is not None or bool(self.apprise_urls)


def revealed(secret: SecretStr | None) -> str | None:
    """Return a secret for whoever is to be shown it: the service it belongs to."""
    return secret.get_secret_value() if secret is not None else None


def setting_names() -> Iterator[str]:
    """Yield the name of every setting, without its prefix, as a file has it."""
    for name, field in Config.model_fields.items():
        if name not in OF_SOURCES:
            yield str(field.validation_alias or name)
    for source in ASKED:
        yield from (f"{source.id}_{own}" for own in Service.model_fields)
        if source.api_key is not None:
            yield source.api_key.setting


def read_config(environment: Mapping[str, str], data: Path) -> Config:
    """Read the settings for a data folder; raise ConfigFaults naming every fault."""
    faults: list[str] = []
    file = _load(data / SETTINGS_FILE, faults)
    found = _found(Config, environment, file) | _of_sources(environment, file)
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
    named = path[1:] if path[0] in OF_SOURCES else path
    return PREFIX + "_".join(map(str, named)).upper()


def _found(
    model: type[BaseModel], environment: Mapping[str, str], file: Mapping[str, str]
) -> Found:
    """Return what is set, by the fields of the model; empty is not set."""
    names = (str(field.validation_alias or name) for name, field in model.model_fields.items())
    return _set((name for name in names if name not in OF_SOURCES), environment, file)


def _of_sources(environment: Mapping[str, str], file: Mapping[str, str]) -> Found:
    """Return what is set of the sources, over what each says of itself."""
    keys = {each.api_key.setting for each in SOURCES.values() if each.api_key is not None}
    api_keys = _set(sorted(keys), environment, file)
    services = {}
    for source in ASKED:
        own = {
            field: found
            for field in Service.model_fields
            if (found := _text(f"{source.id}_{field}", environment, file)) is not None
        }
        services[source.id] = asdict(_usual(source, api_keys)) | own
    return {"services": services, "api_keys": api_keys}


def _usual(source: Source | Locator, api_keys: Found) -> Upstream:
    """Return how a source is reached unless a setting says otherwise; a key may buy a pace."""
    key = source.api_key
    if key is None or key.interval_s is None or key.setting not in api_keys:
        return source.upstream
    return replace(source.upstream, interval_s=key.interval_s)


def _set(names: Iterable[str], environment: Mapping[str, str], file: Mapping[str, str]) -> Found:
    texts = ((name, _text(name, environment, file)) for name in names)
    return {name: text for name, text in texts if text is not None}


def _text(name: str, environment: Mapping[str, str], file: Mapping[str, str]) -> str | None:
    found = environment.get(PREFIX + name.upper()) or file.get(name)
    return found.strip() or None if found is not None else None


def _with_defaults(found: Found, data: Path) -> Found:
    """Fill in what follows from the data folder and from other settings."""
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

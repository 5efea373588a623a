"""A database of an older program, or an empty one, brought to the tables of this one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from state.errors import DataFolderFault

# Migrations whose log holds facts without a version.
BEFORE_VERSIONS = ("0001", "0002")


def bring_up_to_date(connection: Connection) -> None:
    """Run the migrations that are missing, in the caller's transaction.

    Raises DataFolderFault where a newer or a much older program wrote the database.
    """
    config = _config()
    revision = MigrationContext.configure(connection).get_current_revision()
    _check_known(config, revision)
    _check_versioned(connection, revision)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def newest_revision() -> str | None:
    """Return the revision to which the migrations lead."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _check_known(config: Config, revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise DataFolderFault(
            f"the database is at version '{revision}', which this program does not know:"
            " it was used with a newer one; update the program"
        )


def _check_versioned(connection: Connection, revision: str | None) -> None:
    if revision in BEFORE_VERSIONS and connection.execute(text("SELECT 1 FROM event")).first():
        raise DataFolderFault(
            "this data folder was written by the development state 0.1.0, before facts had"
            " versions, and cannot be opened: export it with that program, and begin a new one"
            " with --data"
        )

"""A start after the first: go on under the protocol in force, whatever lies in the folder."""

from __future__ import annotations

from bot.app import App
from bot.surveillance.adopted_strategies import adopt_first_strategies
from bot.work.take_baseline import look_at_baseline_files
from state import versions
from state.files import KEY_FILE, sweep
from state.late import late


def resume(app: App) -> bool:
    """Go on where the folder was begun whole; else there is a beginning to be finished."""
    sweep(app.config.data)
    with app.database.reading() as connection:
        published = versions.last_published(connection) is not None
    if not published or not (app.config.data / KEY_FILE).exists():
        return False
    adopt_first_strategies(app)
    look_at_baseline_files(app)
    return True


def look_at_folder(app: App) -> None:
    """Take up what people have changed in the review folder while the program runs."""
    if app.in_force.read_folder_anew():
        look_at_baseline_files(app)
        take_up_folder(app)


def take_up_folder(app: App) -> None:
    """Propose the folder's protocol where it is a new version, or tell why it is not taken."""
    if app.review.file_text is not None or app.review.unreadable is not None:
        late("bot.acts.amending:take_up_folder")(app)

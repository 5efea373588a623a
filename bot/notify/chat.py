"""The way out by chat services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import apprise

from bot.errors import DeliveryFailed
from bot.notify.channels import FOR_ONE_PERSON
from state.outbox import Delivery

# Apprise loads schemas that run programs or reach into the own network; these leave by HTTPS.
CHAT_SCHEMAS = ("slack", "msteams", "workflows", "mmosts", "tgram", "matrixs", "ntfys", "discord")


@dataclass(frozen=True, slots=True)
class Chat:
    """Chat services by Apprise, which posts to a channel rather than to one person."""

    urls: tuple[str, ...]
    name: str = "chat"
    shared: bool = True

    def send(self, delivery: Delivery, address: str | None, alive: Callable[[], None]) -> None:
        """Post to every configured address; raise DeliveryFailed where one refuses."""
        if delivery.notice.kind in FOR_ONE_PERSON:
            raise DeliveryFailed("a sign-in link is never posted to a channel that others read")
        door = apprise.Apprise()
        for url in self.urls:
            if urlsplit(url).scheme not in CHAT_SCHEMAS or not door.add(url):
                raise DeliveryFailed("an Apprise address is not of an allowed kind")
        if not door.notify(title=delivery.notice.subject, body=delivery.notice.body):
            raise DeliveryFailed("the chat service did not take the message")

    def close(self) -> None:
        """Nothing is held."""

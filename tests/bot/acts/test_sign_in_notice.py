from __future__ import annotations

import pytest

from bot.errors import DeliveryFailed
from bot.notify.chat import Chat
from state.facts.words import NoticeKind
from state.outbox import Delivery
from state.values import Notice


def test_a_sign_in_link_is_never_posted_to_a_channel_that_others_read() -> None:
    link = Notice("sign-in:ada:1", NoticeKind.SIGN_IN, "Your link to sign in", "secret")
    delivery = Delivery(link, "ada", "<1@x>", "2026-11-25T06:00:00.000000Z", None, None)

    with pytest.raises(DeliveryFailed, match="never posted"):
        Chat(("slack://a/b/c",)).send(delivery, "ada@example.org", lambda: None)

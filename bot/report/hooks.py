"""Trigger the authors' own pipeline after a publication: a command and a signed webhook.

A hook is tried again until it succeeds; its id is the version's, so that a repeat can be told.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess

from standardwebhooks.webhooks import Webhook

from bot.app import App, log
from bot.config import revealed
from bot.errors import HookFailed, SourceError
from bot.notify import messages
from state import outbox, runs, versions
from state.attempts import FailedTry, ToStore
from state.events import Ledger
from state.facts.words import RoleId
from state.runs import Work
from state.values import WorkKind

COMMAND, WEBHOOK = "command", "webhook"
COMMAND_TIMEOUT_S = 600  # a command that builds and uploads a site may take minutes


def enqueue_hooks(app: App, ledger: Ledger, number: str) -> None:
    """Ask for the hooks that the settings name, in the transaction that marks the publication."""
    for kind, setting in ((COMMAND, app.config.hook_command), (WEBHOOK, app.config.webhook_url)):
        if setting:
            runs.enqueue(ledger.connection, WorkKind.HOOK, f"{number}:{kind}", due_at=ledger.at)


def fire_hook(app: App, work: Work) -> ToStore:
    """Fire a hook."""
    number, _, kind = work.key.rpartition(":")
    _call_command(app, number) if kind == COMMAND else _call_webhook(app, number)
    return ToStore(lambda _: log.info("version %s: %s done", number, kind))


def hook_failed(_app: App, ledger: Ledger, failed: FailedTry) -> None:
    """Tell the operator, once for each hook, that it failed and is tried again."""
    number, _, kind = failed.work.key.rpartition(":")
    notice = messages.hook_failed(number, kind, failed.reason)
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, RoleId.OPERATOR))


def _call_command(app: App, number: str) -> None:
    environment = {
        **os.environ,
        "LIVINGREVIEW_VERSION": number,
        "LIVINGREVIEW_VERSION_FOLDER": str((app.files / number).resolve()),
    }
    command = shlex.split(app.config.hook_command or "")
    try:
        done = subprocess.run(
            command,
            env=environment,
            timeout=COMMAND_TIMEOUT_S,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HookFailed(str(error)) from error
    if done.returncode != 0:
        raise HookFailed(f"exit status {done.returncode}: {done.stderr.strip()[-300:]}")


def _call_webhook(app: App, number: str) -> None:
    with app.database.reading() as connection:
        version = versions.find_version(connection, number)
    body = json.dumps(
        {
            "type": "version.published",
            "review": app.protocol.id,
            "version": number,
            "published_at": version.published_at,
            "manifest_sha256": version.manifest_sha256,
        },
        sort_keys=True,
    )
    message_id = f"{app.protocol.id}-{number}"
    at = app.clock.now()  # of this attempt: receivers refuse an old one
    signature = Webhook(revealed(app.config.webhook_secret) or "").sign(message_id, at, body)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    try:
        app.clients[WEBHOOK].post_body(app.config.webhook_url or "", body.encode(), headers)
    except SourceError as error:
        raise HookFailed(str(error)) from error

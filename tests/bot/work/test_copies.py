"""A backup and an export are looked at whole before they are put back, and give the same review."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.cli.keeping import verified
from bot.report.open_formats import ANSWERS, EXPORT, LOG, write_export
from bot.report.signed_copy import file_hash
from bot.silence.signing_key import open_key
from bot.work import jobs
from bot.work.backup import DATABASE, MANIFEST, put_back, write_backup
from state.codec import canonical
from state.data_folder import WAL
from state.database import open_database, sqlite_url
from state.errors import DataFolderFault, NotFound, StateError
from state.events import event_rows, events, hashes
from state.facts import Fact, LogRestored
from state.screening import Verdict
from state.versions import versions
from tests.bot.builders import (
    ADA,
    BEN,
    a_trial,
    add_team,
    an_app,
    an_extraction,
    found,
    hand_in,
    include,
    say,
)
from tests.engines import engines
from tests.state.helpers import drop_guards

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A review with a trial that two have read, and a second one of which one has decided."""
    folder = tmp_path_factory.mktemp("at-rest") / "data"
    app = an_app(folder)
    add_team(app)
    found(app, a_trial(1), a_trial(2))
    include(app, a_trial(1).key)
    for person in (ADA, BEN):
        hand_in(app, person, "doe2026", an_extraction(9))
    jobs.work_off(app)
    say(app, ADA, a_trial(2).key, Verdict.EXCLUDE, criterion="E1", note="between us")
    app.close()
    return folder


@pytest.fixture
def app(at_rest: Path, tmp_path: Path) -> Iterator[App]:
    app = an_app(engines.copy(at_rest, tmp_path / "data"))
    yield app
    app.close()


@pytest.fixture
def copy(app: App, tmp_path: Path) -> Path:
    return write_backup(app, tmp_path / "copy")


@pytest.fixture
def export(app: App, tmp_path: Path) -> Path:
    write_export(app, tmp_path / "export")
    return tmp_path / "export"


@pytest.fixture(params=["copy", "export"])
def either(request: pytest.FixtureRequest) -> Path:
    """A backup, and an export."""
    found: Path = request.getfixturevalue(request.param)
    return found


def manifest_of(folder: Path) -> Path:
    return folder / (EXPORT if (folder / EXPORT).exists() else MANIFEST)


def refused(folder: Path, to: Path, words: str, *, signed_by: str | None = None) -> None:
    """A copy is not put back, and nothing of it is anywhere."""
    with pytest.raises(StateError, match=words):
        put_back(folder, to, signed_by=signed_by)
    assert not to.exists() or not list(to.iterdir())
    assert not list(to.parent.glob("restore-*"))


# ---- what a copy is ------------------------------------------------------------------------------


def test_each_altered_file_of_a_copy_is_named(either: Path, tmp_path: Path) -> None:
    for name in json.loads(manifest_of(either).read_text())["files"]:
        file = either / name
        whole = file.read_bytes()
        file.write_bytes(whole + b" ")
        refused(either, tmp_path / "restored", f"{name} is not what was backed up")
        file.unlink()
        refused(either, tmp_path / "restored", f"{name} is missing")
        file.symlink_to(tmp_path / "data" / DATABASE)
        refused(either, tmp_path / "restored", f"{name} is a link")
        file.unlink()
        file.write_bytes(whole)

    put_back(either, tmp_path / "restored")


def test_a_manifest_that_was_altered_is_known_by_its_signature(
    either: Path, tmp_path: Path
) -> None:
    manifest = manifest_of(either)
    said = json.loads(manifest.read_text())
    name = next(iter(said["files"]))
    (either / name).write_bytes(b"forged")
    said["files"][name] = file_hash(either / name)
    manifest.write_text(canonical(said))

    refused(either, tmp_path / "restored", "its signature does not hold")


def test_a_copy_signed_by_another_key_is_told_by_the_id(
    app: App, either: Path, tmp_path: Path
) -> None:
    mine, other = open_key(app.config.data), open_key(tmp_path)
    manifest = manifest_of(either)
    said = json.loads(manifest.read_text())
    del said["signature"]
    said["key"] = {"id": mine.id, "public": other.public}
    manifest.write_text(canonical(said | {"signature": other.sign(canonical(said))}))

    refused(either, tmp_path / "restored", f"signed by {other.id}, expected", signed_by=mine.id)
    del said["key"]
    manifest.write_text(canonical(said))
    refused(either, tmp_path / "restored", "it is not signed", signed_by=mine.id)
    assert put_back(either, tmp_path / "restored").signed_by is None


def test_the_installation_is_named_whose_key_signed(app: App, either: Path, tmp_path: Path) -> None:
    mine = open_key(app.config.data).id

    assert put_back(either, tmp_path / "restored", signed_by=mine).signed_by == mine


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/etc/evil.txt",
        "versions/../../evil.txt",
        "versions/3.0/..",
        "C:evil.txt",
        "versions\\..\\evil.txt",
        "versions//evil.txt",
        "versions/./evil.txt",
        ".ssh",
        "aux.txt",
        "evil.txt.",
        "ev\u202eil.txt",
        "a/b/c/d/e.txt",
        "evil\ntxt",
        "",
    ],
)
def test_no_name_leads_out_of_the_folder_or_means_two_files(
    either: Path, tmp_path: Path, name: str
) -> None:
    manifest = manifest_of(either)
    said = json.loads(manifest.read_text())
    said["files"][name] = "0" * 64
    manifest.write_text(canonical({"files": said["files"]}))

    refused(either, tmp_path / "deep" / "restored", "leads out of")


def test_two_names_that_differ_in_case_are_refused(copy: Path, tmp_path: Path) -> None:
    said = {name: file_hash(copy / name) for name in (DATABASE,)}
    manifest_of(copy).write_text(canonical({"files": said | {DATABASE.upper(): "0"}}))

    refused(copy, tmp_path / "restored", "where case makes no difference")


@pytest.mark.parametrize("name", [f"{DATABASE}{WAL}", "certificate.key", "settings.toml"])
def test_what_no_backup_holds_is_not_put_back(copy: Path, tmp_path: Path, name: str) -> None:
    (copy / name).write_bytes(b"planted")
    said = json.loads(manifest_of(copy).read_text())["files"]
    left = put_back(copy, tmp_path / "as-written").left
    manifest_of(copy).write_text(canonical({"files": said | {name: file_hash(copy / name)}}))

    assert left == (name,)
    refused(copy, tmp_path / "restored", "is no file of a backup")


def test_a_log_that_was_altered_with_its_manifest_is_found_before_anything_is_written(
    app: App, copy: Path, tmp_path: Path
) -> None:
    database = open_database(sqlite_url(copy / DATABASE))
    with database.writer.begin() as connection:
        drop_guards(connection)
        connection.exec_driver_sql("UPDATE event SET actor = 'eve' WHERE seq = 5")
    database.close()
    for end in (WAL, "-shm"):
        (copy / f"{DATABASE}{end}").unlink(missing_ok=True)
    said = json.loads(manifest_of(copy).read_text())["files"]
    manifest_of(copy).write_text(
        canonical({"files": said | {DATABASE: file_hash(copy / DATABASE)}})
    )

    refused(copy, tmp_path / "restored", "event 5: its content was changed")


def test_nothing_is_put_back_over_anything(either: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")

    with pytest.raises(DataFolderFault, match="is not empty"):
        put_back(either, tmp_path / "full")

    assert [each.name for each in (tmp_path / "full").iterdir()] == ["notes.txt"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder with a backup or an export"):
        put_back(tmp_path / "lost", tmp_path / "restored")


def test_a_restore_that_was_killed_is_no_reason_to_refuse_the_next(
    copy: Path, tmp_path: Path
) -> None:
    (tmp_path / "restored" / "restore-x.part").mkdir(parents=True)

    put_back(copy, tmp_path / "restored")

    assert (tmp_path / "restored" / DATABASE).exists()


# ---- an export gives the review back -------------------------------------------------------------


def facts(app: App) -> list[tuple[int, str, str, Fact]]:
    with app.database.reading() as connection:
        return [(each.seq, each.at, each.actor, each.fact) for each in events(connection)]


def files_of(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file_hash(file)
        for file in folder.rglob("*")
        if file.is_file() and "-draft" not in file.parent.name
    }


def sealed_in(folder: Path) -> list[int]:
    lines = map(json.loads, (folder / LOG).read_text("utf-8").splitlines())
    return [line["seq"] for line in lines if line["sealed"]]


def test_an_export_gives_the_same_review_back(app: App, export: Path, tmp_path: Path) -> None:
    put = put_back(export, tmp_path / "restored")

    restored = an_app(tmp_path / "restored")
    with app.database.reading() as before, restored.database.reading() as after:
        known, now = hashes(before), hashes(after)
        assert {seq: now[seq] for seq in known} == known
        assert versions(before) == versions(after)
    assert put.lost == tuple(sealed_in(export)) != ()
    kept = [each for each in facts(app) if each[0] not in put.lost]
    assert kept == facts(restored)[: len(kept)]
    assert files_of(app.files) == files_of(restored.files)
    assert verified(restored)["faults"] == []
    restored.close()


def test_what_was_sealed_is_lost_named_and_said_again(
    app: App, export: Path, tmp_path: Path
) -> None:
    (lost,) = put_back(export, tmp_path / "restored").lost

    restored = an_app(tmp_path / "restored")
    with restored.database.reading() as connection:
        told = [e.fact for e in events(connection) if isinstance(e.fact, LogRestored)]
        (row,) = (each for each in event_rows(connection) if each.seq == lost)
    assert [each.lost for each in told] == [(lost,)]
    assert (row.actor, row.kind, row.subject, row.payload, row.nonce) == ("", "", "", "", "")
    say(restored, ADA, a_trial(2).key, Verdict.INCLUDE)
    assert verified(restored)["faults"] == []

    write_export(restored, tmp_path / "again")
    assert sealed_in(tmp_path / "again")[0] == lost
    assert put_back(tmp_path / "again", tmp_path / "third").lost[0] == lost
    restored.close()


def test_a_gap_that_no_restored_log_names_is_a_fault(app: App) -> None:
    with app.database.writer.begin() as connection:
        drop_guards(connection)
        connection.exec_driver_sql("UPDATE event SET payload = '' WHERE seq = 5")

    assert "event 5: its content is gone" in verified(app)["faults"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda line: line | {"actor": "eve"}, "is not what its hash says"),
        (lambda line: line | {"nonce": "0" * 32}, "is not what its hash says"),
        (lambda line: line | {"fact": line["fact"] | {"more": 1}}, "is not what its hash says"),
        (lambda line: line | {"seq": 99}, "does not follow"),
        (lambda line: {"seq": line["seq"]}, "cannot be read"),
    ],
)
def test_an_export_with_another_log_is_refused(
    export: Path,
    tmp_path: Path,
    change: Callable[[dict[str, object]], dict[str, object]],
    words: str,
) -> None:
    file = export / LOG
    lines = file.read_text("utf-8").splitlines()
    lines[6] = json.dumps(change(json.loads(lines[6])))
    file.write_text("\n".join(lines) + "\n")
    said = json.loads((export / EXPORT).read_text())["files"]
    (export / EXPORT).write_text(canonical({"files": said | {LOG: file_hash(file)}}))

    refused(export, tmp_path / "restored", words)


def test_the_answers_of_the_sources_come_back_byte_for_byte(export: Path, tmp_path: Path) -> None:
    put_back(export, tmp_path / "restored")
    restored = an_app(tmp_path / "restored")
    write_export(restored, tmp_path / "again")
    restored.close()

    assert (tmp_path / "again" / ANSWERS).read_bytes() == (export / ANSWERS).read_bytes() != b""
    assert files_of(tmp_path / "again" / "payloads") == files_of(export / "payloads")


def test_a_second_export_takes_the_place_of_the_first(app: App, export: Path) -> None:
    (export / "versions" / "3.0" / "report.html").write_text("old")
    (export / "notes.txt").write_text("somebody's own")

    write_export(app, export)

    assert "notes.txt" not in json.loads((export / EXPORT).read_text())["files"]
    assert (export / "versions" / "3.0" / "report.html").read_text("utf-8") != "old"


@pytest.mark.parametrize("which", ["copy", "export"])
def test_a_copy_is_put_back_on_a_server_too(
    request: pytest.FixtureRequest, tmp_path: Path, which: str
) -> None:
    address = engines.cluster.migrated()
    folder = request.getfixturevalue(which)

    put_back(folder, tmp_path / "restored", address)

    assert not (tmp_path / "restored" / DATABASE).exists()
    with_settings = {"LIVINGREVIEW_DATABASE_URL": address}
    restored = an_app(tmp_path / "restored", with_settings)
    assert verified(restored)["faults"] == []
    restored.close()
    with pytest.raises(DataFolderFault, match="holds a review already"):
        put_back(folder, tmp_path / "another", address)
    assert not (tmp_path / "another").exists()


def test_a_backup_of_the_first_release_has_no_signature_and_comes_back(
    copy: Path, tmp_path: Path
) -> None:
    files = json.loads((copy / MANIFEST).read_text())["files"]
    (copy / MANIFEST).write_text(canonical({"files": files}))

    assert put_back(copy, tmp_path / "restored").signed_by is None
    shutil.rmtree(tmp_path / "restored")

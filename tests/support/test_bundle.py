"""The bundle helps, is small, and holds no secret: they are planted everywhere and searched for."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.events import TaskState
from openmsi_desktop.core.journal import FILE_NAME, Journal
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.places import Places, find_places
from openmsi_desktop.support import bundle
from openmsi_desktop.support.bundle import write_bundle

IN_KEYRING, IN_VARIABLE, IN_SETTINGS, IN_LOG = 'k3yr!ng "secret" ü', "v4riable-secret", "s3ttings-secret", "l0g-secret"


class Keyring(KeyringBackend):
    """Holds one secret, unless it is locked."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked("locked")
        return IN_KEYRING if username == "lab" else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """It is there already."""

    def delete_password(self, service: str, username: str) -> None:
        raise AssertionError("nothing is deleted")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = find_places(settings=tmp_path / "settings.toml", data=tmp_path / "data", environment={})
    found.logs.mkdir(parents=True)
    # with a mistake in it: such a file is what people need help with
    found.settings.write_text(
        f'version = 1\n[[connections]]\nname = "lab"\nkafka = {{ "sasl.password" = "{IN_SETTINGS}" }}\ncredential = "lab"\n'
    )
    found.log_file.write_text(f"INFO password={IN_LOG}\nINFO it was {IN_KEYRING}\nINFO and {IN_VARIABLE} too\n")
    with_task = Journal(found.data / FILE_NAME)
    with_task.set_task("watch:1", kind="watch", name="XRD", state=TaskState.RUNNING)
    with_task.add_problem("watch:1", "Cannot read the file", f"token={IN_LOG}", path="run/a.xy")
    with_task.close()
    return found


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


@pytest.fixture
def credentials(places: Places, keyring: Keyring) -> Credentials:
    made = Credentials(places.data, environment={}, backend=lambda: keyring)
    made.store("lab", IN_KEYRING)
    return made


def contents(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_no_planted_secret_is_in_it_and_what_helps_is(places: Places, credentials: Credentials, tmp_path: Path) -> None:
    written = write_bundle(
        tmp_path / "out" / "s.zip", places, credentials=credentials, environment={"OPENMSI_SECRET_X": IN_VARIABLE}
    )
    found = contents(written.file)
    whole = "\n".join(found.values())
    for planted in (IN_KEYRING, IN_VARIABLE, IN_SETTINGS, IN_LOG, json.dumps(IN_KEYRING)[1:-1]):
        assert planted not in whole
    assert 'name = "lab"' in found["settings.toml"]
    (task,) = json.loads(found["tasks.json"])
    assert (task["name"], task["problems"][0]["title"]) == ("XRD", "Cannot read the file")
    assert "OPENMSI_SECRET_X" in found["about.json"]
    assert found[f"logs/{places.log_file.name}"].startswith("INFO password=")
    assert written.left_out == [] and written.size == written.file.stat().st_size


def test_a_locked_keyring_is_said(places: Places, credentials: Credentials, keyring: Keyring, tmp_path: Path) -> None:
    keyring.is_locked = True
    written = write_bundle(tmp_path / "s.zip", places, credentials=credentials, environment={})
    assert written.unread == ["lab"]
    assert "lab" in contents(written.file)["left-out.txt"]


def test_long_logs_are_cut_and_the_newest_lines_stay(
    places: Places, credentials: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "_LOG_BYTES", 1000)
    places.log_file.write_text("old\n" * 1000 + "the last line\n")
    text = contents(write_bundle(tmp_path / "s.zip", places, credentials=credentials, environment={}).file)
    assert text[f"logs/{places.log_file.name}"].endswith("the last line\n")
    assert len(text[f"logs/{places.log_file.name}"]) <= 1000


def test_where_it_cannot_be_written_nothing_is_left_behind(
    places: Places, credentials: Credentials, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    with pytest.raises(NeedsYou, match="Cannot write"):
        write_bundle(tmp_path / "taken" / "s.zip", places, credentials=credentials, environment={})
    assert (tmp_path / "taken").read_text() == "a file, no folder"

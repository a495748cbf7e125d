"""Start at login, as each system would read it; written into folders and a registry of the test."""

from __future__ import annotations

import os
import plistlib
import sys
from pathlib import Path

import pytest

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.gui import autostart
from openmsi_desktop.gui.autostart import Autostart, LaunchAgent, RunKey, XdgAutostart, command, exec_line, program
from openmsi_desktop.places import find_places

AWKWARD = ["/opt/My Programs/größe \\ new", 'say "hi"', "$HOME", "`id`", "100 %", "%u", "", "'", "a;b&c|d~#*?"]


class FakeRegistry:
    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str | bytes] = {}

    def read(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key.rpartition("\\")[2] if "Approved" not in key else "approved", name))

    def write(self, key: str, name: str, value: str | bytes) -> None:
        self.values[key.rpartition("\\")[2], name] = value

    def delete(self, key: str, name: str) -> None:
        self.values.pop((key.rpartition("\\")[2] if "Approved" not in key else "approved", name), None)


@pytest.fixture(params=["xdg", "windows", "macos"])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Autostart:
    made: dict[str, Autostart] = {
        "xdg": XdgAutostart(tmp_path / "autostart"),
        "windows": RunKey(FakeRegistry()),
        "macos": LaunchAgent(tmp_path / "LaunchAgents"),
    }
    return made[request.param]


def test_it_is_off_until_it_is_turned_on_and_off_again_afterwards(system: Autostart) -> None:
    assert not system.is_on()
    system.turn_off()
    assert not system.is_on()
    system.turn_on(["/opt/openmsi-desktop", "--hidden"])
    assert system.is_on()
    system.turn_on(["/opt/elsewhere/openmsi-desktop"])
    assert system.is_on()
    system.turn_off()
    assert not system.is_on()


def test_arguments_come_through_a_desktop_entry_as_they_were(tmp_path: Path) -> None:
    """Read as the specification says: unescape the value, split, unquote, expand field codes."""
    XdgAutostart(tmp_path).turn_on(AWKWARD)
    line = next(x for x in (tmp_path / "openmsi-desktop.desktop").read_text().splitlines() if x.startswith("Exec="))
    value, out, at = line.removeprefix("Exec=").replace("\\\\", "\\"), [], 0
    while at < len(value):
        assert value[at] == '"'
        at, argument = at + 1, ""
        while value[at] != '"':
            at += value[at] == "\\"
            argument, at = argument + value[at], at + 1
        assert "%" not in argument.replace("%%", "")
        out.append(argument.replace("%%", "%"))
        at += 2
    assert out == AWKWARD


def test_an_entry_of_a_package_is_overridden_not_removed(tmp_path: Path) -> None:
    packaged = tmp_path / "system"
    packaged.mkdir()
    (packaged / "openmsi-desktop.desktop").write_text("[Desktop Entry]\nType=Application\nExec=openmsi-desktop\n")
    here = XdgAutostart(tmp_path / "user", [tmp_path / "none", packaged])
    assert here.is_on()
    here.turn_off()
    assert not here.is_on() and (packaged / "openmsi-desktop.desktop").exists()
    here.turn_on(["openmsi-desktop"])
    assert here.is_on()


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false", "Broken [", "\xff"])
def test_what_the_desktop_switched_off_counts_as_off(tmp_path: Path, line: str) -> None:
    here = XdgAutostart(tmp_path)
    here.turn_on(["openmsi-desktop"])
    lines = here.file.read_text().replace("X-GNOME-Autostart-enabled=true\n", "")
    here.file.write_bytes((lines + line).encode("latin-1"))
    assert not here.is_on()


def test_what_the_task_manager_switched_off_counts_as_off() -> None:
    registry = FakeRegistry()
    here = RunKey(registry)
    here.turn_on([r"C:\Program Files\OpenMSI Desktop\openmsi-desktop.exe", "--data", "D:\\my data\\"])
    assert registry.values["Run", "OpenMSI Desktop"] == (
        '"C:\\Program Files\\OpenMSI Desktop\\openmsi-desktop.exe" --data "D:\\my data\\\\"'
    )
    registry.values["approved", "OpenMSI Desktop"] = bytes([3]) + bytes(11)
    assert not here.is_on()
    registry.values["approved", "OpenMSI Desktop"] = bytes([2]) + bytes(11)
    assert here.is_on()
    registry.values["approved", "OpenMSI Desktop"] = bytes([3]) + bytes(11)
    here.turn_on(["x"])
    assert here.is_on()


def test_macos_gets_a_list_that_it_can_read(tmp_path: Path) -> None:
    here = LaunchAgent(tmp_path)
    here.turn_on(AWKWARD)
    found = plistlib.loads(here.file.read_bytes())
    assert found["ProgramArguments"] == AWKWARD and found["RunAtLoad"] is True and found["Label"]
    here.file.write_bytes(b"not a list")
    assert not here.is_on()


def test_the_command_names_what_a_person_chose(tmp_path: Path) -> None:
    plain = command(find_places(environment={}), is_hidden=False)
    assert plain == program()
    chosen = find_places(settings=tmp_path / "s.toml", data=tmp_path / "data", environment={})
    assert command(chosen, is_hidden=True) == [
        *program(),
        *("--hidden", "--settings", str(tmp_path / "s.toml"), "--data", str(tmp_path / "data")),
    ]


def test_the_program_is_found_again_however_it_was_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert program({})[1:] == ["-m", "openmsi_desktop"]
    assert program({"APPIMAGE": "/home/me/OpenMSI.AppImage"}) == ["/home/me/OpenMSI.AppImage"]
    (tmp_path / "pythonw.exe").touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python.exe"))
    assert program({})[0] == str(tmp_path / "pythonw.exe")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program({}) == [str(tmp_path / "python.exe")]


def test_what_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "autostart").write_text("a file where the folder should be")
    monkeypatch.setattr(autostart, "_here", lambda: XdgAutostart(tmp_path / "autostart"))
    with pytest.raises(NeedsYou, match="could not be changed"):
        autostart.set_on(True, places=find_places(environment={}), is_hidden=True)
    assert not autostart.is_on()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the folder of XDG")
def test_this_system_has_a_place_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", os.fspath(tmp_path))
    autostart.set_on(True, places=find_places(environment={}), is_hidden=True)
    assert autostart.is_on()
    assert exec_line(command(find_places(environment={}), is_hidden=True)) in (
        (tmp_path / "autostart" / "openmsi-desktop.desktop").read_text()
    )

"""settings.toml: what is accepted, what is said about mistakes, and that changes keep comments."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.settings import (
    Bucket,
    Connection,
    Download,
    Limit,
    Period,
    Processor,
    Settings,
    WatchedFolder,
)
from openmsi_desktop.settings_file import SettingsFile, SettingsMistakes, parse_settings, read_settings
from openmsi_desktop.settings_lines import lines_of

EVERYTHING = """\
version = 1

# the laboratory's cluster
[[connections]]
name = "lab"
kafka = { "bootstrap.servers" = "kafka.example.org:9093", "security.protocol" = "SASL_SSL", "sasl.username" = "inst" }
credential = "lab"                # in the keyring

[[watched_folders]]
name = "XRD"
path = "/data/xrd"
connection = "lab"
topic = "xrd"
subfolder = "xrd-pc"
include = ["*.xy"]
exclude = []
min_size = 0
newer_than = 2026-01-31
settle = { quiet_s = 10, max_wait_s = 0, marker = "", partner = "", unit = "file" }
existing = "send"
check = true
chunk_size = 524288
limit = { bytes_per_s = 0, timetable = [] }
paused = false

[[downloads]]
name = "xrd here"
topics = ["xrd"]
connection = "lab"
target = "/home/me/xrd"
sinks = ["lab-bucket", "xrd-plots"]
from = "start"
group = ""
include = []
if_exists = "keep-both"

[[buckets]]
name = "lab-bucket"
bucket = "openmsi-lab"
endpoint_url = "https://s3.example.org"
region = ""
object_key = "{topic}/{path}"
access_key_id = "AKIA"
credential = "lab-bucket"

[[processors]]
name = "xrd-plots"
command = ["python", "plot.py", "{file}", "--out", "{output_dir}"]
result_topic = "xrd-results"
time_limit_s = 3600
tries = 3
jobs = 2
"""

LAB = '[[connections]]\nname = "lab"\nkafka = { "bootstrap.servers" = "localhost:9092" }\n'


def mistakes(text: str) -> list[str]:
    """What is said about a text, as ``LINE: sentence``."""
    with pytest.raises(SettingsMistakes) as caught:
        parse_settings(text, path=Path("x.toml"))
    assert all(line.startswith("x.toml:") for line in caught.value.lines)
    return [line.removeprefix("x.toml:") for line in caught.value.lines]


def test_a_complete_file_becomes_models() -> None:
    settings = parse_settings(EVERYTHING, path=Path("x.toml"))
    assert settings.connection("lab").kafka["sasl.username"] == "inst"
    (watched,) = settings.watched_folders
    assert (watched.title, watched.path, watched.include) == ("XRD", Path("/data/xrd").absolute(), ("*.xy",))
    assert watched.newer_than == "2026-01-31" and watched.check and watched.settle.quiet_s == 10
    (download,) = settings.downloads
    assert download.from_ == "start" and download.target == Path("/home/me/xrd").absolute()
    assert isinstance(settings.sink("lab-bucket"), Bucket)
    assert isinstance(settings.sink("xrd-plots"), Processor)


def test_an_empty_file_is_empty_settings() -> None:
    assert parse_settings("", path=Path("x.toml")) == Settings()


@pytest.mark.parametrize(
    "kafka",
    [
        'kafka = { "bootstrap.servers" = "a:1", "socket.timeout.ms" = 5000 }',
        'kafka = { bootstrap.servers = "a:1", socket.timeout.ms = 5000 }',
        '[connections.kafka]\nbootstrap.servers = "a:1"\nsocket.timeout.ms = 5000',
        '[connections.kafka]\nbootstrap = { servers = "a:1" }\n[connections.kafka.socket.timeout]\nms = 5000',
    ],
)
def test_kafka_properties_may_be_written_in_every_way_toml_has(kafka: str) -> None:
    settings = parse_settings(f'[[connections]]\nname = "lab"\n{kafka}\n', path=Path("x.toml"))
    assert settings.connection("lab").kafka == {"bootstrap.servers": "a:1", "socket.timeout.ms": 5000}


def test_all_mistakes_are_said_at_once_with_their_lines() -> None:
    text = f"""{LAB}
[[watched_folders]]
path = "/data/xrd"
connection = "lap"
topik = "xrd"
min_size = "5"
settle = {{ quite_s = 10, unit = "files" }}
"""
    assert mistakes(text) == [
        '5: "topic" is missing in [[watched_folders]]',
        '7: there is no connection "lap"; did you mean "lab"?',
        '8: unknown key "topik" in [[watched_folders]]; did you mean "topic"?',
        '9: "min_size" must be a whole number, not "5"',
        '10: "unit" must be "file", "folder" or "growing", not "files"; did you mean "file"?',
        '10: unknown key "quite_s" in watched_folders.settle; did you mean "quiet_s"?',
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[watched_folder]]\n", '1: unknown key "watched_folder"; did you mean "watched_folders"?'),
        ("version = 2\n", '1: "version" must be 1, not 2'),
        ("a = \n", "1: this is not valid TOML: invalid value"),
        ('a = "x', "1: this is not valid TOML: unterminated string"),
        ("a = 1\n\na = 2\n", "3: this is not valid TOML: cannot overwrite a value"),
        ('connections = "lab"\n', '1: "connections" must be a list, such as ["a", "b"], not "lab"'),
        (
            '[[connections]]\nname = "lab"\nkafka = { "bootstrap.server" = "x" }\n',
            '3: "bootstrap.servers" is missing in kafka ("bootstrap.server" is there)',
        ),
        ('[[connections]]\nname = "lab"\n', '1: "bootstrap.servers" is missing in kafka, the address of the broker'),
        (
            '[[connections]]\nname = "lab"\nkafka = { "bootstrap.servers" = ["x"] }\n',
            '3: "bootstrap.servers" must be text, a number, true or false, not a list',
        ),
    ],
)
def test_a_mistake_is_explained(text: str, line: str) -> None:
    assert line in mistakes(text)


def test_a_windows_path_with_backslashes_is_explained() -> None:
    (line,) = mistakes('[[watched_folders]]\npath = "C:\\data"\n')
    assert line.startswith("2: ") and "Windows paths" in line


@pytest.mark.parametrize("name", ["sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem"])
def test_a_secret_in_the_settings_is_refused_with_advice(name: str) -> None:
    text = f'[[connections]]\nname = "lab"\n[connections.kafka]\n"bootstrap.servers" = "x:1"\n"{name}" = "hunter2"\n'
    (line,) = mistakes(text)
    assert line.startswith(f'5: "{name}" is a secret')
    assert "openmsi-desktop secret set NAME" in line
    assert "hunter2" not in line


def test_a_secret_in_a_connection_is_refused_without_a_file_too() -> None:
    with pytest.raises(ValueError, match="is a secret") as caught:
        Connection(name="lab", kafka={"sasl.password": "x"})
    assert "sasl.password" in str(caught.value)


def test_names_are_unique_in_their_kind_and_the_second_one_is_named() -> None:
    text = f"""{LAB}
[[downloads]]
topics = ["xrd"]
connection = "lab"
target = "/a"
[[downloads]]
name = "xrd"
topics = ["other"]
connection = "lab"
target = "/b"
[[buckets]]
name = "x"
bucket = "b"
[[processors]]
name = "x"
command = ["true"]
"""
    assert mistakes(text) == [
        '10: there are two downloads called "xrd"; give this one a "name" of its own',
        '18: there are two buckets and processors called "x"; give this one a "name" of its own',
    ]


def test_no_bucket_or_processor_takes_the_name_of_the_target_folder() -> None:
    text = f'{LAB}\n[[processors]]\nname = "folder"\ncommand = ["true"]\n'
    (line,) = mistakes(text)
    assert line.endswith('"folder" is the name of the target folder; choose another "name"')


def test_an_unknown_sink_is_named_with_the_nearest_one() -> None:
    text = f"""{LAB}
[[downloads]]
topics = ["xrd"]
connection = "lab"
sinks = [
  "plots",
  "plotz",
]
[[processors]]
name = "plots"
command = ["true"]
"""
    assert mistakes(text) == ['10: there is no bucket or processor "plotz"; did you mean "plots"?']


def test_a_program_and_its_folder_are_looked_for_beside_the_settings(tmp_path: Path) -> None:
    text = """
[[processors]]
name = "a"
command = ["tools/plot", "beside.py"]
folder = "here"
[[processors]]
name = "b"
command = ["plot"]
"""
    settings = parse_settings(text, path=tmp_path / "x.toml")
    assert [p.command for p in settings.processors] == [(str(tmp_path / "tools" / "plot"), "beside.py"), ("plot",)]
    assert settings.processors[0].folder == str(tmp_path / "here")


def test_the_fields_of_a_command_are_known_and_the_nearest_one_is_named() -> None:
    command = "command = ['plot', '{flie}', '--out={output_dir}/{name}']"
    (line,) = mistakes(f'{LAB}\n[[processors]]\nname = "p"\n{command}\n')
    assert line == ("7: there is no {flie}; did you mean {file}? For the text {flie} itself write {{flie}}")


@pytest.mark.parametrize(
    "command",
    [
        ("sh", "-c", "cat {file}"),
        ("/bin/bash", "--norc", "-euxc", "cat '{file}'"),
        ("env", "A=1", "nice", "bash", "-lc", "echo {name}"),
        ("cmd.exe", "/c", "type", "{file}"),
        (r"C:\\Windows\\powershell.exe", "-Command", "Get-Content", "{file}"),
        ("powershell", "script.ps1", "{file}"),
        ("python3", "-c", "open('{relative_path}')"),
        ("perl", "-ne", "print '{name}'"),
        ("ssh", "hpc", "process", "{name}"),
        ("{file}",),
        ("",),
        ("plot", "{File}"),
    ],
)  # fmt: skip
def test_nothing_of_a_file_name_is_ever_read_as_a_command(command: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        Processor(name="p", command=command)


@pytest.mark.parametrize(
    "command",
    [
        ("sh", "-c", 'cat "$1" > ${OUT}', "sh", "{file}"),
        ("bash", "script.sh", "{file}"),
        ("powershell", "-ExecutionPolicy", "Bypass", "-File", "script.ps1", "{file}"),
        ("python3", "-c", "import sys; print({1: 2}, f'{{x}}')", "{file}"),
        ("awk", "{print $1}", "{file}"),
        ("rsync", "-e", "ssh", "{file}", "host:"),
        ("plot", "--title={name} of {topic}", ""),
    ],
)  # fmt: skip
def test_what_programs_need_may_stand_in_a_command(command: tuple[str, ...]) -> None:
    assert Processor(name="p", command=command).command == command


@pytest.mark.parametrize("target", ["{folder}", "{folder}/in/side", "{parent}"])
def test_a_target_that_overlaps_a_watched_folder_of_the_same_topic_is_refused(tmp_path: Path, target: str) -> None:
    folder = tmp_path / "xrd"
    folder.mkdir()
    text = f"""{LAB}
[[watched_folders]]
path = "{folder.as_posix()}"
connection = "lab"
topic = "xrd"
[[downloads]]
topics = ["xrd"]
connection = "lab"
target = "{target.format(folder=folder.as_posix(), parent=tmp_path.as_posix())}"
"""
    (line,) = mistakes(text)
    assert line.startswith('12: the target overlaps the watched folder "xrd"')
    parse_settings(text.replace('topic = "xrd"', 'topic = "other"'), path=Path("x.toml"))


def test_a_target_beside_a_watched_folder_is_fine(tmp_path: Path) -> None:
    text = f"""{LAB}
[[watched_folders]]
path = "{(tmp_path / "xrd").as_posix()}"
connection = "lab"
topic = "xrd"
[[downloads]]
topics = ["xrd"]
connection = "lab"
target = "{(tmp_path / "xrd2").as_posix()}"
"""
    parse_settings(text, path=Path("x.toml"))


@not_on_windows(Needs.LINKS)
def test_an_overlap_through_a_symlink_is_seen(tmp_path: Path) -> None:
    (tmp_path / "xrd").mkdir()
    (tmp_path / "link").symlink_to("xrd")
    text = f"""{LAB}
[[watched_folders]]
path = "{tmp_path}/xrd"
connection = "lab"
topic = "xrd"
[[downloads]]
topics = ["xrd"]
connection = "lab"
target = "{tmp_path}/link/down"
"""
    assert len(mistakes(text)) == 1


def test_results_may_not_go_to_the_topic_they_come_from() -> None:
    text = f"""{LAB}
[[downloads]]
topics = ["xrd"]
connection = "lab"
sinks = ["plots"]
[[processors]]
name = "plots"
command = ["true"]
result_topic = "xrd"
"""
    (line,) = mistakes(text)
    assert line.startswith('12: the results of "plots" would go to "xrd", the topic it reads')


def test_a_download_needs_somewhere_to_put_files() -> None:
    text = f'{LAB}[[downloads]]\ntopics = ["x"]\nconnection = "lab"\n'
    assert mistakes(text) == ['4: "target" is missing in [[downloads]]; without one, "sinks" are needed']


def test_the_same_folder_is_not_watched_twice_for_one_topic() -> None:
    table = '[[watched_folders]]\nname = "{}"\npath = "/data"\nconnection = "lab"\ntopic = "xrd"\n'
    (line,) = mistakes(LAB + table.format("a") + table.format("b"))
    assert line == '11: this folder is sent to topic "xrd" by "a" already'


def test_two_downloads_do_not_share_a_folder() -> None:
    table = '[[downloads]]\nname = "{0}"\ntopics = ["{0}"]\nconnection = "lab"\ntarget = "/data{1}"\n'
    (line,) = mistakes(LAB + table.format("a", "") + table.format("b", "/"))
    assert line.startswith('13: this folder is the target of "a" already; list the topics there')
    assert (
        len(parse_settings(LAB + table.format("a", "") + table.format("b", "/b"), path=Path("x.toml")).downloads) == 2
    )


@pytest.mark.parametrize("subfolder", ["..", "a/../b", "/a", "C:/a", "a\\\\b"])
def test_a_subfolder_that_leads_away_is_refused(subfolder: str) -> None:
    text = f'{LAB}[[watched_folders]]\npath = "/d"\nconnection = "lab"\ntopic = "t"\nsubfolder = "{subfolder}"\n'
    (line,) = mistakes(text)
    assert line.startswith("8: ") and "a subfolder is a plain name" in line


def test_a_processor_is_either_a_program_or_a_class() -> None:
    assert mistakes('[[processors]]\nname = "p"\n') == ['1: either "command" or "class" is needed']
    assert mistakes('[[processors]]\nname = "p"\nclass = "a:B"\ncommand = ["x"]\n') == [
        '1: only one of "command" and "class" may be there'
    ]


def test_a_bucket_with_a_key_needs_its_secret() -> None:
    text = '[[buckets]]\nname = "b"\nbucket = "b"\naccess_key_id = "AKIA"\n'
    assert mistakes(text) == ['1: "credential" is missing: the name of the secret that belongs to "access_key_id"']


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no settings at .*none.toml"):
        read_settings(tmp_path / "none.toml")


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_bytes(b"\xef\xbb\xbf" + EVERYTHING.replace("\n", "\r\n").encode())
    assert len(read_settings(file).downloads) == 1


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_bytes(b"version = 1\n# M\xfcnchen\n")
    with pytest.raises(SettingsMistakes, match=r":2: .*UTF-8"):
        read_settings(file)


def test_relative_folders_start_beside_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(LAB + '[[watched_folders]]\npath = "data"\nconnection = "lab"\ntopic = "t"\n')
    assert read_settings(file).watched_folders[0].path == tmp_path / "data"
    assert read_settings(file).watched_folders[0].title == "data"


# -- lines


def _paths(value: Any, where: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {where} if where else set()
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found |= _paths(inner, (*where, key))
    return found


def test_every_place_of_a_text_has_its_line() -> None:
    lines = lines_of(EVERYTHING)
    assert set(lines) == _paths(tomllib.loads(EVERYTHING))
    for where, line in lines.items():
        if isinstance(where[-1], str) and len(where) == 3:
            assert EVERYTHING.splitlines()[line - 1].startswith(where[-1])


def test_odd_ways_to_write_toml_are_understood() -> None:
    text = """\
"quoted.key" = '''
[not a table]
x = 1
'''
s = \"\"\"a \\" # ] } b
\"\"\"
arrays = [[1, 2], [ # comment ]
  "}", { a = [], 'b c'.d = "#" }, ]]
[a.b]
when = 2026-11-21 10:00:00+01:00
[[a.list]]
x = 1
[a.list.sub]
y = +1.5e3
[[a.list]]
"""
    lines = lines_of(text)
    assert set(lines) == _paths(tomllib.loads(text))
    assert lines[("a", "list", 0, "sub", "y")] == 14
    assert lines[("a", "list", 1)] == 15
    assert lines[("arrays", 1, 1, "b c", "d")] == 8


_keys = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=5)
_plain = (
    st.integers(-(2**40), 2**40)
    | st.booleans()
    | st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8)
)
_values = st.recursive(_plain, lambda v: st.lists(v, max_size=3) | st.dictionaries(_keys, v, max_size=3), max_leaves=12)


@given(st.dictionaries(_keys, _values, max_size=4))
def test_every_place_is_found_however_deep(content: dict[str, Any]) -> None:
    text = tomlkit.dumps(content)
    assert set(lines_of(text)) == _paths(tomllib.loads(text))


# -- values


def test_an_age_counts_back_from_now() -> None:
    def watched(text: str) -> WatchedFolder:
        return WatchedFolder(path=Path("/d"), connection="c", topic="t", newer_than=text)

    assert watched("30 d").oldest(now=100 * 86_400) == 70 * 86_400
    assert watched("36h").oldest(now=100 * 86_400) == 98.5 * 86_400
    assert watched("2026-11-21T00:00:00+00:00").oldest(now=0) == 1_795_219_200
    assert watched("").oldest(now=0) is None


def test_the_limit_follows_the_timetable() -> None:
    limit = Limit(
        bytes_per_s=10,
        timetable=(
            Period(from_="22:00", to="06:00", days=("fri",), bytes_per_s=0),
            Period(from_="08:00", to="18:00", bytes_per_s=5),
        ),
    )
    friday, saturday = datetime(2026, 11, 20), datetime(2026, 11, 21)
    assert limit.at(friday.replace(hour=12)) == 5
    assert limit.at(friday.replace(hour=18)) == 10
    assert limit.at(friday.replace(hour=22)) == 0
    assert limit.at(saturday.replace(hour=5, minute=59)) == 0
    assert limit.at(saturday.replace(hour=6)) == 10
    assert limit.at(saturday.replace(hour=23)) == 10
    assert limit.at(friday.replace(hour=5)) == 10


# -- changing


def test_a_change_keeps_comments_and_everything_else(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(EVERYTHING)
    file = SettingsFile(path)
    file.put("watched_folders", file.settings.watched_folders[0].model_copy(update={"topic": "xrd2", "paused": True}))
    file.write()
    before, after = EVERYTHING.splitlines(), path.read_text().splitlines()
    assert [line for line in before if line not in after] == ['topic = "xrd"', "paused = false"]
    assert "# the laboratory's cluster" in after and 'credential = "lab"                # in the keyring' in after
    watched = read_settings(path).watched_folders[0]
    assert (watched.topic, watched.paused) == ("xrd2", True)


def test_tasks_come_and_go(tmp_path: Path) -> None:
    path = tmp_path / "new" / "s.toml"
    file = SettingsFile(path)
    file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "localhost:9092"}))
    file.put("downloads", Download(topics=("a",), connection="lab", target=tmp_path / "a", from_="now"))
    file.put("downloads", Download(name="b", topics=("b",), connection="lab", target=tmp_path / "b"))
    written = file.write()
    assert read_settings(path) == written
    assert [d.title for d in written.downloads] == ["a", "b"]
    assert written.downloads[0].from_ == "now"
    file.remove("downloads", "a")
    file.put("downloads", written.downloads[1].model_copy(update={"name": "c"}), instead_of="b")
    assert [d.title for d in file.write().downloads] == ["c"]
    file.remove("downloads", "c")
    assert file.write().downloads == ()


def test_changes_that_do_not_fit_together_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(EVERYTHING)
    file = SettingsFile(path)
    file.remove("connections", "lab")
    with pytest.raises(SettingsMistakes, match='no connection "lab"'):
        file.write()
    assert path.read_text() == EVERYTHING
    assert list(tmp_path.iterdir()) == [path]


def test_a_change_by_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(EVERYTHING)
    file = SettingsFile(path)
    path.write_text(EVERYTHING + "# mine\n")
    file.remove("buckets", "nothing")
    with pytest.raises(SettingsError, match="changed by another program"):
        file.write()
    assert path.read_text().endswith("# mine\n")


@not_on_windows(Needs.MODES)
def test_rights_and_symlinks_survive_a_change(tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_text(EVERYTHING)
    real.chmod(0o640)
    link = tmp_path / "s.toml"
    link.symlink_to(real)
    file = SettingsFile(link)
    file.put("connections", Connection(name="two", kafka={"bootstrap.servers": "x:1"}))
    file.write()
    assert link.is_symlink() and real.stat().st_mode & 0o777 == 0o640
    assert read_settings(real).connection("two")

"""Which files are sent, which are not, and the words that say why."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from openmsi_desktop.core.companions import companion, matcher
from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.core.rules import Rules, Why


def taken(rules: Rules, path: str, *, size: int = 10, mtime: float = 1.8e9) -> bool:
    return rules.decide(path, size=size, mtime=mtime).taken


def why(rules: Rules, path: str, *, size: int = 10, mtime: float = 1.8e9) -> str:
    decision = rules.decide(path, size=size, mtime=mtime)
    assert not decision.taken
    return decision.rule


@pytest.mark.parametrize(
    "path",
    [
        "catalog.csv",
        "analog_ch1.csv",
        "shot_log.csv",
        "geology/s1.csv",
        "run/logbook.txt",
        "log.txt",
        "a.log",
        "LOG.TXT",
        "Dialog box.png",
        "temp/x.dat",
        "tmp",
        "part",
        "$RECYCLE.BIN",
        "a~b.txt",
        "x.tmp.dat",
        "LOGS/data.csv",
        "ends with blank ",
        "line\nbreak.csv",
        "bad\udcff.csv",
    ],
)
def test_data_is_sent_without_any_rule(path: str) -> None:
    assert taken(Rules(), path)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        (".hidden", ".*"),
        ("a/.git/config", ".*"),
        ("~$book.xlsx", "~$*"),
        ("sub/notes.txt~", "*~"),
        ("x.tmp", "*.tmp"),
        ("x.temp", "*.temp"),
        ("x.part", "*.part"),
        ("x.partial", "*.partial"),
        ("x.crdownload", "*.crdownload"),
        (".x.swp", "*.swp"),
        ("a/Thumbs.db", "Thumbs.db"),
        ("desktop.ini", "desktop.ini"),
        ("$RECYCLE.BIN/f.dat", "$RECYCLE.BIN/"),
        ("a/System Volume Information/f", "System Volume Information/"),
        ("copy.part/inside.dat", "*.part"),
        ("line\nbreak.tmp", "*.tmp"),
        ("odd\n/x.tmp", "*.tmp"),
    ],
)
def test_junk_is_left_out_and_the_rule_is_named(path: str, pattern: str) -> None:
    assert why(Rules(), path) == f'default exclusion "{pattern}"'


def test_the_folder_of_registries_is_left_out_only_where_it_holds_them() -> None:
    asked: list[str] = []

    def holds(folder: str) -> bool:
        asked.append(folder)
        return folder == "LOGS"

    rules = Rules(registries=holds)
    assert why(rules, "LOGS/uploaded_to_xrd.csv") == 'default exclusion "LOGS/" (OpenMSIStream\'s registries)'
    assert taken(rules, "deep/LOGS/measured.csv")
    assert taken(rules, "LOGS.csv")
    assert set(asked) == {"LOGS", "deep/LOGS"}
    assert not rules.enters("LOGS").taken
    assert rules.enters("deep/LOGS").taken


def test_an_exclude_beats_an_include() -> None:
    rules = Rules(include=["*.xy"], exclude=["bad*"])
    assert why(rules, "sub/bad.xy") == 'exclude "bad*"'
    assert rules.decide("good.xy", size=1, mtime=0.0).rule == 'include "*.xy"'


def test_an_include_beats_the_defaults() -> None:
    rules = Rules(include=["*.tmp", ".hidden/"])
    assert taken(rules, "x.tmp")
    assert taken(rules, ".hidden/x.dat")
    assert not taken(rules, ".other/x.dat")
    assert taken(rules, ".other/x.tmp")
    assert rules.enters(".other").taken, "an include may match below, so it has to be looked into"


def test_what_matches_no_include_is_left_out_and_says_so() -> None:
    assert why(Rules(include=["*.xy", "*.tif"]), "a.dat") == 'matches no include ("*.xy", "*.tif")'
    assert why(Rules(include=[f"*.{i}" for i in range(5)]), "a.dat").endswith("and 2 more)")


def test_a_slash_anchors_at_the_folder() -> None:
    rules = Rules(exclude=["/old", "a/b.txt", "./c.txt"])
    assert not taken(rules, "old/x")
    assert taken(rules, "sub/old/x")
    assert not taken(rules, "a/b.txt")
    assert taken(rules, "sub/a/b.txt")
    assert not taken(rules, "c.txt")
    assert taken(rules, "sub/c.txt")


def test_a_pattern_may_begin_with_a_hash() -> None:
    assert why(Rules(exclude=["#*#"]), "#autosave#") == 'exclude "#*#"'


def test_a_line_break_in_a_name_deceives_no_pattern() -> None:
    rules = Rules(exclude=["*.xy"])
    assert not taken(rules, "odd\nfolder/a.xy")
    assert taken(rules, "a.xy\n")


def test_a_folder_is_entered_if_something_in_it_is_taken_back_by_a_negation() -> None:
    rules = Rules(exclude=["old/*", "!old/keep.xy"])
    assert taken(rules, "old/keep.xy") and not taken(rules, "old/other.xy")
    assert Rules(exclude=["old/", "!keep.xy"]).enters("old").taken


def test_a_negation_takes_back_what_the_defaults_leave_out() -> None:
    rules = Rules(exclude=["!/a/~$log.xlsx", "!/.hidden/x.dat"])
    assert taken(rules, "a/~$log.xlsx") and taken(rules, ".hidden/x.dat") and taken(rules, "b.xy")
    assert not taken(rules, "a/~$other.xlsx") and not taken(rules, ".hidden/y.dat")
    assert rules.enters(".hidden").taken, "what is taken back lies in it"
    assert not taken(Rules(include=["*.xy"], exclude=["!a.dat"]), "a.dat"), "it is still none of those asked for"


def test_sub_folders_can_be_left_out() -> None:
    rules = Rules(include=["*.xy"], subfolders=False)
    assert taken(rules, "a.xy") and not rules.enters("sub").taken
    assert rules.decide("sub/a.xy", size=1, mtime=0.0).why is Why.SUBFOLDER


def test_temporary_files_can_be_sent_too() -> None:
    rules = Rules(temporary=True, registries=lambda folder: True)
    for path in ("~$a.xlsx", ".hidden/a.tmp", "LOGS/upload_to_x.csv", "Thumbs.db"):
        assert taken(rules, path)
    assert rules.enters(".hidden").taken
    assert not taken(rules, ".openmsi-parts/x"), "unfinished downloads never"
    assert not taken(Rules(exclude=["*.tmp"], temporary=True), "a.tmp")


@pytest.mark.parametrize(
    ("options", "path", "expected"),
    [
        ({}, "a.tmp", (Why.DEFAULT, "*.tmp")),
        ({"exclude": ["old/**"]}, "old/a", (Why.EXCLUDE, "old/**")),
        ({"include": ["*.xy"]}, "a.dat", (Why.NO_INCLUDE, "")),
        ({"marker": "{name}.done"}, "a.done", (Why.MARKER, "{name}.done")),
        ({"min_size": 2}, "a", (Why.SMALL, "")),
        ({"exclude": ["!a.tmp"]}, "a.tmp", (Why.TAKEN_BACK, "!a.tmp")),
    ],
)
def test_a_decision_names_its_kind_and_its_pattern(
    options: dict[str, Any], path: str, expected: tuple[Why, str]
) -> None:
    decision = Rules(**options).decide(path, size=1, mtime=0.0)
    assert (decision.why, decision.pattern) == expected


def test_sizes_and_age_limit_what_was_included() -> None:
    rules = Rules(include=["*"], min_size=10, max_size=2000, newer_than=1.7e9)
    assert why(rules, "a", size=9) == "smaller than 10 bytes"
    assert why(rules, "a", size=2001) == "bigger than 2,000 bytes"
    assert why(rules, "a", mtime=1.7e9 - 1).startswith("last changed before 2023-11-1")
    assert taken(rules, "a", size=10) and taken(rules, "a", size=2000) and taken(rules, "a", mtime=1.7e9)


def test_a_file_named_on_the_command_line_is_always_taken() -> None:
    rules = Rules(include=["*.xy"], exclude=["*"], max_size=1)
    decision = rules.decide("~$x.tmp", size=99, mtime=0.0, named=True)
    assert decision.taken and decision.rule == "named on the command line"


def test_unfinished_downloads_are_never_sent() -> None:
    rules = Rules(include=["*", ".*"])
    for path in (".openmsi-parts/x", "a/.OpenMSI-Parts/b/c"):
        assert "unfinished downloads" in why(rules, path)
    assert not rules.enters("a/.openmsi-parts").taken


def test_markers_are_never_sent() -> None:
    rules = Rules(include=["*.dat*"], marker="{name}.done")
    assert why(rules, "sub/scan.dat.done") == 'marker "{name}.done"'
    assert taken(rules, "scan.dat")
    assert taken(Rules(marker="ready/{stem}.ok"), "scan.ok")
    assert not taken(Rules(marker="ready/{stem}.ok"), "run/ready/scan.ok")


def test_companions_lie_beside_their_file() -> None:
    assert companion("{name}.done", "run/scan.dat") == "run/scan.dat.done"
    assert companion("{stem}.xml", "run/scan.tar.gz") == "run/scan.tar.xml"
    assert companion("../flags/{name}", "run/scan.dat") == "flags/scan.dat"
    assert companion("READY", "run/scan.dat") == "run/READY"
    assert matcher("../flags/{name}").search("flags/scan.dat")
    assert not matcher("{name}.done").search(".done")


def test_case_counts_only_where_the_file_system_lets_it_count() -> None:
    assert taken(Rules(ignore_case=False), "X.TMP")
    assert not taken(Rules(ignore_case=True), "X.TMP")
    assert not taken(Rules(ignore_case=True), "THUMBS.DB")
    assert not taken(Rules(exclude=["Old"], ignore_case=True), "oLD/x")


@pytest.mark.parametrize("pattern", ["", "  ", "/", "!", "a[", "[z-a]", *([] if os.name == "nt" else ["a\\"])])
def test_a_broken_pattern_is_a_mistake_that_names_it(pattern: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Rules(exclude=[pattern])
    assert f'"{pattern}" is no pattern' in caught.value.title
    assert "exclude" in caught.value.advice


def test_readers_know_no_defaults() -> None:
    assert Rules().wanted(".hidden/x.tmp").taken
    rules = Rules(include=["*.xy"], exclude=["/old/"], max_size=1)
    assert rules.wanted("new/a.xy").taken
    assert not rules.wanted("old/a.xy").taken
    assert rules.wanted("b.dat").rule == 'matches no include ("*.xy")'


def test_a_hundred_thousand_decisions_take_about_a_second() -> None:
    rules = Rules(include=["*.xy", "*.dat"], exclude=["*copy*", "old/**"])
    paths = [f"run_{i // 100:04d}/sub/file_{i:06d}.dat" for i in range(20_000)]
    start = time.process_time()
    for path in paths:
        rules.decide(path, size=10, mtime=5.0)
    assert time.process_time() - start < 1.0  # five times what it takes, on a slow computer


_NAMES = st.sampled_from(
    ["a", "b.xy", "c.tmp", ".h", "~$d", "e~", "old", "LOGS", "Thumbs.db", "$RECYCLE.BIN", "x y", "f.part", "#g", "n\nl"]
)
_PATHS = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)
_PATTERNS = st.lists(
    st.sampled_from(
        [
            "*.xy",
            "a",
            "old/",
            "/old",
            "old/**",
            "**/b.xy",
            "a/*",
            "*~",
            ".h",
            "!b.xy",
            "[a-c]*",
            "x y",
            "?",
            "a/**/b.xy",
        ]
    ),
    max_size=3,
)
_DEFAULTS = [".*", "~$*", "*~", "*.tmp", "*.temp", "*.part", "*.partial", "*.crdownload", "*.swp", "Thumbs.db"]
_DEFAULTS += ["desktop.ini", "$RECYCLE.BIN/", "System Volume Information/", "LOGS/"]


def specified(path: str, include: list[str], exclude: list[str]) -> bool:
    """The sentence of the contract, word for word, with nothing clever."""
    path = path.replace("\n", "?")
    if GitIgnoreSpec.from_lines(exclude).match_file(path):
        return False
    if GitIgnoreSpec.from_lines(include).match_file(path):
        return True
    is_taken_back = GitIgnoreSpec.from_lines(exclude).check_file(path).include is False
    if not is_taken_back and GitIgnoreSpec.from_lines(_DEFAULTS).match_file(path):
        return False
    return not include


@settings(max_examples=400, deadline=None)
@given(path=_PATHS, include=_PATTERNS, exclude=_PATTERNS)
def test_every_decision_is_what_the_contract_says(path: str, include: list[str], exclude: list[str]) -> None:
    rules = Rules(include, exclude, registries=lambda folder: True, ignore_case=False)
    decision = rules.decide(path, size=1, mtime=0.0)
    assert decision.taken == specified(path, include, exclude)
    assert decision.rule
    folders = [path[:at] for at, letter in enumerate(path) if letter == "/"]
    if decision.taken:
        assert all(rules.enters(folder).taken for folder in folders), "a scan would never see this file"


@pytest.mark.parametrize("ignore_case", [False, True])
def test_what_was_decided_before_does_not_matter(ignore_case: bool) -> None:
    """The quick way for many files of one folder says what a look at each alone says, in any order."""
    names = ["a.dat", "b.TMP", "b.tmp", ".hidden", "~$a", "Thumbs.db", "thumbs.DB", ".OpenMSI-parts", "LOGS", "c.xy"]
    folders = ["", "run", "run/LOGS", "run/logs", "LOGS", ".hidden", "run/$RECYCLE.BIN", "run/.openmsi-parts", "ſ"]
    paths = [f"{folder}/{name}".lstrip("/") for folder in folders for name in names]

    def rules() -> Rules:
        return Rules(registries=lambda folder: folder.startswith("run"), ignore_case=ignore_case)

    alone = {path: rules().decide(path, size=1, mtime=0) for path in paths}
    for order in (paths, paths[::-1], [p for pair in zip(paths, paths[45:] + paths[:45], strict=True) for p in pair]):
        together = rules()
        assert [(p, together.decide(p, size=1, mtime=0)) for p in order] == [(p, alone[p]) for p in order]


def test_a_folder_LOGS_that_gets_registries_is_noticed() -> None:
    found: set[str] = set()
    rules = Rules(registries=found.__contains__)
    assert taken(rules, "LOGS/a.csv")
    found.add("LOGS")
    assert why(rules, "LOGS/a.csv") == 'default exclusion "LOGS/" (OpenMSIStream\'s registries)'


_parts = st.sampled_from(["a", "b", "old", "x.xy", "y.tif", "Grid 7x3.NMD", "keep.xy"])
_paths = st.lists(_parts, min_size=1, max_size=4).map("/".join)
_patterns = st.builds(
    lambda no, slash, parts, tail: ("!" if no else "") + ("/" if slash else "") + "/".join(parts) + tail,
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(["*", "**", "old", "a", "*.xy", "*.tif", "?", "keep.xy"]), min_size=1, max_size=3),
    st.sampled_from(["", "/", "/**", "/*"]),
)


@settings(deadline=None, max_examples=400)
@given(path=_paths, exclude=st.lists(_patterns, min_size=1, max_size=5))
def test_the_pattern_that_decides_is_the_one_that_decides_for_git(path: str, exclude: list[str]) -> None:
    expected = GitIgnoreSpec.from_lines(exclude).check_file(path)
    decision = Rules(exclude=exclude, temporary=True).decide(path, size=1, mtime=0.0)
    assert decision.taken is (expected.include is not True)
    assert decision.pattern == ("" if expected.index is None else exclude[expected.index])

"""No operation below a folder follows a link on its way, and no rename destroys what nobody looked at."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.tree import InTheWay, Tree, open_tree

KINDS = [Tree]
if sys.platform != "win32":
    from openmsi_desktop.core.descriptor_tree import DescriptorTree

    KINDS.append(DescriptorTree)

pytestmark = not_on_windows(Needs.LINKS)


def no_wait(_: float) -> bool:
    raise AssertionError("nothing has to wait here")


@pytest.fixture(params=KINDS)
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tree]:
    (tmp_path / "root/folder").mkdir(parents=True)
    (tmp_path / "root/folder/file").write_bytes(b"content")
    (tmp_path / "outside/folder").mkdir(parents=True)
    (tmp_path / "outside/file").write_bytes(b"secret")
    (tmp_path / "root/link").symlink_to(tmp_path / "outside")
    (tmp_path / "root/plain").write_bytes(b"plain")
    with request.param(tmp_path / "root", wait=no_wait) as opened:
        yield opened


ACTIONS: dict[str, Callable[[Tree, str], object]] = {
    "stat": lambda tree, way: tree.stat(f"{way}/file"),
    "open": lambda tree, way: tree.open(f"{way}/file"),
    "create": lambda tree, way: tree.create(f"{way}/new"),
    "set_mtime": lambda tree, way: tree.set_mtime(f"{way}/file", 5),
    "move_new": lambda tree, way: tree.move_new("plain", f"{way}/new"),
    "move_new from": lambda tree, way: tree.move_new(f"{way}/file", "new"),
    "move_over": lambda tree, way: tree.move_over("plain", f"{way}/file"),
    "exchange": lambda tree, way: tree.exchange("plain", f"{way}/file"),
    "remove": lambda tree, way: tree.remove(f"{way}/file"),
    "make_folders": lambda tree, way: tree.make_folders(f"{way}/new"),
}


@pytest.mark.parametrize("way", ["link", "plain"])
@pytest.mark.parametrize("action", ACTIONS)
def test_way_through_a_link_or_a_file_is_refused(tree: Tree, tmp_path: Path, action: str, way: str) -> None:
    with pytest.raises(InTheWay, match="link" if way == "link" else "file where a folder is needed"):
        ACTIONS[action](tree, way)
    assert (tmp_path / "outside/file").read_bytes() == b"secret"
    assert (tmp_path / "outside/file").stat().st_mtime != 0
    assert sorted(os.listdir(tmp_path / "outside")) == ["file", "folder"]
    assert (tmp_path / "root/plain").read_bytes() == b"plain"


def test_link_that_comes_later_is_refused_too(tree: Tree, tmp_path: Path) -> None:
    assert tree.make_folders("a/b") in (["", "a"],)
    os.rename(tmp_path / "root/a", tmp_path / "root/was-a")
    (tmp_path / "root/a").symlink_to(tmp_path / "outside")
    if isinstance(tree, DescriptorTree):
        tree.create("a/b/new").close()  # goes where the folder went, not where the link leads
        assert (tmp_path / "root/was-a/b/new").exists()
    else:
        with pytest.raises(InTheWay):
            tree.create("a/b/new")
    assert sorted(os.listdir(tmp_path / "outside")) == ["file", "folder"]


def test_linked_file_is_neither_opened_nor_touched(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "root/alias").symlink_to(tmp_path / "outside/file")
    with pytest.raises((InTheWay, OSError)):
        tree.open("alias")
    found = tree.stat("alias")
    assert found is not None and os.path.stat.S_ISLNK(found.st_mode)  # type: ignore[attr-defined]


def test_new_name_is_never_one_that_exists(tree: Tree, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        tree.move_new("plain", "folder/file")
    assert (tmp_path / "root/folder/file").read_bytes() == b"content"
    tree.move_new("plain", "folder/new")
    assert (tmp_path / "root/folder/new").read_bytes() == b"plain"
    assert tree.stat("plain") is None


def test_exchanged_files_have_each_others_names(tree: Tree, tmp_path: Path) -> None:
    if not tree.exchange("plain", "folder/file"):
        pytest.skip("this disk cannot exchange names")
    assert (tmp_path / "root/folder/file").read_bytes() == b"plain"
    assert (tmp_path / "root/plain").read_bytes() == b"content"


def test_folders_are_made_and_named(tree: Tree, tmp_path: Path) -> None:
    assert tree.make_folders("folder/x/y") == ["folder", "folder/x"]
    assert tree.make_folders("folder/x/y") == []
    assert tree.make_folders("") == []
    assert (tmp_path / "root/folder/x/y").is_dir()


def test_missing_things(tree: Tree) -> None:
    assert tree.stat("nothing/at/all") is None
    tree.remove("nothing/at/all")
    with pytest.raises(FileNotFoundError):
        tree.open("nothing")


def test_only_a_folder_can_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        open_tree(tmp_path / "file", wait=no_wait)
    with open_tree(tmp_path, wait=no_wait) as tree:
        assert isinstance(tree, DescriptorTree)
    tree.close()

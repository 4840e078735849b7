"""Reading packs from folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from policyservice.domain.errors import RulebookRefused
from policyservice.rulebook.bounds import FILE_BYTES
from policyservice.rulebook.load import load_folders
from policyservice.rulebook.source import read_pack, read_packs

from .factories import BASE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the base pack."""
    return Path(shutil.copytree(BASE, tmp_path / "base"))


def _problem(folder: Path) -> str:
    with pytest.raises(RulebookRefused) as refused:
        read_pack(folder)
    assert len(refused.value.problems) == 1
    return refused.value.problems[0]


def test_a_pack_is_every_yaml_file_of_its_folder_by_path(folder: Path) -> None:
    pack = read_pack(folder)

    assert pack.name == "base"
    assert {"pack.yaml", "vocabulary.yaml", "rules/late.yaml", "tests/late.yaml"} <= pack.files.keys()


def test_a_folder_given_by_a_relative_path_keeps_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)

    assert read_pack(Path(".")).name == "base"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "there is no such folder" in _problem(tmp_path / "nowhere")


def test_a_folder_without_settings_is_no_pack(folder: Path) -> None:
    (folder / "pack.yaml").unlink()

    assert "this folder is no pack: it has no pack.yaml" in _problem(folder)


def test_a_file_that_is_not_utf8_is_named_with_its_line(folder: Path) -> None:
    (folder / "rules" / "latin.yaml").write_bytes(b"rules:\n# Hyv\xe4\n")

    assert _problem(folder).startswith("base/rules/latin.yaml:2:1: the file is not UTF-8 text")


def test_a_file_of_one_mebibyte_is_read_and_one_byte_more_is_not(folder: Path) -> None:
    large = folder / "rules" / "large.yaml"
    large.write_bytes(b"#" * FILE_BYTES)
    assert len(read_pack(folder).files["rules/large.yaml"]) == FILE_BYTES

    large.write_bytes(b"#" * (FILE_BYTES + 1))
    assert "base/rules/large.yaml:1:1: the file is larger than 1 MiB" in _problem(folder)


def test_a_file_that_cannot_be_opened_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(RulebookRefused) as refused:
        read_pack(folder)
    assert "base/pack.yaml:1:1: the file cannot be read: Permission denied" in refused.value.problems


def test_a_yml_file_is_not_left_out_in_silence(folder: Path) -> None:
    (folder / "rules" / "more.yml").write_text("rules: []\n")

    assert "base/rules/more.yml:1:1: this file is not read; end its name in .yaml" in _problem(folder)


def test_the_problems_of_several_folders_come_together(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(RulebookRefused) as refused:
        read_packs([tmp_path / "a", folder, tmp_path / "b", folder])

    assert len(refused.value.problems) == 3


def test_the_other_kind_of_line_end_changes_nothing(folder: Path) -> None:
    before = load_folders([folder])
    late = folder / "rules" / "late.yaml"
    late.write_bytes(late.read_bytes().replace(b"\n", b"\r\n"))

    after = load_folders([folder])

    assert after == before


def test_a_pack_is_called_as_its_folder(folder: Path) -> None:
    renamed = folder.rename(folder.parent / "shop")

    with pytest.raises(RulebookRefused, match="the pack is called `base`, its folder `shop`"):
        load_folders([renamed])

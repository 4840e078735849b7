"""Reading a pack's folder; the only I/O of this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from policyservice.rulebook.bounds import FILE_BYTES
from policyservice.rulebook.model import Place
from policyservice.rulebook.problems import Problems

Sources = Mapping[str, Mapping[str, str]]
"""Texts of several packs: pack -> path in its folder, with "/" -> text."""

PACK_FILE = "pack.yaml"


@dataclass(frozen=True, slots=True)
class PackSource:
    """The texts of one pack by path in its folder, with "/" as separator."""

    name: str
    files: Mapping[str, str]


def read_pack(folder: Path) -> PackSource:
    """Every *.yaml file of a pack's folder, at any depth; the folder's name is the pack's.

    Raises:
        RulebookRefused: no such folder, no pack.yaml in it, or a file that cannot be read, is not UTF-8 or too large.
    """
    problems = Problems()
    found = _read(folder, problems)
    problems.refuse()
    assert found is not None
    return found


def read_packs(folders: Sequence[Path]) -> dict[str, Mapping[str, str]]:
    """The texts of several packs, with the problems of all of them at once.

    Raises:
        RulebookRefused: as `read_pack`, or two folders of one name.
    """
    problems = Problems()
    sources: dict[str, Mapping[str, str]] = {}
    for folder in folders:
        found = _read(folder, problems)
        if found is not None and found.name in sources:
            problems.add(Place(str(folder), 1, 1), f"the pack `{found.name}` is named twice; name each once")
        elif found is not None:
            sources[found.name] = found.files
    problems.refuse()
    return sources


def _read(folder: Path, problems: Problems) -> PackSource | None:
    if not folder.is_dir():
        problems.add(Place(str(folder), 1, 1), "there is no such folder; name the folder of a pack")
        return None
    name = folder.resolve().name
    paths = sorted(path for path in folder.rglob("*.yaml") if path.is_file())
    if folder / PACK_FILE not in paths:
        problems.add(Place(str(folder), 1, 1), f"this folder is no pack: it has no {PACK_FILE}")
        return None
    for stray in sorted(path for path in folder.rglob("*.yml") if path.is_file()):
        file = f"{name}/{stray.relative_to(folder).as_posix()}"
        problems.add(Place(file, 1, 1), "this file is not read; end its name in .yaml")
    files: dict[str, str] = {}
    for path in paths:
        relative = path.relative_to(folder).as_posix()
        text = _text(path, Place(f"{name}/{relative}", 1, 1), problems)
        if text is not None:
            files[relative] = text
    return PackSource(name, files)


def _text(path: Path, place: Place, problems: Problems) -> str | None:
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES + 1)
    except OSError as error:
        problems.add(place, f"the file cannot be read: {error.strerror}")
        return None
    if len(raw) > FILE_BYTES:
        problems.add(place, "the file is larger than 1 MiB; split it")
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.add(Place(place.file, line, 1), "the file is not UTF-8 text; save it as UTF-8")
        return None

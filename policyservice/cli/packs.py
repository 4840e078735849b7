"""Where the packs that come with the service lie: inside an installed package, or in a source checkout."""

from __future__ import annotations

from pathlib import Path

from policyservice.domain.errors import NotFound

DEFAULT_PACK = "goodwill"
"""The pack that a service begins with when nobody names another."""

_PACKAGE = Path(__file__).resolve().parent.parent
_HOMES = (_PACKAGE / "packs", _PACKAGE.parent / "rules")  # installed as a wheel; in a source checkout


def shipped_pack(name: str, homes: tuple[Path, ...] = _HOMES) -> Path:
    """The folder of a pack that comes with the service.

    The package's own folder is looked at first: beside an installed package `rules` may be somebody else's.

    Raises:
        NotFound: the service comes with no pack of that name.
    """
    for home in homes:
        if (home / name / "pack.yaml").is_file():
            return home / name
    raise NotFound("pack that comes with the service", name)


def folders_or_default(given: tuple[Path, ...]) -> tuple[Path, ...]:
    """The folders that were named, else the default pack's."""
    return given or (shipped_pack(DEFAULT_PACK),)

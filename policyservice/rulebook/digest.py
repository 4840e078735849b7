"""The digest of a rulebook: the same texts have the same digest on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

NOT_DECIDING = frozenset({"tests", "invariants"})
"""Kinds of file that show what a rulebook does and have no part in doing it."""


def kind_of(path: str) -> str:
    """The kind of a file: the first segment of its path in the pack's folder, without ".yaml"."""
    return path.split("/", 1)[0].removesuffix(".yaml")


def digest(sources: Mapping[str, Mapping[str, str]]) -> str:
    """ "sha256:" and the hash over every file that decides: policy tests and invariants left out, line ends made equal.

    `sources` maps packs to their files, paths to texts.
    """
    deciding = {
        pack: {path: text.replace("\r\n", "\n") for path, text in files.items() if kind_of(path) not in NOT_DECIDING}
        for pack, files in sources.items()
    }
    canonical = json.dumps(deciding, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()

"""The coverage of a rulebook as JSON."""

from __future__ import annotations

from typing import Any

from policyservice.assurance.coverage.points import Coverage, CoveredRule, Kind, Share


def as_json(coverage: Coverage) -> dict[str, Any]:
    """Shares of all and by kind, and every rule with its points."""
    return {
        "tests": coverage.tests,
        "all": _share(coverage.share()),
        **{kind.value: _share(coverage.share(kind)) for kind in Kind},
        "by_rule": [_rule(covered) for covered in coverage.rules],
    }


def _share(share: Share) -> dict[str, Any]:
    return {"met": share.met, "of": share.of, "percent": share.percent}


def _rule(covered: CoveredRule) -> dict[str, Any]:
    rule = covered.rule
    return {
        "rule": rule.id,
        "place": None if rule.place is None else str(rule.place),
        "points": [
            {"kind": point.kind.value, "what": point.what.replace("`", ""), "tests": point.tests}
            for point in covered.points
        ],
    }

"""Reading one document: scalars to values, names looked up, and a count of what was wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from policyservice.domain.currencies import EXPONENTS
from policyservice.domain.errors import FieldProblem
from policyservice.domain.money import decimal_string, parse_minor
from policyservice.domain.vocabulary import LANGUAGES, Text
from policyservice.rulebook.model import Place
from policyservice.rulebook.problems import meant
from policyservice.rulebook.read.names import Names
from policyservice.rulebook.text.nodes import Items, Kind, Mapped, Node, Scalar, described

_CALLED = {
    "facts": "fact",
    "remedies": "remedy",
    "reasons": "reason",
    "trust_levels": "trust level",
    "parameters": "parameter",
    "rules": "rule",
    "limits": "limit",
}


class Reading:
    """One document's reading: whose it is, in which currency, and how many faults were met, told or not.

    A fault that was told elsewhere (a name whose declaration is broken) counts, too: what rests on it is not sound.
    """

    def __init__(self, pack: str, currency: str, names: Names) -> None:
        self.pack = pack
        self.currency = currency
        self.names = names
        self.faults = 0

    def note(self, place: Place, message: str) -> None:
        """A problem at a place."""
        self.faults += 1
        self.names.problems.add(place, message)

    def excuse(self) -> None:
        """Something cannot be read on account of a problem that is noted elsewhere."""
        self.faults += 1

    def known(self, kind: str, node: Scalar, names: Collection[str]) -> bool:
        """Whether a name is among those declared; one that is not is noted, unless its declaration was."""
        word = node.text
        if self.names.is_excused(kind, word):
            self.excuse()
            return False
        if word in names:
            return True
        self.note(node.place, f"unknown {_CALLED[kind]} `{word}`{meant(word, names, kind=kind.replace('_', ' '))}")
        return False

    def sum(self, node: Scalar, *, negative: bool = False) -> int | None:
        """Minor units of the document's currency; None, and a problem noted, for what is no sum."""
        if node.kind is Kind.INTEGER and node.value != 0 and EXPONENTS[self.currency] > 0:
            self.note(node.place, f"{described(node)} is no sum; write {self._with_decimals(node)}")
            return None
        if node.kind not in (Kind.INTEGER, Kind.DECIMAL):
            self.note(node.place, f"expected a sum such as 12.50, found {described(node)}")
            return None
        try:
            minor = parse_minor(node.text, self.currency)
        except FieldProblem as problem:
            self.note(node.place, f"'{node.text}' {problem.errors[0].message}")
            return None
        if minor < 0 and not negative:
            self.note(node.place, f"the sum `{node.text}` is negative; a sum is 0 or more")
            return None
        return minor

    def _with_decimals(self, node: Scalar) -> str:
        whole = decimal_string(int(node.text) * 10 ** EXPONENTS[self.currency], self.currency)
        return f"{whole} if that is meant"

    def sum_at(self, node: Mapped, key: str) -> int | None:
        """The sum under a key; None where there is none."""
        found = node.get(key)
        return self.sum(found) if isinstance(found, Scalar) else None

    def patterns(self, node: Node | None) -> tuple[str, ...]:
        """Reasons and groups of reasons from a list, each checked against the catalogue, kept as written."""
        return tuple(item.text for item in scalars(node) if self.reasons_of(item))

    def reasons_of(self, node: Scalar) -> tuple[str, ...]:
        """The declared reasons that a reason or a group stands for; none, and a problem noted, where there is none."""
        pattern, reasons = node.text, self.names.reasons
        if not pattern.endswith(".*"):
            return (pattern,) if self.known("reasons", node, reasons) else ()
        found = tuple(reason for reason in reasons if reason.startswith(pattern[:-1]))
        if not found and self.names.is_excused("reasons", pattern):
            self.excuse()
        elif not found:
            groups = {f"{reason.rsplit('.', 1)[0]}.*" for reason in reasons if "." in reason}
            hint = meant(pattern, sorted(groups), kind="groups")
            self.note(node.place, f"no reason is in the group `{pattern}`{hint}")
        return found


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; none where there is no list."""
    return node.of if isinstance(node, Items) else ()


def scalars(node: Node | None) -> Iterator[Scalar]:
    """The scalars in a list."""
    return (item for item in items(node) if isinstance(item, Scalar))


def words(node: Mapped, key: str) -> str | None:
    """The text of the scalar under a key; None where there is none."""
    found = node.get(key)
    return found.text if isinstance(found, Scalar) else None


def whole(node: Mapped, key: str) -> int | None:
    """The whole number under a key; None where there is none."""
    found = node.get(key)
    return found.value if isinstance(found, Scalar) and isinstance(found.value, int) else None


def is_true(node: Mapped, key: str) -> bool:
    """Whether `true` stands under a key."""
    found = node.get(key)
    return isinstance(found, Scalar) and found.value is True


def text(node: Mapped, key: str) -> Text | None:
    """The text for people under a key; None where there is none. A language that is missing was noted as such."""
    found = node.get(key)
    if not isinstance(found, Mapped):
        return None
    return Text.of({language: words(found, language) or "" for language in LANGUAGES})


def title(node: Mapped) -> Text:
    """The title, empty where it is missing: the pack is refused then anyway."""
    return text(node, "title") or Text("", "")

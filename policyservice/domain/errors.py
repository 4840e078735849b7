"""Every error raised on purpose: a class with a stable code that writes its own sentence.

What happened, with which values, what to do next. `api/problems.py` maps classes to HTTP, the command line
prints them; callers switch on `code`, never on the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that cannot be taken as it is: a dotted path into the body, and what was expected."""

    field: str
    message: str


class PolicyServiceError(Exception):
    """The root of every error raised on purpose."""

    code = "internal"
    title = "Something went wrong"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def errors(self) -> Sequence[FieldError]:
        """The fields at fault, where the error is about fields."""
        return ()

    @property
    def without_values(self) -> str:
        """The sentence as a caller over HTTP gets it: nothing of what was sent stands in it but names of fields."""
        return self.message


class InvalidRequest(PolicyServiceError):
    """Fields of a request are missing, unknown or of the wrong type; nothing was decided or held."""

    code = "invalid-request"
    title = "The request cannot be taken as it is"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        named = "; ".join(f"{e.field}: {e.message}" for e in errors[:5])
        super().__init__(f"{named} Correct the fields named and send the request again.")
        self._errors = tuple(errors)

    @property
    def errors(self) -> Sequence[FieldError]:
        return self._errors


class FieldProblem(InvalidRequest):
    """One field is at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__([FieldError(field, message)])


class CurrencyMismatch(PolicyServiceError):
    """Sums in two currencies met; the service never converts."""

    code = "currency-mismatch"
    title = "Two currencies in one sum"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"A sum in {one} was met by one in {other}. State both in one currency.")


class MalformedBody(PolicyServiceError):
    """The body is not JSON of an object, or nests too deep."""

    code = "malformed-body"
    title = "The body cannot be read"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} Send one JSON object as application/json.")


class UnknownAgent(PolicyServiceError):
    """Nobody registered the agent, and no setting says what an unknown agent may do."""

    code = "unknown-agent"
    title = "The agent is not registered"

    def __init__(self, ref: str) -> None:
        super().__init__(
            "The agent is not registered. Register it with PUT /v1/agents/{ref} or `policyservice agents import`."
        )
        self.ref = ref

    @property
    def errors(self) -> Sequence[FieldError]:
        return (FieldError("agent", "is not registered"),)


class NotAuthenticated(PolicyServiceError):
    """No key, or one that is unknown, expired or revoked."""

    code = "not-authenticated"
    title = "A valid API key is needed"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Send a valid key as `Authorization: Bearer KEY`.")


class NotAllowed(PolicyServiceError):
    """The key is valid, but its role or its binding does not cover this."""

    code = "not-allowed"
    title = "This key may not do that"

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self._field = field

    @property
    def errors(self) -> Sequence[FieldError]:
        return (FieldError(self._field, "is outside what this key may name"),) if self._field else ()


class RateLimited(PolicyServiceError):
    """The key has made more calls than it may for now; nothing was read, decided or held."""

    code = "rate-limited"
    title = "Too many calls with this key"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"This key has used up its calls for now. Repeat the call after {retry_after} second(s), with the same "
            "Idempotency-Key where it has one."
        )
        self.retry_after = retry_after


class NotFound(PolicyServiceError):
    """There is nothing of that kind under that reference."""

    code = "not-found"
    title = "Not found"

    def __init__(self, kind: str, ref: str) -> None:
        super().__init__(f"There is no {kind} {ref[:80]!r}. Check the reference.")
        self._kind = kind

    @property
    def without_values(self) -> str:
        return f"There is no such {self._kind}. Check the reference."


class IdempotencyKeyMissing(PolicyServiceError):
    """A call that holds or moves money came without an Idempotency-Key."""

    code = "idempotency-key-missing"
    title = "An Idempotency-Key is needed"

    def __init__(self) -> None:
        super().__init__(
            "This call holds or moves money. Send an Idempotency-Key header of 1 to 255 printable characters, "
            "new for each new intent and the same when you repeat one."
        )


class IdempotencyKeyReused(PolicyServiceError):
    """The key was used before with another body."""

    code = "idempotency-key-reused"
    title = "The Idempotency-Key belongs to another request"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was sent before with another body. Use a new key for a new request; "
            "repeat the first body to get its answer again."
        )


class WrongStatus(PolicyServiceError):
    """The decision is not in a status from which this step is possible."""

    code = "wrong-status"
    title = "The decision's status does not allow this"

    def __init__(self, decision: str, status: str, at: datetime | None, step: str, instead: str) -> None:
        when = f" since {at:%Y-%m-%d %H:%M} UTC" if at else ""
        super().__init__(f"Decision {decision} is {status}{when}; it cannot be {step}. {instead}")
        self.status = status


class MoreThanHeld(PolicyServiceError):
    """A commit or reversal for more than the decision stands for."""

    code = "more-than-held"
    title = "More than was held"

    def __init__(self, decision: str, asked: str, held: str, currency: str) -> None:
        super().__init__(
            f"Decision {decision} stands for {held} {currency}; {asked} is more. Name at most that sum, "
            "and ask for a new decision for the rest."
        )

    @property
    def errors(self) -> Sequence[FieldError]:
        return (FieldError("amount", "is more than the decision stands for"),)


class BeyondSafeFloor(PolicyServiceError):
    """A remedy said to have been given without a decision exceeds what needs none."""

    code = "beyond-safe-floor"
    title = "More than may be given without a decision"

    def __init__(self, remedy: str, asked: str, floor: str, currency: str) -> None:
        super().__init__(
            f"Without a decision up to {floor} {currency} of {remedy} may be given; {asked} was. "
            "Have a manager enter it as a decision of their own."
        )


class OutsideGuardRails(PolicyServiceError):
    """A limit would leave the range that the rules allow managers to move it in."""

    code = "outside-guard-rails"
    title = "Outside the guard rails"

    def __init__(self, limit: str, value: str, lowest: str, highest: str) -> None:
        super().__init__(
            f"{limit} may be moved from {lowest} up to and including {highest}; {value} is outside. "
            "Choose a value inside, or have the guard rails changed in the rules."
        )


class NoRulebookInForce(PolicyServiceError):
    """No rulebook has been published that is in force at the instant."""

    code = "no-rulebook-in-force"
    title = "No rulebook is in force"

    def __init__(self, at: datetime) -> None:
        super().__init__(
            f"No rulebook is in force at {at:%Y-%m-%d %H:%M} UTC. Publish one with `policyservice rules publish DIR`."
        )


class RulebookRefused(PolicyServiceError):
    """A rulebook has problems, or its policy tests fail; the one in force stays."""

    code = "rulebook-refused"
    title = "The rulebook is refused"

    def __init__(self, problems: Sequence[str]) -> None:
        shown = "\n".join(problems)
        super().__init__(f"{len(problems)} problem(s); nothing was changed:\n{shown}")
        self.problems = tuple(problems)


class HistoryRefused(PolicyServiceError):
    """A file of past requests cannot be read at all; single bad lines are reported one by one instead."""

    code = "history-refused"
    title = "The history cannot be read"


class BackupRefused(PolicyServiceError):
    """A backup cannot be written, or cannot be put in the place of a database; nothing was changed."""

    code = "backup-refused"
    title = "The backup cannot be written or restored"


class SchemaOutOfDate(PolicyServiceError):
    """The database was made by another version of the service."""

    code = "schema-out-of-date"
    title = "The database schema is not the one this version needs"

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"The database is at schema {found}, this version needs {needed}. Run `policyservice db upgrade`."
        )


class LogUnavailable(PolicyServiceError):
    """The database does not answer; nothing was decided and nothing is held."""

    code = "temporarily-unavailable"
    title = "The service cannot reach its database"

    def __init__(self) -> None:
        super().__init__(
            "The database does not answer. Nothing was decided and nothing is held. Repeat the request with "
            "the same Idempotency-Key, or give up to the safe floor and record it afterwards with given_at."
        )


class Unconfirmed(LogUnavailable):
    """The database went away while it committed: the call was done as a whole or not at all, and nobody knows which."""

    code = "unconfirmed"
    title = "The database went away before it confirmed"

    def __init__(self) -> None:
        PolicyServiceError.__init__(
            self,
            "The database went away before it confirmed the call. Repeat the request with the same Idempotency-Key: "
            "you get its answer where it was done, and it is done where it was not.",
        )


class InvalidSettings(PolicyServiceError):
    """A setting in the environment cannot be read."""

    code = "invalid-settings"
    title = "A setting cannot be read"

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name}: expected {expected}.")


class PseudonymKeyMismatch(PolicyServiceError):
    """The key for pseudonyms is not the one that the log was begun with."""

    code = "pseudonym-key-mismatch"
    title = "Another key for pseudonyms"

    def __init__(self) -> None:
        super().__init__(
            "The log was begun with another key for pseudonyms. Set POLICYSERVICE_PSEUDONYM_KEY to that key, or leave "
            "it unset where the database keeps it."
        )


class PlainLog(PolicyServiceError):
    """The log was written before references were pseudonymised, and cannot be rewritten."""

    code = "plain-log"
    title = "The log holds plain references"

    def __init__(self) -> None:
        super().__init__(
            "This log was begun by a version that wrote plain references; its rows are never changed. Begin a new "
            "database, and keep this one, as it is, for as long as you must."
        )


class InvalidCostParameter(PolicyServiceError):
    """A parameter of the cost model has a value that its symbol cannot have."""

    code = "invalid-cost-parameter"
    title = "A cost parameter cannot be used"

    def __init__(self, symbol: str, expected: str) -> None:
        super().__init__(f"{symbol}: {expected} See docs/reference/cost-parameters.md.")
        self.symbol = symbol


class EngineFault(PolicyServiceError):
    """A rule engine failed, met something it cannot hold, or disagrees with the other one; never an allow."""

    code = "engine-fault"
    title = "The rules could not be evaluated reliably"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} A person decides this case; the fault is recorded.")
        self.what = what


class BeyondAuthority(PolicyServiceError):
    """Whoever resolves an escalation may not grant it either; it stays open."""

    code = "beyond-authority"
    title = "The resolver may not grant this either"

    def __init__(self, why: str, to: str | None) -> None:
        who = f"{to} may decide" if to else "nobody may grant it; refuse it, or grant less"
        super().__init__(f"The resolver may not grant this: {why} The escalation stays open: {who}.")


class EscalationResolved(PolicyServiceError):
    """The escalation was resolved before, by somebody else or in another call."""

    code = "escalation-resolved"
    title = "The escalation is resolved already"

    def __init__(self, escalation: str, at: datetime | None, by: str | None = None) -> None:
        who = f" by {by}" if by else ""
        when = f" at {at:%Y-%m-%d %H:%M} UTC" if at else ""
        super().__init__(
            f"Escalation {escalation} was resolved{who}{when}. Read what was decided; "
            "for anything further ask for a new decision."
        )


class PromiseEnded(PolicyServiceError):
    """The promise was kept or broken before; nothing more can become of it."""

    code = "promise-ended"
    title = "The promise has ended"

    def __init__(self, promise: str, status: str) -> None:
        super().__init__(f"Promise {promise} is {status}. For anything further make a new promise.")


class DeliveryRefused(PolicyServiceError):
    """A delivery of a survey tool is not signed by its secret, was not sent just now, or no such tool is known."""

    code = "delivery-refused"
    title = "The delivery cannot be trusted"

    def __init__(self) -> None:
        super().__init__(
            'Nothing was kept. Sign "ID.TIMESTAMP.BODY" with the secret in POLICYSERVICE_SURVEYS, send it as '
            "webhook-signature beside webhook-id and webhook-timestamp, and keep the clock right: a timestamp more "
            "than five minutes off is refused."
        )


class DeliveryReplayed(PolicyServiceError):
    """A delivery of that id was taken before; nothing was kept a second time."""

    code = "delivery-replayed"
    title = "The delivery was taken before"

    def __init__(self) -> None:
        super().__init__("A delivery with this webhook-id was taken before. Give each new delivery an id of its own.")


class DeliveriesLimited(PolicyServiceError):
    """More deliveries of survey tools came than are taken for now; nothing of this one was kept, its id neither."""

    code = "deliveries-limited"
    title = "Too many deliveries"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"Nothing of the delivery was kept this time. Send it again after {retry_after} second(s), under the same "
            "webhook-id and with a timestamp and signature of then."
        )
        self.retry_after = retry_after


class ObjectionAnswered(PolicyServiceError):
    """The objection was answered before, by somebody else or in another call."""

    code = "objection-answered"
    title = "The objection is answered already"

    def __init__(self) -> None:
        super().__init__("Somebody answered this objection before. Read the answer; object again with what is new.")


class CalibrationRefused(PolicyServiceError):
    """A proposal of cost parameters cannot be read, or was made from parameters that are not in force any more."""

    code = "calibration-refused"
    title = "The proposal cannot be accepted"


class EscalationTaken(PolicyServiceError):
    """Somebody else has the escalation in hand."""

    code = "escalation-taken"
    title = "Somebody else has the escalation in hand"

    def __init__(self, escalation: str, at: datetime | None, by: str) -> None:
        when = f" since {at:%Y-%m-%d %H:%M} UTC" if at else ""
        super().__init__(
            f"Escalation {escalation} is in the hands of {by}{when}. Leave it to them, or have it handed on to you."
        )


class WrongState(PolicyServiceError):
    """The incident is not in a state from which this is possible."""

    code = "wrong-state"
    title = "The incident's state does not allow this"

    def __init__(self, incident: str, state: str, at: datetime, instead: str) -> None:
        super().__init__(f"Incident {incident} is {state} since {at:%Y-%m-%d %H:%M} UTC. {instead}")


class NotYourLevel(PolicyServiceError):
    """Whoever takes or refuses an escalation has not the trust level that decides it."""

    code = "not-your-level"
    title = "This is for a higher level to decide"

    def __init__(self, to: str) -> None:
        super().__init__(f"This is for {to} to decide, and the agent named is not. Leave it to them, or hand it on.")

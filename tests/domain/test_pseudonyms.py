from __future__ import annotations

import re
from itertools import count

import pytest

from policyservice.domain.pseudonyms import PersonalKind, Pseudonyms


def pseudonyms(key: bytes = b"one key") -> Pseudonyms:
    numbers = count()
    return Pseudonyms(key, lambda: f"{next(numbers):032}")


def test_a_reference_has_one_pseudonym_for_ever():
    assert pseudonyms().of(PersonalKind.CUSTOMER, "C-77") == "cus_7lmyoivucp7wxl27mquqr2nj"


def test_kinds_and_keys_have_nothing_in_common():
    made = [
        pseudonyms(key).of(kind, "1001").partition("_")[2] for key in (b"one key", b"another") for kind in PersonalKind
    ]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("kind", PersonalKind)
def test_the_pseudonym_of_a_pseudonym_is_itself_and_of_another_kinds_is_not(kind):
    made = pseudonyms()
    first = made.of(kind, "x")

    assert re.fullmatch(r"[a-z]{3}_[a-z2-7]{24}", first)
    assert made.of(kind, first) == first
    other = next(each for each in PersonalKind if each is not kind)
    assert made.of(other, first) != first


@pytest.mark.parametrize("near", ["cus_", "cus_" + "a" * 23, "cus_" + "a" * 25, "cus_" + "A" * 24, "CUS_" + "a" * 24])
def test_what_only_looks_like_a_pseudonym_gets_one(near):
    assert pseudonyms().of(PersonalKind.CUSTOMER, near) != near


def test_a_text_is_sealed_anew_each_time_and_a_change_of_text_or_nonce_shows():
    made = pseudonyms()
    first, second = made.seal("as agreed"), made.seal("as agreed")

    assert first.seal != second.seal
    assert made.seal_of(first.nonce, first.body) == first.seal
    assert made.seal_of(first.nonce, "as Agreed") != first.seal
    assert made.seal_of(second.nonce, first.body) != first.seal
    assert pseudonyms(b"another").seal_of(first.nonce, first.body) != first.seal


def test_a_nonce_and_a_text_cannot_be_divided_in_another_way():
    made = pseudonyms()
    assert made.seal_of("a", "b c") != made.seal_of("a b", "c")


def test_digests_of_two_uses_differ():
    made = pseudonyms()
    assert made.digest("key", "x") == pseudonyms().digest("key", "x")
    assert made.digest("key", "x") != made.digest("body", "x")
    assert made.check != pseudonyms(b"another").check

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyservice.decisions.seal.merkle import Roots, Step, climb, leaf_hash, node_hash, path_to, root_of

_CONTENTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The vectors that Certificate Transparency's implementations test RFC 6962 with."""

leaves_lists = st.lists(st.binary(max_size=3).map(leaf_hash), max_size=40)


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


@pytest.mark.parametrize("count", range(9))
def test_roots_are_those_of_the_published_vectors(count):
    assert root_of(leaf_hash(bytes.fromhex(content)) for content in _CONTENTS[:count]).hex() == _ROOTS[count]


@given(leaves_lists)
def test_the_root_is_that_of_a_naive_tree_at_every_length(leaves):
    roots = Roots()
    for count, leaf in enumerate(leaves):
        assert roots.root() == naive_root(leaves[:count])
        roots.add(leaf)

    assert roots.root() == naive_root(leaves)
    assert roots.count == len(leaves)


@given(leaves_lists.filter(bool), st.data())
def test_the_path_of_every_leaf_leads_to_the_root_of_the_first_so_many(leaves, data):
    count = data.draw(st.integers(1, len(leaves)))
    for index in range(count):
        path = path_to(index, count, leaves)
        assert climb(leaves[index], path) == naive_root(leaves[:count])
        assert len(path) <= (count - 1).bit_length()


@given(leaves_lists.filter(lambda leaves: len(leaves) > 1), st.data())
def test_a_changed_leaf_or_step_leads_elsewhere(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = path_to(index, len(leaves), leaves)
    at = data.draw(st.integers(0, len(path) - 1))
    other = leaf_hash(b"another")
    turned = Step("right" if path[at].side == "left" else "left", path[at].hash)

    assert climb(other, path) != root_of(leaves)
    assert climb(leaves[index], [*path[:at], Step(path[at].side, other), *path[at + 1 :]]) != root_of(leaves)
    assert climb(leaves[index], path[:at] + path[at + 1 :]) != root_of(leaves)
    if climb(leaves[index], path[:at]) != path[at].hash:  # two equal neighbours may change their sides
        assert climb(leaves[index], [*path[:at], turned, *path[at + 1 :]]) != root_of(leaves)


def test_a_list_doubled_at_its_end_has_another_root():
    one, two, three = (leaf_hash(bytes([number])) for number in range(3))

    assert root_of([one, two, three]) != root_of([one, two, three, three])


def test_an_inner_node_cannot_pass_for_a_leaf():
    one, two = leaf_hash(b"one"), leaf_hash(b"two")

    assert leaf_hash(one + two) != node_hash(one, two)


@pytest.mark.parametrize(("index", "count", "there"), [(0, 0, 0), (1, 1, 1), (-1, 2, 2), (0, 3, 2)])
def test_there_is_no_path_to_what_is_not_there(index, count, there):
    with pytest.raises(ValueError):
        path_to(index, count, [leaf_hash(b"x")] * there)

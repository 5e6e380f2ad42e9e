"""Publishing products, and the pools that a screen shows."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import IDEMPOTENCY_CONFLICT, INVALID_FIELD
from schemas.http.catalog import NewVariant, PoolView, PublishProduct
from schemas.money import Money
from server.modules.catalog import rules

EUR = Money(amount_minor=1_000, currency="EUR")


def a_product(*skus: str, on_hand: int = 5) -> PublishProduct:
    variants = [NewVariant(sku=sku, price=EUR, on_hand=on_hand) for sku in skus]
    return PublishProduct(product_id="prd_" + "1" * 32, title="Dress", variants=variants)


def test_each_variant_has_a_sku_of_its_own() -> None:
    refusal = rules.check_new_product(a_product("A", "B", "A"), ())
    assert refusal is not None
    assert refusal[0] == INVALID_FIELD
    assert "A" in refusal[1]


def test_a_sku_belongs_to_one_product() -> None:
    refusal = rules.check_new_product(a_product("A", "B"), ["B"])
    assert refusal is not None
    assert "B" in refusal[1]
    assert rules.check_new_product(a_product("A", "B"), ()) is None


@pytest.mark.parametrize(
    "changes", [{"title": "Hat"}, {"description": "x"}, {"image_url": "/x"}, {"variants": a_product("B").variants}]
)
def test_another_product_under_a_used_id_is_a_conflict(changes: dict[str, object]) -> None:
    body = a_product("A")
    stored = rules.product_view(body)
    assert rules.check_republished(stored, body) is None
    assert rules.check_republished(stored, msgspec.structs.replace(body, **changes)) == IDEMPOTENCY_CONFLICT


def test_units_that_left_the_warehouse_do_not_make_a_repetition_a_conflict() -> None:
    assert rules.check_republished(rules.product_view(a_product("A", on_hand=2)), a_product("A", on_hand=5)) is None


POOLS = st.builds(
    PoolView, sku=st.sampled_from("ABC"), available=st.integers(0, 5), held=st.integers(0, 5), sold=st.integers(0, 5)
)


@given(st.lists(POOLS), st.lists(POOLS))
def test_the_last_state_of_each_pool_is_shown_once_in_order_of_sku(before: list[PoolView], changes: list[PoolView]) -> None:
    after = rules.with_changes(before, changes)
    assert [pool.sku for pool in after] == sorted({pool.sku for pool in [*before, *changes]})
    for pool in after:
        assert pool == next(known for known in reversed([*before, *changes]) if known.sku == pool.sku)

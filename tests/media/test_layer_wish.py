"""The choice of an encoding by a viewer's wish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.layer_wish import LayerWish, wanted_rid
from schemas.errors import Refused
from schemas.media import LayerView


def view(rid: str, width: int, height: int, active: bool = True) -> LayerView:
    return LayerView(place=0, rid=rid, width=width, height=height, bitrate_bps=width * height, active=active)


LAYERS = [view("f", 1920, 1080, active=False), view("h", 1280, 720), view("m", 640, 360), view("q", 320, 180)]


@pytest.mark.parametrize(
    ("wish", "rid"),
    [
        (LayerWish(), None),
        (LayerWish(media_id="0"), None),
        (LayerWish(rid="m"), "m"),
        (LayerWish(encoding_id="q"), "q"),
        (LayerWish(rid="m", max_width=1), "m"),
        (LayerWish(max_width=640), "m"),
        (LayerWish(max_height=719), "m"),
        (LayerWish(max_width=5_000, max_height=5_000), "h"),  # what is not sent is not chosen
        (LayerWish(max_width=1), "q"),
    ],
)
def test_a_wish_becomes_an_encoding(wish: LayerWish, rid: str | None) -> None:
    assert wanted_rid(LAYERS, wish) == rid


@pytest.mark.parametrize("wish", [LayerWish(rid="x"), LayerWish(rid="f"), LayerWish(encoding_id="1")])
def test_an_encoding_that_is_not_sent_is_refused(wish: LayerWish) -> None:
    with pytest.raises(Refused, match="layers"):
        wanted_rid(LAYERS, wish)


def test_sizes_that_are_not_known_are_not_guessed() -> None:
    with pytest.raises(Refused, match="rid"):
        wanted_rid([view("h", 0, 0)], LayerWish(max_width=640))
    assert wanted_rid([view("h", 0, 0)], LayerWish(rid="h")) == "h"


sizes = st.integers(min_value=1, max_value=4_000)


@given(st.lists(st.tuples(sizes, sizes, st.booleans()), min_size=1, max_size=6), sizes, sizes)
def test_nothing_larger_than_the_limit_is_chosen_when_something_fits(
    given_sizes: list[tuple[int, int, bool]], max_width: int, max_height: int
) -> None:
    layers = [view(str(index), width, height, active) for index, (width, height, active) in enumerate(given_sizes)]
    sent = [layer for layer in layers if layer.active]
    if not sent:
        return
    rid = wanted_rid(layers, LayerWish(max_width=max_width, max_height=max_height))
    chosen = next(layer for layer in layers if layer.rid == rid)
    fitting = [layer for layer in sent if layer.width <= max_width and layer.height <= max_height]
    area = chosen.width * chosen.height
    assert chosen.active
    if fitting:
        assert chosen in fitting
        assert area == max(layer.width * layer.height for layer in fitting)
    else:
        assert area == min(layer.width * layer.height for layer in sent)

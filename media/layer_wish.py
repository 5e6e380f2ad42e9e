"""Which encoding a viewer wants: the layer selection of WHEP (draft-ietf-wish-whep core extensions, `…:ext:core:layer`). Pure."""

from collections.abc import Sequence

import msgspec

from schemas.errors import INVALID_FIELD, Refused
from schemas.media import LayerView


class LayerWish(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Body of the request. Unknown fields are ignored: spatial and temporal layers inside one encoding are not chosen here.

    `media_id` is the index of the m-line (default: the first video); `encoding_id` is what players of older drafts call `rid`.
    """

    media_id: str | int | None = None
    rid: str | None = None
    encoding_id: str | None = None
    max_width: int | None = None
    max_height: int | None = None


def wanted_rid(layers: Sequence[LayerView], wish: LayerWish) -> str | None:
    """The encoding that the wish names, or the largest that fits into its limits; None means: choose by bandwidth.

    When none fits it is the smallest: a picture that is too large is better than none. The limits are looked at now and not
    again when the publisher changes its sizes.

    Raises:
        Refused: there is no such encoding, or the sizes are not known (yet).
    """
    rid = wish.rid or wish.encoding_id
    if rid:
        if not any(view.rid == rid and view.active for view in layers):
            raise Refused(INVALID_FIELD, "This encoding is not sent now; the event `layers` tells which are", field="/rid")
        return rid
    if wish.max_width is None and wish.max_height is None:
        return None
    sized = [view for view in layers if view.active and view.width and view.height]
    if not sized:
        raise Refused(INVALID_FIELD, "The sizes of the encodings are not known now; name one by rid", field="/maxWidth")
    fitting = [view for view in sized if _fits(view, wish)]
    best = max(fitting, key=_area) if fitting else min(sized, key=_area)
    return best.rid


def _fits(view: LayerView, wish: LayerWish) -> bool:
    return (wish.max_width is None or view.width <= wish.max_width) and (
        wish.max_height is None or view.height <= wish.max_height
    )


def _area(view: LayerView) -> tuple[int, int]:
    return view.width * view.height, view.bitrate_bps

"""The answer of `/api/pictures`, and the addresses of pictures."""

import re

from schemas.base import View

WIDTHS = (320, 800, 1600)
"""Widths in pixels in which a picture is kept (WebP); one that is narrower keeps its own."""
PREVIEW_NAME = "1200.jpg"
"""The same as JPEG, for the preview cards of other sites: not all of them read WebP."""
BYTES_MAX = 10 * 1024 * 1024
PICTURES_MAX = 8
"""Pictures of one product."""

ADDRESS = r"/media/pictures/(?P<picture_id>pic_[0-9a-f]{32})/(?P<name>(?:320|800|1600)\.webp|1200\.jpg)"


class PictureView(View, frozen=True):
    """A picture that was uploaded. Its addresses are `/media/pictures/<picture_id>/<width>.webp`; what is there never changes.
    `width` and `height` are those of the upload, turned upright."""

    picture_id: str
    url: str
    width: int
    height: int


def picture_url(picture_id: str, width: int = 800) -> str:
    """Address of a picture in a width of `WIDTHS`."""
    return f"/media/pictures/{picture_id}/{width}.webp"


def preview_url(url: str) -> str:
    """Address of the same picture for the preview cards of other sites; an address that is none of ours stays."""
    picture_id = picture_of(url)
    return url if picture_id is None else f"/media/pictures/{picture_id}/{PREVIEW_NAME}"


def picture_of(url: str | None) -> str | None:
    """Id of the picture at an address of ours; None for any other address."""
    found = re.fullmatch(ADDRESS, url or "")
    return found["picture_id"] if found else None

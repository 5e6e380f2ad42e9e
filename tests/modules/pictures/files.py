"""Files as people and attackers upload them, made here."""

import io
import struct
import zlib
from functools import cache

from PIL import Image, ImageCms

GPS_IFD, ORIENTATION = 0x8825, 0x0112


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    """A file as a picture."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def halves(width: int = 400, height: int = 200, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), (220, 20, 20))
    picture.paste((20, 20, 220), (width // 2, 0, width, height))
    return picture.convert(mode)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of one bit per pixel, all zeros: gigabytes of pixels in some kilobytes of file. Its data is zipped twice as much as
    one row after another would need."""
    row = bytes(1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    parts = [packer.compress(row * 1000) for _ in range(height // 1000)]
    data = b"".join([*parts, packer.flush()])
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def photo(orientation: int = 1, size: tuple[int, int] = (400, 200)) -> bytes:
    """A JPEG as a telephone makes it: a thumbnail-sized EXIF block with the place, a comment, a colour profile."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "Telephone Works"
    exif[GPS_IFD] = {1: "N", 2: (55.0, 45.0, 7.0), 3: "E", 4: (37.0, 37.0, 56.0)}
    profile = srgb_profile()
    return encoded(halves(*size), "JPEG", exif=exif, icc_profile=profile, comment=b"secret comment", quality=92)


@cache
def srgb_profile() -> bytes:
    """A colour profile. It says when it was made, so a second one is another file."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def grey_16_bits() -> bytes:
    """A PNG of 16 bits: dark on the left, bright on the right."""
    row = struct.pack("<H", 2_000) * 200 + struct.pack("<H", 60_000) * 200
    return encoded(Image.frombytes("I;16", (400, 200), row * 200))


SVG = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>"""
HTML = b"<!doctype html><script>alert(1)</script>"


def polyglot() -> bytes:
    """A picture that is also a web page: the page stands in a comment of the JPEG and once more behind its end."""
    return encoded(halves(), "JPEG", comment=HTML) + HTML


def gif(frames: int = 3) -> bytes:
    """A moving GIF."""
    first, *others = [halves(40 + number, 20) for number in range(frames)]
    return encoded(first, "GIF", save_all=True, append_images=others)


def moving(kind: str) -> bytes:
    """A moving PNG or WebP."""
    return encoded(halves(), kind, save_all=True, append_images=[halves().transpose(Image.Transpose.ROTATE_180)], duration=200)

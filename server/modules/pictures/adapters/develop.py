"""One uploaded file on standard input, new pictures of its pixels on standard output; run by itself, in a process of its own.

Decoders of pictures are where files attack a server. So this process can open nothing, has little memory and time, and is gone
afterwards: whatever a file does in here, it ends with its own upload. It knows nothing of the server and imports nothing of it.
"""

import io
import resource
import struct
import sys
import warnings
from typing import Any

from PIL import Image, ImageCms, ImageFile, ImageOps

FORMATS = ["JPEG", "PNG", "WEBP"]
"""All that is looked for: Pillow knows fifty more, among them some that run programs."""
PIXELS_MAX = 40_000_000
WEBP_WIDTHS = (320, 800, 1600)
JPEG_WIDTH = 1200
TALL = 3
"""A picture may be this many times as high as a width; a longer one is made smaller."""
MEMORY_BYTES = 1_500_000_000
"""Three copies of the largest picture, and libraries."""
CPU_S = 20
PROFILE_BYTES_MAX = 1_000_000


def main() -> int:
    """Status 0 with the pictures, 3 with the reason why the file is none."""
    confine()
    try:
        width, height, files = develop(sys.stdin.buffer.read())
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises about a file means that it is no picture
        sys.stderr.write(f"{type(error).__name__}: {error}"[:300])
        return 3
    sys.stdout.buffer.write(packed(width, height, files))
    return 0


def confine() -> None:
    """Little memory, little time, no files."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def develop(data: bytes) -> tuple[int, int, dict[str, bytes]]:
    """Width, height and new files by name. Nothing of the file goes into them but its pixels, in sRGB and upright.

    Raises:
        Exception: whatever the decoder has against the file.
    """
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # Pillow only warns of a bomb up to twice the limit.
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    opened = Image.open(io.BytesIO(data), formats=FORMATS)
    if opened.format in ("PNG", "WEBP") and getattr(opened, "n_frames", 1) > 1:
        raise ValueError("it moves")
    size = opened.size
    if opened.format in ("JPEG", "MPO"):  # MPO: a JPEG with a second one behind it, as telephones write them
        _shrink_early(opened)
    opened.load()
    turned = opened.getexif().get(0x0112, 1) in (5, 6, 7, 8)  # EXIF 2.32, table 4: these lie on their side
    picture = in_srgb(ImageOps.exif_transpose(opened))
    files = {f"{width}.webp": _webp(_fitting(picture, width)) for width in WEBP_WIDTHS}
    files[f"{JPEG_WIDTH}.jpg"] = _jpeg(_fitting(picture, JPEG_WIDTH))
    width, height = reversed(size) if turned else size
    return width, height, files


def in_srgb(picture: Image.Image) -> Image.Image:
    """The same colours as sRGB with 8 bits per channel, with transparency where there was any."""
    profile = picture.info.get("icc_profile", b"")
    alpha = _alpha(picture)
    colours = _eight_bits(picture)
    if profile and len(profile) <= PROFILE_BYTES_MAX and colours.mode in ("RGB", "CMYK", "L"):
        colours = _converted(colours, profile)
    colours = colours.convert("RGB")
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def packed(width: int, height: int, files: dict[str, bytes]) -> bytes:
    """Size and files in one piece: width, height, then name, length and bytes of each."""
    parts = [struct.pack(">II", width, height)]
    for name, data in files.items():
        parts += [struct.pack(">BI", len(name), len(data)), name.encode(), data]
    return b"".join(parts)


def unpacked(data: bytes) -> tuple[int, int, dict[str, bytes]]:
    """What `packed` was given.

    Raises:
        struct.error: it is cut off.
    """
    width, height = struct.unpack_from(">II", data)
    files, at = {}, 8
    while at < len(data):
        name_length, length = struct.unpack_from(">BI", data, at)
        at += 5
        files[data[at : at + name_length].decode()] = data[at + name_length : at + name_length + length]
        at += name_length + length
    return width, height, files


def _shrink_early(opened: Any) -> None:
    """JPEG decodes to a half, a quarter or an eighth for a fraction of the time; never below twice the largest width."""
    factor = min(opened.size) // (2 * max(WEBP_WIDTHS))
    if factor >= 2:
        opened.draft(None, (opened.width // factor, opened.height // factor))


def _alpha(picture: Image.Image) -> Image.Image | None:
    if not picture.has_transparency_data:
        return None
    alpha = picture.convert("RGBA").getchannel("A")
    low, _ = alpha.getextrema()
    return None if low == 255 else alpha


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # 16 bits of grey. `convert` would cut off all that is brighter than 255.
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode in ("RGB", "CMYK", "L"):
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB").convert("RGB")


def _converted(colours: Image.Image, profile: bytes) -> Image.Image:
    try:
        made = ImageCms.profileToProfile(
            colours, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return colours  # a profile that does not fit is common, and colours that are a little off are still a picture
    return colours if made is None else made


def _fitting(picture: Image.Image, width: int) -> Image.Image:
    factor = min(1.0, width / picture.width, width * TALL / picture.height)
    if factor == 1.0:
        return picture.copy()
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _webp(picture: Image.Image) -> bytes:
    picture.info.clear()
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def _jpeg(picture: Image.Image) -> bytes:
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=85, progressive=True, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())

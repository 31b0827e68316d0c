"""Of a photo the picture is kept: upright, of bearable size, and without what the camera knew."""

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from wangge.foundation.files.cleaning import UnableToStore, clean_photo
from wangge.foundation.files.limits import photo_limits

RED, BLUE = (254, 0, 0), (0, 0, 254)


def cleaned(upload):
    return clean_photo(upload, photo_limits())


def opened(content):
    return Image.open(io.BytesIO(content))


def near(pixel, colour):
    return all(abs(a - b) < 12 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_usual_format_becomes_a_jpeg(picture, form):
    photo = cleaned(picture(form=form))
    image = opened(photo.content)
    assert (image.format, image.size) == ("JPEG", (400, 300))
    assert (photo.width, photo.height) == (400, 300)
    assert near(image.getpixel((200, 20)), RED)
    assert near(image.getpixel((200, 280)), BLUE)


def test_place_camera_and_comments_are_left_behind(picture):
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif[0x9003] = "2026:03:06 08:00:00"
    gps = exif.get_ifd(0x8825)
    gps[2] = (47.0, 43.0, 38.0)
    gps[4] = (128.0, 54.0, 26.0)
    upload = picture(exif=exif, comment=b"call 13800001234", xmp=b"<x:xmpmeta>secret place</x:xmpmeta>")
    assert b"PhoneMaker" in upload.getvalue()
    assert b"secret place" in upload.getvalue()
    photo = cleaned(upload)
    for content in (photo.content, photo.thumbnail):
        for trace in (b"Exif", b"PhoneMaker", b"2026:03:06", b"13800001234", b"xmpmeta", b"ICC_PROFILE"):
            assert trace not in content
        assert not opened(content).getexif()


def test_text_inside_a_png_is_left_behind(picture):
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Lin Xiaohe")
    photo = cleaned(picture(form="PNG", pnginfo=notes))
    assert b"Lin Xiaohe" not in photo.content


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (400, 300), (200, 20)),
        (3, (400, 300), (200, 280)),
        (6, (300, 400), (280, 200)),
        (8, (300, 400), (20, 200)),
    ],
)
def test_a_photo_taken_sideways_stands_upright(picture, orientation, size, red_at):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = opened(cleaned(picture(exif=exif)).content)
    assert image.size == size
    assert near(image.getpixel(red_at), RED)


def test_a_large_photo_is_kept_at_2048_and_a_thumbnail_at_320(picture):
    photo = cleaned(picture(size=(4000, 3000)))
    assert opened(photo.content).size == (2048, 1536)
    assert opened(photo.thumbnail).size == (320, 240)


def test_a_small_photo_is_not_blown_up(picture):
    photo = cleaned(picture(size=(40, 30)))
    assert opened(photo.content).size == opened(photo.thumbnail).size == (40, 30)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_colours_of_every_kind_are_understood(mode):
    image = Image.new(mode, (50, 50))
    drawn = io.BytesIO()
    image.save(drawn, "TIFF" if mode == "CMYK" else "PNG")
    if mode == "CMYK":
        drawn = io.BytesIO()
        image.save(drawn, "JPEG")
    assert opened(cleaned(drawn).content).mode == "RGB"


def test_what_is_transparent_becomes_white():
    drawn = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(drawn, "PNG")
    assert opened(cleaned(drawn).content).getpixel((25, 25)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7\n",
        b"GIF89a" + b"\0" * 40,
        b"MZ" + b"\0" * 200,
    ],
)
def test_what_is_not_a_photo_is_refused_whatever_its_name(content):
    upload = io.BytesIO(content)
    upload.name = "photo.jpg"
    with pytest.raises(UnableToStore) as refusal:
        cleaned(upload)
    assert (refusal.value.code, refusal.value.field) == ("not_a_picture", "photo")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_that_arrived_in_part_is_refused(picture, form):
    content = picture(form=form).getvalue()
    with pytest.raises(UnableToStore) as refusal:
        cleaned(io.BytesIO(content[: len(content) // 2]))
    assert refusal.value.code == "damaged"


def test_a_file_over_the_limit_is_refused(picture, settings):
    settings.PHOTO_LIMITS = {"max_bytes": 2 * 1_048_576}
    upload = picture(form="PNG")
    upload.seek(0, io.SEEK_END)
    upload.write(b"\0" * (2 * 1_048_576))
    with pytest.raises(UnableToStore) as refusal:
        cleaned(upload)
    assert refusal.value.code == "too_large"
    assert "2" in str(refusal.value)


@pytest.mark.parametrize("size", [(9_000, 9_000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_from_its_header(size):
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    with pytest.raises(UnableToStore) as refusal:
        cleaned(io.BytesIO(bomb))
    assert refusal.value.code == "too_many_pixels"


def test_broken_bytes_anywhere_end_in_a_photo_or_a_refusal(picture):
    content = picture(size=(64, 48)).getvalue()

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, len(content) - 1), st.binary(min_size=1, max_size=8))
    def ends_well(position, junk):
        broken = io.BytesIO(content[:position] + junk + content[position + len(junk) :])
        # Any other error would fail the test.
        with contextlib.suppress(UnableToStore):
            assert opened(cleaned(broken).content).format == "JPEG"

    ends_well()

"""Pictures drawn for the tests, and a folder of their own to keep them in."""

import io

import pytest
from PIL import Image


@pytest.fixture
def files_dir(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_DIR.mkdir()
    return settings.FILES_DIR


@pytest.fixture
def picture():
    """A picture of the given size as an open file: top half red, bottom half blue."""

    def draw(size=(400, 300), form="JPEG", mode="RGB", **saving):
        image = Image.new(mode, size, "red" if mode != "L" else 200)
        image.paste("blue" if mode != "L" else 20, (0, size[1] // 2, *size))
        drawn = io.BytesIO()
        image.save(drawn, form, **saving)
        drawn.seek(0)
        return drawn

    return draw

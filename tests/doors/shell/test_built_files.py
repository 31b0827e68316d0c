"""The built files find each other under the names they are served by.

Django gives `wangge.js` a hash of its own when static files are collected; what Vite wrote inside must
lead to files that are there, and never to a second copy of the entry.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from wangge.doors.shell import assets

LEADS_TO = re.compile(
    r"""(?:from|import)\s*\(?\s*["'`](\.{1,2}/[^"'`$]+)["'`]|new\s+URL\(\s*["'`](\.{1,2}/[^"'`$]+)["'`]"""
)


@pytest.fixture
def collected(settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", verbosity=0, interactive=False)
    return tmp_path / "wangge"


def test_every_file_named_inside_is_there(collected: Path):
    scripts = sorted(collected.glob("**/*.js"))
    assert len(scripts) > 5
    followed = 0
    for script in scripts:
        for pair in LEADS_TO.findall(script.read_text(encoding="utf-8")):
            name = pair[0] or pair[1]
            target = (script.parent / name).resolve()
            assert target.exists(), f"{script.name} leads to {name}"
            assert target.name != "wangge.js", f"{script.name} would load the entry twice"
            followed += 1
    assert followed > 5


def test_pages_name_files_by_their_content(collected: Path):
    for name in ("wangge.css", "wangge.js", "icons.svg"):
        address = assets.asset(name)
        assert re.search(r"\.[0-9a-f]{12}\.", address), address
        assert (collected / Path(address).name).exists()


def test_a_page_before_the_first_collecting_is_unstyled_not_broken(settings, tmp_path: Path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    assert staticfiles_storage is not None
    assert assets.asset("wangge.css").endswith("/static/wangge/wangge.css")


def test_the_sprite_draws_every_icon_that_may_be_asked_for(collected: Path):
    sprite = (collected / "icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    assert drawn == assets.icon_names()

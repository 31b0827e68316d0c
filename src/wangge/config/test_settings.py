"""Settings of the test suite: the real ones, on an embedded server that runs while the tests do.

pytest reads settings before any conftest, so the server is brought up here.
"""

from __future__ import annotations

import atexit
import os
from contextlib import ExitStack
from pathlib import Path

from wangge.config import data_folder, embedded

if os.environ.get("WANGGE_TEST_DATA_DIR"):
    os.environ["WANGGE_DATA_DIR"] = os.environ["WANGGE_TEST_DATA_DIR"]
for outside in ("DATABASE_URL", "DATABASE_OWNER_URL", "WANGGE_DEMO", "WANGGE_SECRET_KEY"):
    os.environ.pop(outside, None)  # a developer's own database is no place for tests
os.environ["WANGGE_HTTPS"] = "0"  # a browser on loopback has no TLS
os.environ["WANGGE_SECRET_KEY"] = "signs nothing outside the tests"  # noqa: S105

_server = ExitStack()
_server.enter_context(embedded.held(data_folder.data_dir()))
atexit.register(_server.close)

from wangge.config.settings import *  # noqa: E402, F403
from wangge.config.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

TEST_DATABASE = os.environ.get("WANGGE_TEST_DATABASE", "wangge_test")
if _one_of_several := os.environ.get("PYTEST_XDIST_WORKER"):
    TEST_DATABASE += f"_{_one_of_several}"
for _database in DATABASES.values():
    _database["NAME"] = _database.setdefault("TEST", {})["NAME"] = TEST_DATABASE

TESTS_DIR: Path = DATA_DIR / "tests" / TEST_DATABASE
FILES_DIR = TESTS_DIR / "files"
SEALS_DIR = TESTS_DIR / "seals"
KEYS_FILE = TESTS_DIR / "keys.json"
STATIC_ROOT = TESTS_DIR / "static"
WHITENOISE_USE_FINDERS = True  # serve scripts and styles from where they are
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

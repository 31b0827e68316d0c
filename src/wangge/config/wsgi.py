"""The WSGI application served by granian (or any other WSGI server)."""

import contextlib
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.settings")
application = get_wsgi_application()

# What needs Django set up first.
from django.db import DatabaseError, InterfaceError  # noqa: E402

from wangge.territory import memory  # noqa: E402

# The first visitor should not wait for it; while the database is away, the first one after that does.
with contextlib.suppress(DatabaseError, InterfaceError):
    memory.warm()

"""Settings for tools that read code and touch no data: the type checker, makemigrations, catalogues.

What a deployment must provide is filled with stand-ins, so that these tools run in a fresh checkout.
"""

from __future__ import annotations

import os

os.environ.setdefault("WANGGE_SECRET_KEY", "stands in where nothing is ever signed")
os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

from wangge.config.settings import *  # noqa: F403

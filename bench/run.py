"""What `make bench` runs: each benchmark in a process of its own, one JSON line a figure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHES = ("grid_at", "lifecycle", "import_rows", "weight")


def main() -> None:
    for name in BENCHES:
        subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=True)


if __name__ == "__main__":
    main()

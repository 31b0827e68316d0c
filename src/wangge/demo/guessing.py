"""Which matter a message is probably about, by the words the catalogue gives. A desk would look again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from wangge.duties.models import Matter


class Guesser:
    """Compares texts with the keywords of matters; without any keyword, with pieces of their names."""

    def __init__(self, matters: Iterable[Matter]) -> None:
        self._matters = sorted(matters, key=lambda matter: matter.code)
        self._pieces = {
            matter.code: {piece for word in (matter.name, *matter.keywords) for piece in pieces_of(word)}
            for matter in self._matters
        }
        self._known_to = Counter(piece for found in self._pieces.values() for piece in found)

    def guess(self, text: str) -> Matter | None:
        """The matter most of whose keywords stand in the text, the longest weighing most; else the one
        whose name shares the rarest pieces with it; None where nothing is shared at all."""
        weights: dict[str, float] = {
            matter.code: sum(len(word) for word in matter.keywords if word in text)
            for matter in self._matters
        }
        if not any(weights.values()):
            there = pieces_of(text)
            weights = {
                code: sum(1 / self._known_to[piece] for piece in found & there)
                for code, found in self._pieces.items()
            }
        best = max(self._matters, key=lambda matter: weights[matter.code], default=None)
        return best if best is not None and weights[best.code] > 0 else None


def pieces_of(text: str) -> set[str]:
    """Every two neighbouring characters: short enough to be shared, long enough to mean something."""
    return {text[i : i + 2] for i in range(len(text) - 1)}

"""Draws the demo's land: towns of street blocks, divided into communities and grids. Pure and repeatable.

A town is a mesh of four-cornered blocks whose corners neighbours share, grown outward from its middle. Its
blocks are dealt out to the committees and then to their grids, so whatever is made of whole blocks fits
together without a gap or an overlap, exactly, also after rounding. Nothing here is a real street.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from wangge.territory.codes import Kind, grid_code, micro_grid_code, parse_code
from wangge.territory.geometry import PRECISION, anchor, metres_per_degree, reading_order

Block = tuple[int, int]

#: Grids whose anchors are less than this apart from north to south are numbered in one row.
ROW_M = 220.0


@dataclass(frozen=True)
class DemoGrid:
    """A grid, or with 17 digits a micro grid."""

    code: str
    kind: Kind
    shape: BaseGeometry
    households_count: int
    spot: tuple[float, float]
    """The middle of one of its blocks: where an estate stands."""


@dataclass(frozen=True)
class DemoCommunity:
    """A committee's land: the outline drawn from its blocks, and the grids drawn from the same blocks."""

    code: str
    outline: BaseGeometry
    grids: tuple[DemoGrid, ...]


class UnableToDraw(Exception):
    """The blocks could not be dealt out in connected pieces: the layout asks too much."""


@dataclass
class _Town:
    """The mesh of one settlement: corners in degrees, blocks that are built on."""

    corners: dict[Block, tuple[float, float]]
    blocks: set[Block] = field(default_factory=set)
    shapes: dict[Block, BaseGeometry] = field(default_factory=dict)

    def shape_of(self, block: Block) -> BaseGeometry:
        if block not in self.shapes:
            row, column = block
            ring = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
            self.shapes[block] = shapely.Polygon([self.corners[corner] for corner in ring])
        return self.shapes[block]

    def union_of(self, blocks: set[Block]) -> BaseGeometry:
        return shapely.union_all([self.shape_of(block) for block in sorted(blocks)])


def draw_communities(layout: Mapping[str, Any]) -> list[DemoCommunity]:
    """All communities of `data/territory/layout.toml`, in order of code."""
    drawn: list[DemoCommunity] = []
    for district in layout["district"]:
        for number, settlement in enumerate(district["settlement"]):
            # One stream of chance per settlement: a change in one place moves nothing elsewhere.
            chance = random.Random(f"{layout['seed']}/{district['code']}/{number}")  # noqa: S311
            drawn += _draw_settlement(chance, layout, district["seat"], settlement)
    return sorted(drawn, key=lambda community: community.code)


def _draw_settlement(
    chance: random.Random, layout: Mapping[str, Any], seat: Sequence[float], settlement: Mapping[str, Any]
) -> list[DemoCommunity]:
    mesh = layout["mesh"]
    wanted = {
        code: _block_counts(chance, mesh, code, *counts) for code, counts in settlement["committees"].items()
    }
    village = all(parse_code(code).kind == Kind.VILLAGE for code in wanted)
    size = (mesh["village_cell"],) * 2 if village else (mesh["cell_width"], mesh["cell_height"])
    total = sum(map(sum, wanted.values()))
    for _attempt in range(20):
        town = _lay_mesh(chance, total, size, mesh["jitter"], seat, settlement)
        town.blocks = _grow(chance, total)
        try:
            pieces = _deal_out(chance, town.blocks, [sum(counts) for counts in wanted.values()])
            dealt = [
                _deal_out(chance, piece, counts)
                for piece, counts in zip(pieces, wanted.values(), strict=True)
            ]
        except UnableToDraw:
            continue
        return [
            _draw_community(chance, layout, town, code, blocks, settlement["committees"][code][1])
            for code, blocks in zip(wanted, dealt, strict=True)
        ]
    raise UnableToDraw(f"no division found for {', '.join(wanted)}")


def _block_counts(
    chance: random.Random, mesh: Mapping[str, Any], code: str, grids: int, dedicated: int
) -> list[int]:
    """Blocks of each grid; those that will give up land to a dedicated grid get it on top."""
    low, high = mesh["village_cells" if parse_code(code).kind == Kind.VILLAGE else "basic_cells"]
    counts = [_between(chance, low, high) for _grid in range(grids)]
    for host in _hosts(grids, dedicated):
        counts[host] += 1
    return counts


def _hosts(grids: int, dedicated: int) -> list[int]:
    """Which grids give up a block: spread over the community, one each as long as there are enough."""
    return [number * grids // dedicated % grids for number in range(dedicated)]


def _draw_community(
    chance: random.Random,
    layout: Mapping[str, Any],
    town: _Town,
    code: str,
    dealt: list[set[Block]],
    dedicated: int,
) -> DemoCommunity:
    outline = town.union_of(set().union(*dealt))
    sites = [_cut_out(chance, dealt[host]) for host in _hosts(len(dealt), dedicated)]
    rural = parse_code(code).kind == Kind.VILLAGE
    people = layout["mesh"]["village_households" if rural else "households"]
    grids: list[DemoGrid] = []
    for sequence, blocks in enumerate(_numbered(town, dealt), start=1):
        grid = _grid(
            town,
            grid_code(code, sequence),
            Kind.RURAL if rural else Kind.BASIC,
            blocks,
            _between(chance, *people),
        )
        grids.append(grid)
        grids += _micro_grids(chance, town, grid, blocks, layout["micro_grids"].get(grid.code, 0))
    for sequence, blocks in enumerate(_numbered(town, sites), start=801):
        grids.append(_grid(town, grid_code(code, sequence), Kind.DEDICATED, blocks, 0))
    return DemoCommunity(code, outline, tuple(grids))


def _cut_out(chance: random.Random, host: set[Block]) -> set[Block]:
    """Take one block from a grid that hangs together without it: the site of a dedicated grid."""
    loose = [block for block in sorted(host) if _is_connected(host - {block})]
    site = loose[int(chance.random() * len(loose))]
    host.remove(site)
    return {site}


def _micro_grids(
    chance: random.Random, town: _Town, grid: DemoGrid, blocks: set[Block], number: int
) -> list[DemoGrid]:
    if not number:
        return []
    counts = [len(blocks) // number + (rest < len(blocks) % number) for rest in range(number)]
    return [
        _grid(town, micro_grid_code(grid.code, sequence), Kind.MICRO, piece, grid.households_count // number)
        for sequence, piece in enumerate(_numbered(town, _deal_out(chance, blocks, counts)), start=1)
    ]


def _numbered(town: _Town, pieces: list[set[Block]]) -> list[set[Block]]:
    points = [anchor(town.union_of(blocks)) for blocks in pieces]
    return [pieces[index] for index in reading_order(points, row_m=ROW_M)]


def _grid(town: _Town, code: str, kind: Kind, blocks: set[Block], households: int) -> DemoGrid:
    spot = anchor(town.shape_of(min(blocks)))
    return DemoGrid(code, kind, town.union_of(blocks), households, spot)


# --- the mesh -------------------------------------------------------------------------------------


def _lay_mesh(
    chance: random.Random,
    total: int,
    size: Sequence[float],
    jitter: float,
    seat: Sequence[float],
    settlement: Mapping[str, Any],
) -> _Town:
    """Corners of a bent, turned, uneven mesh with room for `total` blocks around (0, 0)."""
    reach = math.ceil(math.sqrt(total) * 0.95) + 4
    width, height = size
    columns = _uneven(chance, reach, width)
    rows = _uneven(chance, reach, height)
    turn = math.radians(settlement["turn"])
    bend = [(chance.random() * math.tau, 9 + 6 * chance.random()) for _axis in range(2)]
    lon_m, lat_m = metres_per_degree(seat[1])
    corners: dict[Block, tuple[float, float]] = {}
    for row in range(-reach, reach + 2):
        for column in range(-reach, reach + 2):
            x = columns[column] + width * (0.9 * math.sin(row / bend[0][1] * math.tau + bend[0][0]))
            y = rows[row] + height * (0.7 * math.sin(column / bend[1][1] * math.tau + bend[1][0]))
            x += width * jitter * (2 * chance.random() - 1)
            y += height * jitter * (2 * chance.random() - 1)
            east = settlement["at"][0] + x * math.cos(turn) - y * math.sin(turn)
            north = settlement["at"][1] + x * math.sin(turn) + y * math.cos(turn)
            corners[row, column] = (
                round(seat[0] + east / lon_m, PRECISION),
                round(seat[1] + north / lat_m, PRECISION),
            )
    return _Town(corners)


def _uneven(chance: random.Random, reach: int, step: float) -> dict[int, float]:
    """Positions of streets -reach..reach+1 with uneven steps, street 0 at 0."""
    positions = {0: 0.0}
    for number in range(1, reach + 2):
        positions[number] = positions[number - 1] + step * (0.75 + 0.5 * chance.random())
    for number in range(-1, -reach - 1, -1):
        positions[number] = positions[number + 1] - step * (0.75 + 0.5 * chance.random())
    return positions


def _grow(chance: random.Random, total: int) -> set[Block]:
    """A connected set of blocks without holes, wider here and narrower there."""
    waves = [(2 + wave, chance.random() * math.tau, 0.22 / (1 + wave)) for wave in range(3)]

    def farness(block: Block) -> float:
        row, column = block
        angle = math.atan2(row, column)
        swell = 1 + sum(size * math.sin(turns * angle + phase) for turns, phase, size in waves)
        return math.hypot(row, column) / swell + 0.3 * chance.random()

    blocks: set[Block] = set()
    edge = [(0.0, (0, 0))]
    seen = {(0, 0)}
    while len(blocks) < total:
        _far, block = heapq.heappop(edge)
        blocks.add(block)
        for neighbour in _neighbours(block):
            if neighbour not in seen:
                seen.add(neighbour)
                heapq.heappush(edge, (farness(neighbour), neighbour))
    return _without_holes(blocks)


def _without_holes(blocks: set[Block]) -> set[Block]:
    """Swap outermost blocks into the holes until there are none; the number of blocks stays."""
    while holes := _holes(blocks):
        for hole in sorted(holes):
            loose = [block for block in sorted(blocks) if _is_connected(blocks - {block}) and block != hole]
            blocks = (blocks - {max(loose, key=lambda block: (math.hypot(*block), block))}) | {hole}
    return blocks


def _holes(blocks: set[Block]) -> set[Block]:
    rows, columns = [row for row, _column in blocks], [column for _row, column in blocks]
    box = {
        (row, column)
        for row in range(min(rows) - 1, max(rows) + 2)
        for column in range(min(columns) - 1, max(columns) + 2)
    }
    outside, todo = set(), [(min(rows) - 1, min(columns) - 1)]
    while todo:
        block = todo.pop()
        if block in box and block not in blocks and block not in outside:
            outside.add(block)
            todo += _neighbours(block)
    return box - blocks - outside


# --- dealing out ----------------------------------------------------------------------------------


def _deal_out(chance: random.Random, blocks: set[Block], counts: Sequence[int]) -> list[set[Block]]:
    """Divide connected blocks into connected pieces of the given sizes, by straight cuts in two."""
    if len(counts) == 1:
        return [blocks]
    half, first = 0, 0
    while half < len(counts) - 1 and 2 * (first + counts[half]) <= sum(counts) + counts[half]:
        first += counts[half]
        half += 1
    half, first = (half, first) if half else (1, counts[0])
    for cut in _cuts(chance, blocks, first):
        try:
            one = _deal_out(chance, cut, counts[:half])
            return one + _deal_out(chance, blocks - cut, counts[half:])
        except UnableToDraw:
            continue
    raise UnableToDraw


def _cuts(chance: random.Random, blocks: set[Block], size: int) -> list[set[Block]]:
    """Up to three ways to cut off `size` blocks so that both pieces hang together, shortest cut first."""
    found: list[tuple[int, list[Block]]] = []
    for _attempt in range(8):
        angle = chance.random() * math.tau
        ordered = sorted(
            blocks,
            key=lambda block: (
                block[0] * math.sin(angle) + block[1] * math.cos(angle) + 0.4 * chance.random(),
                block,
            ),
        )
        piece = set(ordered[:size])
        if _is_connected(piece) and _is_connected(blocks - piece):
            rest = blocks - piece
            length = sum(neighbour in rest for block in piece for neighbour in _neighbours(block))
            found.append((length, sorted(piece)))
    return [set(piece) for _length, piece in sorted(found)[:3]]


def _neighbours(block: Block) -> tuple[Block, ...]:
    row, column = block
    return (row, column + 1), (row + 1, column), (row, column - 1), (row - 1, column)


def _is_connected(blocks: set[Block]) -> bool:
    if not blocks:
        return False
    todo = [min(blocks)]
    seen = set(todo)
    while todo:
        for neighbour in _neighbours(todo.pop()):
            if neighbour in blocks and neighbour not in seen:
                seen.add(neighbour)
                todo.append(neighbour)
    return len(seen) == len(blocks)


def _between(chance: random.Random, low: int, high: int) -> int:
    # random.random() alone is the same in every Python version.
    return low + int(chance.random() * (high - low + 1))

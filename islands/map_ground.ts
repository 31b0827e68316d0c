/**
 * The ground both maps draw on: grids as outlines with their names, no tiles, no glyph server, colours
 * from the page's own tokens. Coordinates are CGCS2000, for drawing the same as WGS 84.
 */
import type { FeatureCollection, Point, Polygon, MultiPolygon, Position } from "geojson";
import { Map as MapView, NavigationControl, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import "./map.css";
import { say } from "../frontend/words";

export interface GridProperties {
  code: string;
  name: string;
  name_en: string;
}
export type Grids = FeatureCollection<Polygon | MultiPolygon, GridProperties>;
export type Bounds = [[number, number], [number, number]];

setWorkerUrl(workerUrl);

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The property with a grid's name in the language of the page. */
export function nameField(): "name" | "name_en" {
  return document.documentElement.lang.startsWith("en") ? "name_en" : "name";
}

/** Names on the map follow the size of the page's type, up to where they would cover the grids. */
function labelSize(): number {
  return Math.min(24, 0.85 * parseFloat(getComputedStyle(document.documentElement).fontSize));
}

function outerRings(grid: Grids["features"][number]): Position[][] {
  const shapes = grid.geometry.type === "Polygon" ? [grid.geometry.coordinates] : grid.geometry.coordinates;
  return shapes.map((rings) => rings[0] ?? []);
}

/** Where a grid's name stands: the area's centre of its largest ring. */
function labelPoint(grid: Grids["features"][number]): Position {
  let best: Position = [0, 0];
  let bestArea = -1;
  for (const ring of outerRings(grid)) {
    let area = 0;
    let x = 0;
    let y = 0;
    for (let index = 0; index + 1 < ring.length; index += 1) {
      const [x1 = 0, y1 = 0] = ring[index] ?? [];
      const [x2 = 0, y2 = 0] = ring[index + 1] ?? [];
      const cross = x1 * y2 - x2 * y1;
      area += cross;
      x += (x1 + x2) * cross;
      y += (y1 + y2) * cross;
    }
    if (area !== 0 && Math.abs(area) > bestArea) {
      bestArea = Math.abs(area);
      best = [x / (3 * area), y / (3 * area)];
    }
  }
  return best;
}

function labelsOf(grids: Grids): FeatureCollection<Point, GridProperties> {
  return {
    type: "FeatureCollection",
    features: grids.features.map((grid) => ({
      type: "Feature",
      properties: grid.properties,
      geometry: { type: "Point", coordinates: labelPoint(grid) },
    })),
  };
}

export function boundsOf(grids: Grids): Bounds | null {
  let west = Infinity;
  let south = Infinity;
  let east = -Infinity;
  let north = -Infinity;
  for (const grid of grids.features) {
    for (const [x = 0, y = 0] of outerRings(grid).flat()) {
      west = Math.min(west, x);
      east = Math.max(east, x);
      south = Math.min(south, y);
      north = Math.max(north, y);
    }
  }
  return west > east
    ? null
    : [
        [west, south],
        [east, north],
      ];
}

function styleFor(grids: Grids): StyleSpecification {
  return {
    version: 8,
    sources: {
      grids: { type: "geojson", data: grids, promoteId: "code" },
      names: { type: "geojson", data: labelsOf(grids) },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": token("sunken") } },
      { id: "grids", type: "fill", source: "grids", paint: { "fill-color": token("paper") } },
      {
        id: "chosen",
        type: "fill",
        source: "grids",
        filter: ["==", ["get", "code"], ""],
        paint: { "fill-color": token("chosen") },
      },
      {
        id: "borders",
        type: "line",
        source: "grids",
        paint: { "line-color": token("line-strong"), "line-width": 1 },
      },
      {
        id: "chosen-border",
        type: "line",
        source: "grids",
        filter: ["==", ["get", "code"], ""],
        paint: { "line-color": token("accent"), "line-width": 3 },
      },
      {
        id: "names",
        type: "symbol",
        source: "names",
        // Further out the names of a whole district would lie on one another.
        minzoom: 11.5,
        layout: {
          "text-field": ["get", nameField()],
          "text-size": labelSize(),
          "text-max-width": 7,
          "text-padding": 4,
        },
        paint: {
          "text-color": token("ink"),
          "text-halo-color": token("paper"),
          "text-halo-width": 1.5,
        },
      },
    ],
  };
}

export async function fetchGrids(url: string): Promise<Grids> {
  const answer = await fetch(url, { headers: { Accept: "application/geo+json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as Grids;
}

/** Draws the grids into `place`. When this browser cannot draw, says so there and throws. */
export function drawGrids(place: HTMLElement, grids: Grids): MapView {
  try {
    const map = new MapView({
      container: place,
      style: styleFor(grids),
      localIdeographFontFamily: token("font"),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxZoom: 19,
      locale: {
        "NavigationControl.ZoomIn": say("zoom_in"),
        "NavigationControl.ZoomOut": say("zoom_out"),
        "Map.Title": say("map_title"),
      },
    });
    map.touchZoomRotate.disableRotation();
    map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    const bounds = boundsOf(grids);
    if (bounds !== null) map.fitBounds(bounds, { padding: 24, animate: false });
    return map;
  } catch (error) {
    place.textContent = say("map_failed");
    place.classList.remove("map");
    throw error;
  }
}

export function showChosen(map: MapView, code: string): void {
  map.setFilter("chosen", ["==", ["get", "code"], code]);
  map.setFilter("chosen-border", ["==", ["get", "code"], code]);
}

export function pinElement(): HTMLElement {
  const pin = document.createElement("div");
  pin.className = "map-pin";
  return pin;
}

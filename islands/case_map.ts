/** Where a case is: its grid and, if there is one, its point. To look at, not to change. */
import { Marker } from "maplibre-gl";
import { optionsOf } from "../frontend/options";
import { say } from "../frontend/words";
import { boundsOf, drawGrids, fetchGrids, pinElement, showChosen } from "./map_ground";

interface Options {
  grids: string;
  /** Code of the case's grid. */
  grid: string;
  lon: number;
  lat: number;
}

export default async function mount(element: HTMLElement): Promise<void> {
  const options = optionsOf<Options>(element);
  if (!options.grids) return;
  element.hidden = false;
  let grids;
  try {
    grids = await fetchGrids(options.grids);
  } catch {
    element.classList.remove("map", "map-small");
    element.textContent = say("map_failed");
    return;
  }
  const map = drawGrids(element, grids);
  const own = grids.features.filter((grid) => grid.properties.code === options.grid);
  const bounds = boundsOf({ type: "FeatureCollection", features: own });
  if (bounds !== null) map.fitBounds(bounds, { padding: 48, animate: false, maxZoom: 16 });
  map.once("load", () => showChosen(map, options.grid ?? ""));
  if (options.lon !== undefined && options.lat !== undefined) {
    new Marker({ element: pinElement(), anchor: "bottom" }).setLngLat([options.lon, options.lat]).addTo(map);
  }
  map.once("idle", () => {
    element.dataset["map"] = "idle";
  });
}

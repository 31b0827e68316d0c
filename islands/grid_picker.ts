/**
 * Choosing the place of a request on a map. Writes longitude, latitude and (if asked) the grid's code
 * into hidden inputs and lets them say `change`. Where it cannot run, the field for words does the job.
 */
import { LngLat, Marker } from "maplibre-gl";
import { named, optionsOf } from "../frontend/options";
import { say } from "../frontend/words";
import { drawGrids, fetchGrids, nameField, pinElement, showChosen } from "./map_ground";

interface Options {
  /** Address of a GeoJSON FeatureCollection of grids with `code`, `name` and `name_en`. */
  grids: string;
  /** Ids of the inputs to fill. */
  lon: string;
  lat: string;
  grid: string;
  /** Offer the phone's own position. */
  locate: boolean;
}

function fill(input: HTMLInputElement | null, value: string): void {
  if (input === null || input.value === value) return;
  input.value = value;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export default async function mount(element: HTMLElement): Promise<void> {
  const options = optionsOf<Options>(element);
  const lon = named<HTMLInputElement>(options.lon);
  const lat = named<HTMLInputElement>(options.lat);
  const grid = named<HTMLInputElement>(options.grid);
  const place = element.querySelector<HTMLElement>(".map");
  const says = element.querySelector<HTMLElement>(".map-says");
  if (place === null || says === null || lon === null || lat === null || !options.grids) return;

  element.hidden = false;
  says.textContent = say("map_loading");
  let grids;
  try {
    grids = await fetchGrids(options.grids);
  } catch {
    place.remove();
    says.textContent = say("map_failed");
    return;
  }
  const map = drawGrids(place, grids);
  const marker = new Marker({ element: pinElement(), anchor: "bottom", draggable: true });
  says.textContent = say("map_choose");

  // Hidden inputs do not empty themselves with their form.
  lon.form?.addEventListener("reset", () => {
    marker.remove();
    showChosen(map, "");
    for (const input of [lon, lat, grid]) if (input !== null) input.value = "";
    says.textContent = say("map_choose");
  });

  const choose = (at: LngLat): void => {
    marker.setLngLat(at).addTo(map);
    const [found] = map.queryRenderedFeatures(map.project(at), { layers: ["grids"] });
    const code = String(found?.properties["code"] ?? "");
    showChosen(map, code);
    fill(lon, at.lng.toFixed(6));
    fill(lat, at.lat.toFixed(6));
    fill(grid, code);
    says.textContent = code
      ? say("map_chosen", { grid: String(found?.properties[nameField()] ?? code) })
      : say("map_outside");
  };

  map.on("click", (event) => choose(event.lngLat));
  marker.on("dragend", () => choose(marker.getLngLat()));
  // With the keyboard: arrows move the map under the cross, Enter takes the point under it.
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      choose(map.getCenter());
    }
  });

  map.once("idle", () => {
    element.dataset["map"] = "idle";
    if (lon.value !== "" && lat.value !== "") choose(new LngLat(Number(lon.value), Number(lat.value)));
  });

  const locate = element.querySelector<HTMLButtonElement>("[data-locate]");
  if (locate !== null && options.locate === true && "geolocation" in navigator) {
    locate.hidden = false;
    locate.addEventListener("click", () => {
      says.textContent = say("locating");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const at = new LngLat(coords.longitude, coords.latitude);
          map.jumpTo({ center: at, zoom: 16 });
          map.once("idle", () => choose(at));
        },
        () => {
          says.textContent = say("locating_failed");
        },
        { enableHighAccuracy: true, timeout: 10_000 },
      );
    });
  }
}

/**
 * Finds elements with `data-island` and wakes the island of that name, once, loading its file only
 * then. The element without its island is a working piece of HTML.
 */

export type Mount = (element: HTMLElement) => void | Promise<void>;
type Loader = () => Promise<{ default: Mount }>;

const islands: Record<string, Loader> = {
  "grid-picker": () => import("../islands/grid_picker"),
  "case-map": () => import("../islands/case_map"),
  "photo-pick": () => import("../islands/photo_pick"),
  drafts: () => import("../islands/drafts"),
  copy: () => import("../islands/copy"),
  idle: () => import("../islands/idle"),
};

const awake = new WeakSet<Element>();

async function wake(element: HTMLElement): Promise<void> {
  const name = element.dataset["island"] ?? "";
  const load = islands[name];
  if (load === undefined || awake.has(element)) return;
  const folded = element.closest<HTMLDetailsElement>("details:not([open])");
  if (folded !== null) {
    // Nobody asked for it yet: a map is not fetched over a phone's line for nothing.
    folded.addEventListener("toggle", () => void wake(element), { once: true });
    return;
  }
  awake.add(element);
  try {
    await (await load()).default(element);
    element.dataset["awake"] = "yes";
  } catch (error) {
    // The page stays usable; whoever looks after it finds the reason in the console.
    element.dataset["awake"] = "failed";
    console.error(`island ${name}`, error);
  }
}

export function wakeIslands(within: ParentNode = document): void {
  for (const element of within.querySelectorAll<HTMLElement>("[data-island]")) void wake(element);
}

/** What every page runs: fragments, forms, keys, and the islands it holds. */
import { watchForms } from "./forms";
import { startFragments } from "./fragments";
import { wakeIslands } from "./islands";
import { watchShortcuts } from "./shortcuts";

startFragments();
watchForms();
watchShortcuts();
wakeIslands();

/** A menu opened under a word closes when the person goes elsewhere. */
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll<HTMLDetailsElement>("details.drop[open]")) {
    if (!open.contains(event.target as Node)) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector<HTMLDetailsElement>("details.drop[open]");
  if (open === null) return;
  open.open = false;
  open.querySelector("summary")?.focus();
});
document.documentElement.dataset["script"] = "on";

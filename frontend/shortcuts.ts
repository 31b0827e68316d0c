/**
 * Keys for people who work here all day. An element says its own: `data-shortcut="g q"`. `?` lists
 * them; the list has the switch that turns them off (WCAG 2.1.4).
 */
import { ask } from "./dialogs";
import { say } from "./words";

const OFF = "wangge-shortcuts-off";
let before = "";
let since = 0;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}

function labelOf(element: HTMLElement): string {
  return element.dataset["shortcutLabel"] ?? element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
}

function use(element: HTMLElement): void {
  if (element.matches("input, textarea, select")) {
    element.focus();
    if (element instanceof HTMLInputElement) element.select();
  } else element.click();
}

function isOff(): boolean {
  return localStorage.getItem(OFF) !== null;
}

async function showList(): Promise<void> {
  const list = document.createElement("dl");
  list.className = "shortcut-list";
  const seen = new Set<string>();
  const rows: [string, string][] = [["?", say("shortcuts_title")]];
  for (const element of document.querySelectorAll<HTMLElement>("[data-shortcut]")) {
    const keys = element.dataset["shortcut"] ?? "";
    if (!seen.has(keys)) rows.push([keys, labelOf(element)]);
    seen.add(keys);
  }
  for (const [keys, label] of rows) {
    const term = document.createElement("dt");
    keys.split(" ").forEach((key, index) => {
      if (index > 0) term.append(" ");
      const cap = document.createElement("kbd");
      cap.textContent = key;
      term.append(cap);
    });
    const meaning = document.createElement("dd");
    meaning.textContent = label;
    list.append(term, meaning);
  }
  const off = isOff();
  const change = await ask(say("shortcuts_title"), list, say(off ? "shortcuts_on" : "shortcuts_off"), say("close"));
  if (!change) return;
  if (off) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") !== null) return;
  if (event.key === "?") {
    event.preventDefault();
    void showList();
    return;
  }
  if (isOff() || event.key.length !== 1) return;
  const keys = event.timeStamp - since < 1200 && before !== "" ? `${before} ${event.key}` : event.key;
  before = event.key;
  since = event.timeStamp;
  const element =
    document.querySelector<HTMLElement>(`[data-shortcut="${CSS.escape(keys)}"]`) ??
    document.querySelector<HTMLElement>(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (element === null) return;
  event.preventDefault();
  before = "";
  use(element);
}

export function watchShortcuts(): void {
  document.addEventListener("keydown", onKey);
  for (const opener of document.querySelectorAll<HTMLElement>("[data-opens-shortcuts]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => void showList());
  }
}

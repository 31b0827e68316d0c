/**
 * Tells a member of staff, two minutes ahead, that idle time is about to end the session. The server
 * ends it; this only warns, and asks the server before it believes itself. Every tab of the browser
 * counts: the last use is shared through localStorage.
 */
import { ask } from "../frontend/dialogs";
import { optionsOf } from "../frontend/options";
import { say } from "../frontend/words";

interface Options {
  minutes: number;
  /** POST here to stay signed in; answers 204, or 401 when the session is over. */
  stay: string;
  login: string;
}

const SEEN = "wangge-seen";
const WARN_BEFORE = 2 * 60_000;

export default function mount(element: HTMLElement): void {
  const { minutes = 15, stay = "/stay", login = "/login" } = optionsOf<Options>(element);
  const token = element.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const limit = minutes * 60_000;
  let asking = false;

  const used = (): void => localStorage.setItem(SEEN, String(Date.now()));
  const idleFor = (): number => Date.now() - Number(localStorage.getItem(SEEN) ?? Date.now());

  const leave = (): void => {
    location.href = `${login}?next=${encodeURIComponent(location.pathname + location.search)}`;
  };
  const touch = async (): Promise<void> => {
    const answer = await fetch(stay, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => null);
    if (answer === null) return;
    if (answer.ok) used();
    else leave();
  };
  const look = async (): Promise<void> => {
    const idle = idleFor();
    if (idle >= limit + 5000) {
      leave();
      return;
    }
    if (idle >= limit - WARN_BEFORE && !asking) {
      asking = true;
      const stays = await ask(say("idle_title"), say("idle_text"), say("idle_stay"), "");
      asking = false;
      if (stays || idleFor() < limit) await touch();
    }
  };

  used();
  document.addEventListener("htmx:after:request", used);
  window.setInterval(() => void look(), 15_000);
  // A laptop that slept shows its page again long after the session ended.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void look();
  });
}

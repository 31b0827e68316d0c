/**
 * Reports written where there is no signal. What is sent from the form is first put down on this phone
 * under its own client key, then sent; it leaves the phone when the server has answered. The server takes
 * a key once, so sending again after a lost answer makes no second case.
 *
 * Around a form it does all of this; beside a form with nothing but a token it only sends what waits; on
 * the page for no connection, which has no token, it only puts down.
 */
import { optionsOf } from "../frontend/options";
import { say } from "../frontend/words";
import { dropPhotos, keepPhotos, photosOf, type Photo } from "./draft_photos";

interface Options {
  /** Whose drafts these are: an opaque number. Another person on this phone never sends them. */
  owner: string;
  /** Name of the hidden field that holds the client key. */
  key: string;
  /** Address of the sign-in page, to notice that the session has ended. */
  login: string;
  /** Address that signs out: from then on nobody's reports are written here. */
  logout: string;
  /** Address of the service worker that opens the page without a connection. */
  worker: string;
}
interface Draft {
  key: string;
  owner: string;
  action: string;
  fields: [string, string][];
  savedAt: string;
  /** Set when the server refused it; a person has to look. */
  refused?: boolean;
}
type Outcome = "sent" | "refused" | "signed_out" | "expired" | "offline";
interface Answer {
  outcome: Outcome;
  /** Where the server leads to. */
  to: string;
}

const STORE = "wangge-drafts";
/** Who last used this phone: the page for no connection cannot know it otherwise. */
const OWNER = "wangge-drafts-owner";
const TOKEN = "csrfmiddlewaretoken";
const LONGEST_WAIT = 90_000;
const TRY_AGAIN = 20_000;

function kept(): Draft[] {
  return JSON.parse(localStorage.getItem(STORE) ?? "[]") as Draft[];
}
function keep(drafts: Draft[]): void {
  if (drafts.length === 0) localStorage.removeItem(STORE);
  else localStorage.setItem(STORE, JSON.stringify(drafts));
}
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default function mount(element: HTMLElement): void {
  const options = optionsOf<Options>(element);
  const { key: keyName = "client_key", login = "/login", logout = "", worker = "" } = options;
  const form = element.querySelector<HTMLFormElement>("form");
  const line = element.querySelector<HTMLElement>(".drafts-line");
  if (form === null || line === null) return;
  if (options.owner) localStorage.setItem(OWNER, options.owner);
  const owner = options.owner ?? localStorage.getItem(OWNER) ?? "";
  const token = (): string => String(new FormData(form).get(TOKEN) ?? "");
  const maySend = token() !== "";

  const keyInput = form.elements.namedItem(keyName);
  const renewKey = (): void => {
    if (keyInput instanceof HTMLInputElement) keyInput.value = newKey();
  };
  // A page out of the cache is the same every time; its reports are not.
  if (keyInput instanceof HTMLInputElement && keyInput.value === "") renewKey();

  const mine = (): Draft[] => kept().filter((draft) => draft.owner === owner);
  const forget = async (key: string): Promise<void> => {
    keep(kept().filter((other) => other.key !== key));
    await dropPhotos(key);
  };

  // --- what the line says ---

  const show = (tone: string, sentence: string): void => {
    line.hidden = sentence === "";
    line.dataset["tone"] = tone;
    line.textContent = sentence;
  };
  /** The button stands at the end of a long form, the line at its head. */
  const lookAtLine = (): void => line.scrollIntoView({ block: "center" });
  const showCount = (): void => {
    const waiting = mine();
    const refused = waiting.filter((draft) => draft.refused);
    if (waiting.length === 0) show("info", navigator.onLine ? "" : say("drafts_offline"));
    else if (refused.length > 0) show("bad", say("drafts_refused", { count: refused.length }));
    else show("warn", say("drafts_waiting", { count: waiting.length }));
    const [first] = refused;
    if (first === undefined) return;
    if (keyInput === null) line.append(link(say("drafts_open"), first.action));
    else line.append(button(say("drafts_open"), () => void reopen(first)));
    line.append(button(say("drafts_discard"), () => void forget(first.key).then(showCount)));
  };
  const button = (words: string, press: () => void): HTMLButtonElement => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button button-small";
    made.textContent = words;
    made.addEventListener("click", press);
    return made;
  };
  const link = (words: string, to: string): HTMLAnchorElement => {
    const made = document.createElement("a");
    made.className = "button button-small";
    made.href = to;
    made.textContent = words;
    return made;
  };

  // --- putting down and taking up ---

  const putDown = async (): Promise<{ draft: Draft; whole: boolean }> => {
    const fields: [string, string][] = [];
    const photos: Photo[] = [];
    let key = "";
    for (const [name, value] of new FormData(form)) {
      if (name === keyName) key = String(value);
      if (typeof value !== "string") {
        if (value.size > 0) photos.push([name, value]);
      } else if (name !== TOKEN) fields.push([name, value]);
    }
    const draft: Draft = { key, owner, action: form.action, fields, savedAt: new Date().toISOString() };
    const whole = await keepPhotos(key, photos);
    keep([...kept().filter((other) => other.key !== key), draft]);
    return { draft, whole };
  };

  /**
   * The form is free for another report, which must not travel under the key just kept. Not only reset: a
   * form that had come back with errors would fill itself with the old report again.
   */
  const empty = (): void => {
    form.reset();
    for (const input of form.elements) {
      if (input instanceof HTMLInputElement && (input.type === "radio" || input.type === "checkbox")) {
        input.checked = false;
      } else if (
        (input instanceof HTMLInputElement && input.name !== TOKEN) ||
        input instanceof HTMLTextAreaElement
      ) {
        input.value = "";
      }
    }
    for (const old of form.querySelectorAll(".error-summary, .field-error, [data-of-one-report]")) old.remove();
    for (const wrong of form.querySelectorAll(".field-invalid")) wrong.classList.remove("field-invalid");
    for (const wrong of form.querySelectorAll("[aria-invalid]")) wrong.removeAttribute("aria-invalid");
    renewKey();
  };

  const reopen = async (draft: Draft): Promise<void> => {
    for (const [name, value] of draft.fields) {
      const input = form.elements.namedItem(name);
      if (input instanceof RadioNodeList) input.value = value;
      else if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = true;
      else if (input instanceof HTMLInputElement && input.type !== "file") input.value = value;
      else if (input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement) input.value = value;
    }
    for (const details of form.querySelectorAll("details")) details.open = true;
    const chosen = new Map<HTMLInputElement, DataTransfer>();
    for (const [name, file] of await photosOf(draft.key)) {
      const input = form.elements.namedItem(name);
      if (!(input instanceof HTMLInputElement)) continue;
      const files = chosen.get(input) ?? new DataTransfer();
      files.items.add(file);
      chosen.set(input, files);
    }
    for (const [input, files] of chosen) {
      input.files = files.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    await forget(draft.key);
    showCount();
  };

  // --- sending ---

  const send = async (draft: Draft, background: boolean): Promise<Answer> => {
    const body = new FormData();
    for (const [name, value] of draft.fields) body.append(name, value);
    for (const [name, file] of await photosOf(draft.key)) body.append(name, file, file.name);
    body.append(TOKEN, token());
    // As htmx asks, so that the server names the next page and the sentence for it is not used up here.
    const headers: Record<string, string> = { "HX-Request": "true", "HX-Current-URL": location.href };
    if (background) headers["X-Background"] = "1";
    try {
      const answer = await fetch(draft.action, {
        method: "POST",
        body,
        headers,
        signal: AbortSignal.timeout(LONGEST_WAIT),
      });
      const to = new URL(answer.headers.get("HX-Redirect") ?? answer.url, location.href);
      if (to.pathname.startsWith(login)) return { outcome: "signed_out", to: to.href };
      if (answer.ok) return { outcome: "sent", to: to.href };
      if (answer.status >= 500 || answer.status === 429) return { outcome: "offline", to: "" };
      return { outcome: answer.status === 403 ? "expired" : "refused", to: "" };
    } catch {
      return { outcome: "offline", to: "" };
    }
  };

  let sending = false;
  const sendAll = async (): Promise<void> => {
    if (sending || !maySend || !navigator.onLine) return;
    sending = true;
    let sent = 0;
    let last = "";
    try {
      for (const draft of mine().filter((one) => !one.refused)) {
        show("info", say("drafts_sending"));
        const { outcome, to } = await send(draft, true);
        if (outcome === "offline") break;
        if (outcome === "signed_out") {
          show("warn", say("drafts_sign_in"));
          return;
        }
        if (outcome === "sent") {
          await forget(draft.key);
          sent += 1;
          last = to;
        } else keep(kept().map((other) => (other.key === draft.key ? { ...other, refused: true } : other)));
      }
    } finally {
      sending = false;
    }
    if (sent > 0 && mine().length === 0) {
      show("good", say("drafts_sent", { count: sent }));
      line.append(link(say("drafts_see"), last));
    } else showCount();
  };

  /** Put down first, so that nothing is lost whatever happens on the way. */
  const sendNow = async (): Promise<void> => {
    const { draft, whole } = await putDown();
    if (maySend && navigator.onLine) {
      show("info", say("drafts_sending"));
      lookAtLine();
      const { outcome, to } = await send(draft, false);
      if (outcome === "sent") {
        await forget(draft.key);
        location.assign(to);
        return;
      }
      if (outcome === "refused") {
        // The server's own page says what to mend, with everything still in the form.
        await forget(draft.key);
        form.submit();
        return;
      }
      if (outcome === "signed_out" || outcome === "expired") {
        location.assign(to || draft.action);
        return;
      }
    }
    empty();
    showCount();
    lookAtLine();
    if (!whole) line.append(` ${say("drafts_without_photos")}`);
    if (!maySend && navigator.onLine) location.assign(draft.action);
  };

  if (keyInput !== null) {
    let busy = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      void sendNow().finally(() => {
        busy = false;
      });
    });
  }
  if (logout) {
    document.addEventListener("submit", (event) => {
      if ((event.target as HTMLFormElement).action.endsWith(logout)) localStorage.removeItem(OWNER);
    });
  }
  window.addEventListener("online", () => {
    showCount();
    void sendAll();
  });
  window.addEventListener("offline", showCount);
  window.setInterval(() => {
    if (mine().some((draft) => !draft.refused)) void sendAll();
  }, TRY_AGAIN);
  showCount();
  void sendAll();
  if (worker && "serviceWorker" in navigator) void navigator.serviceWorker.register(worker);
}

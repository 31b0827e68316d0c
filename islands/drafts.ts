/**
 * Reports written where there is no signal. Around a form: when it cannot be sent, it is kept on this
 * phone under its own client key and sent when the line is back. The server takes the same key once, so
 * sending twice makes one case. Photos are too large to keep; the line says so.
 */
import { optionsOf } from "../frontend/options";
import { say } from "../frontend/words";

interface Options {
  /** Whose drafts these are: an opaque number. Another person on this phone never sends them. */
  owner: string;
  /** Name of the hidden field that holds the client key. */
  key: string;
  /** Address of the sign-in page, to notice that the session has ended. */
  login: string;
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
type Outcome = "sent" | "refused" | "signed_out" | "offline";

const STORE = "wangge-drafts";

function kept(): Draft[] {
  return JSON.parse(localStorage.getItem(STORE) ?? "[]") as Draft[];
}
function keep(drafts: Draft[]): void {
  if (drafts.length === 0) localStorage.removeItem(STORE);
  else localStorage.setItem(STORE, JSON.stringify(drafts));
}

export default function mount(element: HTMLElement): void {
  const { owner = "", key: keyName = "client_key", login = "/login" } = optionsOf<Options>(element);
  const form = element.querySelector<HTMLFormElement>("form");
  const line = element.querySelector<HTMLElement>(".drafts-line");
  if (form === null || line === null) return;

  const mine = (): Draft[] => kept().filter((draft) => draft.owner === owner);
  const show = (tone: string, sentence: string): void => {
    line.hidden = sentence === "";
    line.dataset["tone"] = tone;
    line.textContent = sentence;
  };
  const showCount = (): void => {
    const waiting = mine();
    const refused = waiting.filter((draft) => draft.refused).length;
    if (waiting.length === 0) show("info", navigator.onLine ? "" : say("drafts_offline"));
    else if (refused > 0) show("bad", say("drafts_refused", { count: refused }));
    else show("warn", say("drafts_waiting", { count: waiting.length }));
    for (const draft of waiting.filter((one) => one.refused)) {
      const open = document.createElement("button");
      open.type = "button";
      open.className = "button button-small";
      open.textContent = say("drafts_open");
      open.addEventListener("click", () => reopen(draft));
      line.append(open);
      break;
    }
  };

  const reopen = (draft: Draft): void => {
    for (const [name, value] of draft.fields) {
      const input = form.elements.namedItem(name);
      if (name === "csrfmiddlewaretoken") continue;
      if (input instanceof RadioNodeList) input.value = value;
      else if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = true;
      else if (input instanceof HTMLInputElement && input.type !== "file") input.value = value;
      else if (input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement) input.value = value;
    }
    keep(kept().filter((other) => other.key !== draft.key));
    showCount();
  };

  const store = (): void => {
    const fields: [string, string][] = [];
    let key = "";
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== "string" || name === "csrfmiddlewaretoken") continue;
      if (name === keyName) key = value;
      fields.push([name, value]);
    }
    const draft: Draft = { key, owner, action: form.action, fields, savedAt: new Date().toISOString() };
    keep([...kept().filter((other) => other.key !== key), draft]);
    form.reset();
    // The next report is another one: it must not travel under the key just kept.
    const input = form.elements.namedItem(keyName);
    if (input instanceof HTMLInputElement) input.value = crypto.randomUUID();
    showCount();
  };

  const send = async (draft: Draft): Promise<Outcome> => {
    const body = new FormData();
    for (const [name, value] of draft.fields) body.append(name, value);
    body.append("csrfmiddlewaretoken", String(new FormData(form).get("csrfmiddlewaretoken") ?? ""));
    try {
      const answer = await fetch(draft.action, { method: "POST", body, credentials: "same-origin" });
      if (new URL(answer.url).pathname.startsWith(login)) return "signed_out";
      if (answer.ok) return "sent";
      return answer.status >= 500 || answer.status === 429 ? "offline" : "refused";
    } catch {
      return "offline";
    }
  };

  let sending = false;
  const sendAll = async (): Promise<void> => {
    if (sending || !navigator.onLine) return;
    sending = true;
    let sent = 0;
    for (const draft of mine().filter((one) => !one.refused)) {
      show("info", say("drafts_sending"));
      const outcome = await send(draft);
      if (outcome === "offline") break;
      if (outcome === "signed_out") {
        show("warn", say("drafts_sign_in"));
        sending = false;
        return;
      }
      if (outcome === "sent") sent += 1;
      keep(
        kept().flatMap((other) =>
          other.key !== draft.key ? [other] : outcome === "sent" ? [] : [{ ...other, refused: true }],
        ),
      );
    }
    sending = false;
    if (sent > 0 && mine().length === 0) show("good", say("drafts_sent", { count: sent }));
    else showCount();
  };

  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    store();
  });
  window.addEventListener("online", () => void sendAll());
  window.addEventListener("offline", showCount);
  showCount();
  void sendAll();
}

/** Dialogs made of the page's own <dialog>: to ask once more, to show a list. */
import { say } from "./words";

function button(text: string, kind: string, value: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.className = `button ${kind}`;
  made.textContent = text;
  made.value = value;
  return made;
}

/** Shows `body` under `title`; resolves with true when the first button was pressed. */
export function ask(title: string, body: Node | string, yes: string, no: string, danger = false): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = document.createElement("h2");
  heading.id = "dialog-title";
  heading.textContent = title;
  dialog.setAttribute("aria-labelledby", heading.id);
  const content = document.createElement("div");
  content.append(body);
  const actions = document.createElement("div");
  actions.className = "form-actions";
  if (no !== "") actions.append(button(no, "", "no"));
  actions.append(button(yes, danger ? "button-danger" : "button-primary", "yes"));
  form.append(heading, content, actions);
  dialog.append(form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    dialog.showModal();
  });
}

/** Asks before an act that cannot be taken back. */
export function confirmAct(sentence: string, yes?: string, danger = false): Promise<boolean> {
  return ask(say("confirm_title"), sentence, yes ?? say("confirm_yes"), say("confirm_no"), danger);
}

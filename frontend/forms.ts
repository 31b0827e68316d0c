/** Plain forms: ask first where `data-confirm` says so, and send once however often it is pressed. */
import { confirmAct } from "./dialogs";

const confirmed = new WeakSet<HTMLFormElement>();

function onSubmit(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
  const submitter = event.submitter;
  const sentence = submitter?.dataset["confirm"] ?? form.dataset["confirm"];
  if (sentence && !confirmed.has(form)) {
    event.preventDefault();
    const danger = submitter?.classList.contains("button-danger") ?? false;
    void confirmAct(sentence, submitter?.textContent?.trim(), danger).then((yes) => {
      if (!yes) return;
      confirmed.add(form);
      form.requestSubmit(submitter);
    });
    return;
  }
  confirmed.delete(form);
  if (form.method !== "post" || hasHtmx(form)) return;
  if (form.dataset["sending"] !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset["sending"] = "";
  window.setTimeout(() => delete form.dataset["sending"], 8000);
}

function hasHtmx(form: HTMLFormElement): boolean {
  return form.hasAttribute("hx-post") || form.hasAttribute("hx-get");
}

export function watchForms(): void {
  // After every other listener, so that an island that takes the form over is respected.
  window.addEventListener("submit", onSubmit);
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sending]")) {
      delete form.dataset["sending"];
    }
  });
}

/**
 * htmx under a strict content security policy: it fetches pieces and swaps them, and evaluates
 * nothing. Its settings stand in the page's <meta name="htmx-config">.
 */
import htmx from "htmx.org";
import { confirmAct } from "./dialogs";
import { wakeIslands } from "./islands";
import { toast } from "./toast";
import { say } from "./words";

interface Internals {
  initSecurity(policy: unknown, sync: unknown, async: unknown): void;
}

/** Stands where htmx keeps `Function`: the policy forbids evaluation, and so do we, with a reason. */
function refuse(): never {
  throw new Error("Pages carry no code in attributes: js:, hx-on and trigger filters are refused.");
}

let underWay = 0;

function busy(change: 1 | -1): void {
  underWay = Math.max(0, underWay + change);
  document.documentElement.toggleAttribute("data-busy", underWay > 0);
}

export function startFragments(): void {
  htmx.registerExtension("no-eval", {
    init: (internals: unknown) => (internals as Internals).initSecurity(undefined, refuse, refuse),
  });
  document.addEventListener("htmx:before:request", () => busy(1));
  document.addEventListener("htmx:finally:request", () => busy(-1));
  document.addEventListener("htmx:error", () => toast(say("network_failed")));
  document.addEventListener("htmx:after:swap", () => wakeIslands());
  document.addEventListener("htmx:confirm", (event) => {
    const { ctx, issueRequest, dropRequest } = (event as CustomEvent).detail as {
      ctx: { confirm: string; sourceElement: HTMLElement };
      issueRequest: () => void;
      dropRequest: () => void;
    };
    event.preventDefault();
    const danger = ctx.sourceElement.classList.contains("button-danger");
    void confirmAct(ctx.confirm, undefined, danger).then((yes) => (yes ? issueRequest() : dropRequest()));
  });
}

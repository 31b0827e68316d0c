/** A button that copies what it names: a receipt number, an address. */
import { toast } from "../frontend/toast";
import { say } from "../frontend/words";

export default function mount(element: HTMLElement): void {
  const text = element.dataset["copy"] ?? "";
  if (!navigator.clipboard || text === "") return;
  element.hidden = false;
  element.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    toast(say("copied", { text }));
  });
}

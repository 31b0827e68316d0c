/** One passing sentence at the foot of the page, read out by screen readers. */
export function toast(sentence: string): void {
  let place = document.querySelector<HTMLElement>(".toasts");
  if (place === null) {
    place = document.createElement("div");
    place.className = "toasts";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = sentence;
  place.append(line);
  // Long enough to read twice at a slow pace (about four characters a second).
  window.setTimeout(() => line.remove(), 4000 + sentence.length * 120);
}

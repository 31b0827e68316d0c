/** What the server tells an island: the JSON in its `data-options`. */
export function optionsOf<T extends object>(element: HTMLElement): Partial<T> {
  const written = element.dataset["options"];
  return written ? (JSON.parse(written) as Partial<T>) : {};
}

/** The element another one names by id; the page is wrong if it is not there. */
export function named<T extends HTMLElement>(id: string | undefined): T | null {
  return id ? (document.getElementById(id) as T | null) : null;
}

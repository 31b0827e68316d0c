/** The sentences scripts say, translated by the server and written once into each page. */

let words: Record<string, string> | undefined;

/** The sentence named `key`, with `{name}` places filled. An unknown key shows itself. */
export function say(key: string, places: Record<string, string | number> = {}): string {
  if (words === undefined) {
    const written = document.getElementById("wangge-words")?.textContent;
    words = written ? (JSON.parse(written) as Record<string, string>) : {};
  }
  const sentence = words[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
}

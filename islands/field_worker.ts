/**
 * The service worker of the grid worker's phone: opens the report page where there is no connection.
 *
 * It keeps one page per language, which knows nobody, and the files that page needs. Pages with anybody's
 * data are passed through and never kept. Django writes `self.kept` in front of this file.
 */
export {};

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Waiting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
/** As much of ServiceWorkerGlobalScope as is used here; its types and those of a page exclude each other. */
interface Scope {
  readonly kept: { version: string; pages: Record<string, string>; files: string[] };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", listener: (event: Waiting) => void): void;
  addEventListener(name: "fetch", listener: (event: Asked) => void): void;
}
declare const self: Scope;

const OURS = "wangge-field-";
const CACHE = OURS + self.kept.version;
/** Where the language of the last page is remembered: an address nothing is served at. */
const LANGUAGE = "/field/language";
/** A line this slow is no line; the report can be written meanwhile. */
const PATIENCE = 20_000;

async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = [...Object.values(self.kept.pages), ...self.kept.files];
  await Promise.all(
    wanted.map(async (address) => {
      // Without cookies: what is kept cannot be anybody's.
      const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      await cache.put(address, answer);
    }),
  );
  await self.skipWaiting();
}

async function dropOld(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

let spoken = "";
async function remember(language: string | null): Promise<void> {
  if (language === null || language === spoken || !(language in self.kept.pages)) return;
  spoken = language;
  await (await caches.open(CACHE)).put(LANGUAGE, new Response(language));
}

async function withoutConnection(): Promise<Response> {
  const cache = await caches.open(CACHE);
  const language = (await (await cache.match(LANGUAGE))?.text()) ?? Object.keys(self.kept.pages)[0] ?? "";
  return (await cache.match(self.kept.pages[language] ?? "", { ignoreVary: true })) ?? Response.error();
}

function tooSlow(): Promise<never> {
  return new Promise((_resolve, reject) => setTimeout(reject, PATIENCE));
}

async function page(event: Asked): Promise<Response> {
  try {
    const answer = await Promise.race([fetch(event.request), tooSlow()]);
    event.waitUntil(remember(answer.headers.get("Content-Language")));
    return answer;
  } catch {
    return withoutConnection();
  }
}

async function file(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    const cache = await caches.open(CACHE);
    return (await cache.match(request, { ignoreVary: true })) ?? Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(keepAll()));
self.addEventListener("activate", (event) => event.waitUntil(dropOld()));
self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate") event.respondWith(page(event));
  else if (self.kept.files.includes(new URL(event.request.url).pathname)) event.respondWith(file(event.request));
});

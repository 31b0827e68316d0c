/** Photos of reports that wait on this phone. localStorage holds only text; pictures need IndexedDB. */

const DATABASE = "wangge-drafts";
const TABLE = "photos";

/** The name of the form's field, and the file chosen in it. */
export type Photo = [field: string, file: File];

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.addEventListener("upgradeneeded", () => asked.result.createObjectStore(TABLE));
    asked.addEventListener("success", () => resolve(asked.result));
    asked.addEventListener("error", () => reject(asked.error));
  });
}

async function run(
  mode: IDBTransactionMode,
  ask: (table: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const database = await opened();
  try {
    return await new Promise<unknown>((resolve, reject) => {
      const step = database.transaction(TABLE, mode);
      const asked = ask(step.objectStore(TABLE));
      step.addEventListener("complete", () => resolve(asked.result));
      step.addEventListener("abort", () => reject(step.error));
    });
  } finally {
    database.close();
  }
}

/** Keep the photos of one draft; false where the browser has no room or no leave for it. */
export async function keepPhotos(key: string, photos: Photo[]): Promise<boolean> {
  try {
    await run("readwrite", (table) => (photos.length > 0 ? table.put(photos, key) : table.delete(key)));
    return true;
  } catch {
    return photos.length === 0;
  }
}

export async function photosOf(key: string): Promise<Photo[]> {
  try {
    return ((await run("readonly", (table) => table.get(key))) as Photo[] | undefined) ?? [];
  } catch {
    return [];
  }
}

export async function dropPhotos(key: string): Promise<void> {
  await keepPhotos(key, []);
}

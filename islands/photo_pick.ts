/**
 * Photos chosen for a form: shown small, made smaller before they travel, and drawn anew so that place
 * and device in EXIF never leave the phone. A picture the browser cannot read goes as it is; the server
 * checks it either way.
 */
import { optionsOf } from "../frontend/options";
import { say } from "../frontend/words";

interface Options {
  /** Longest edge in pixels after scaling. */
  edge: number;
  /** How many photos the form takes. */
  limit: number;
}

async function drawnAnew(file: File, edge: number): Promise<File> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  if (blob === null) return file;
  return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
}

export default function mount(element: HTMLElement): void {
  const input = element.querySelector<HTMLInputElement>("input[type=file]");
  if (input === null) return;
  const { edge = 1600, limit = 3 } = optionsOf<Options>(element);
  const shown = document.createElement("ul");
  shown.className = "photo-picks";
  const says = document.createElement("p");
  says.className = "field-hint";
  says.setAttribute("role", "status");
  element.append(shown, says);
  let photos: File[] = [];

  const put = (): void => {
    const chosen = new DataTransfer();
    for (const photo of photos) chosen.items.add(photo);
    input.files = chosen.files;
    shown.replaceChildren(
      ...photos.map((photo, index) => {
        const line = document.createElement("li");
        const image = document.createElement("img");
        image.src = URL.createObjectURL(photo);
        image.alt = say("photo_number", { number: index + 1 });
        image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "button button-small";
        drop.textContent = say("photo_remove");
        drop.setAttribute("aria-label", `${say("photo_remove")} ${image.alt}`);
        drop.addEventListener("click", () => {
          photos = photos.filter((other) => other !== photo);
          put();
        });
        line.append(image, drop);
        return line;
      }),
    );
  };

  // A form that is emptied for another report keeps no photo of the last one.
  input.form?.addEventListener("reset", () => {
    photos = [];
    shown.replaceChildren();
    says.textContent = "";
  });

  input.addEventListener("change", async () => {
    const added = [...(input.files ?? [])];
    says.textContent = say("photo_working");
    const ready: File[] = [];
    for (const file of added) ready.push(await drawnAnew(file, edge).catch(() => file));
    const all = input.multiple ? [...photos, ...ready] : ready;
    photos = all.slice(0, limit);
    says.textContent = all.length > limit ? say("photo_too_many", { limit }) : "";
    put();
  });
}

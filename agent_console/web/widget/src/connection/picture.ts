/** Shrinks a picture before it travels; drawing it anew also leaves place and device data (EXIF) behind. */

const LONGEST_SIDE = 1600;
const QUALITY = 0.82;

export interface Picture {
  /** A JPEG as data URL: survives a reload in the outbox. */
  data: string;
  width: number;
  height: number;
}

export async function shrink(file: Blob): Promise<Picture> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  // JPEG has no transparency: a screenshot with a see-through background would turn black.
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { data: canvas.toDataURL("image/jpeg", QUALITY), width: canvas.width, height: canvas.height };
}

export function toForm(data: string): FormData {
  const bytes = Uint8Array.from(atob(data.slice(data.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
  const form = new FormData();
  form.append("file", new Blob([bytes], { type: "image/jpeg" }), "picture.jpg");
  return form;
}

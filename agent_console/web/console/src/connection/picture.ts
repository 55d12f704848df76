/** Makes a picture small enough to send, which also leaves its place and camera data behind. */

const LONGEST_SIDE = 1600
const QUALITY = 0.86
const SENDABLE = ['image/jpeg', 'image/png', 'image/webp', 'image/gif']

export function isPicture(file: File): boolean {
  return SENDABLE.includes(file.type)
}

/** The shrunk picture; an animated one is sent as it is. */
export async function shrunk(file: File): Promise<Blob> {
  if (file.type === 'image/gif') return file
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height))
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)))
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  return canvas.convertToBlob({ type: file.type === 'image/png' ? 'image/png' : 'image/jpeg', quality: QUALITY })
}

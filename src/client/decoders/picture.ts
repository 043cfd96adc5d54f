/** Options that keep the desktop's colours unconverted: they are the colours of the user's display. */
const AS_IT_IS: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

/** Decodes a compressed picture on a thread of the browser. Rejects if the picture is damaged. */
export function decodePicture(data: Uint8Array<ArrayBuffer>, type: string): Promise<ImageBitmap> {
  return createImageBitmap(new Blob([data], { type }), AS_IT_IS);
}

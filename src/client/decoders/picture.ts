/** The desktop's colours are the display's: nothing may be converted on the way. */
const AS_IT_IS: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

/** Decodes a compressed picture on a thread of the browser's. Rejects for one that is damaged. */
export function decodePicture(data: Uint8Array<ArrayBuffer>, type: string): Promise<ImageBitmap> {
  return createImageBitmap(new Blob([data], { type }), AS_IT_IS);
}

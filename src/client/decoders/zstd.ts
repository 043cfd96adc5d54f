/** Decompresses one zstd frame to exactly `length` bytes. Throws if the frame is damaged or holds another number. */
export type Unzstd = (frame: Uint8Array, length: number) => Uint8Array;

let loading: Promise<Unzstd> | undefined;

/** Loads the decoder, once per page. It is a file of its own, which the page's first load does not wait for. */
export function loadZstd(): Promise<Unzstd> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Unzstd> {
  const { ZSTDDecoder } = await import('zstddec');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return (frame, length) => {
    const bytes = decoder.decode(frame, length);
    if (bytes.length !== length) throw new Error('Compressed pixels are damaged: zstd.');
    return bytes;
  };
}

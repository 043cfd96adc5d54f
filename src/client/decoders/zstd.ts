/** Decompresses one zstd frame to exactly `length` bytes. Throws if the frame is damaged or holds another number. */
export type Unzstd = (frame: Uint8Array, length: number) => Uint8Array;

type Zstddec = Pick<typeof import('zstddec'), 'ZSTDDecoder'>;

let loading: Promise<Unzstd> | undefined;

/**
 * Loads the decoder, once per page. It is a file of its own, which the page's first load does not wait for. If that
 * fails, such as without a network, the next call tries again.
 */
export function loadZstd(from: () => Promise<Zstddec> = () => import('zstddec')): Promise<Unzstd> {
  loading ??= load(from).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(from: () => Promise<Zstddec>): Promise<Unzstd> {
  const { ZSTDDecoder } = await from();
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return (frame, length) => {
    const bytes = decoder.decode(frame, length);
    if (bytes.length !== length) throw new Error('Compressed pixels are damaged: zstd.');
    return bytes;
  };
}

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
  let isChecked = false;
  const decoder = new (class extends ZSTDDecoder {
    override _init(loaded: Loaded): void {
      isChecked = true;
      const exports = checkMalloc(loaded.instance.exports as unknown as Heap);
      super._init({ instance: { exports } } as unknown as Loaded);
    }
  })();
  await decoder.init();
  if (!isChecked) throw new Error('The decoder of zstd is not the one that was expected.');
  return (frame, length) => {
    const bytes = decoder.decode(frame, length);
    if (bytes.length !== length) throw new Error('Compressed pixels are damaged: zstd.');
    return bytes;
  };
}

/** The decoder's module with its instance. */
type Loaded = Parameters<InstanceType<Zstddec['ZSTDDecoder']>['_init']>[0];

/** What the module exports, as far as it is used here. */
interface Heap {
  malloc(bytes: number): number;
  free(at: number): void;
}

/**
 * Has malloc throw when there is no memory. The decoder uses the address 0 that it returns then: it would overwrite its
 * own tables, and return wrong pixels.
 */
function checkMalloc(heap: Heap): Heap {
  const held = new Set<number>();
  return {
    ...heap,
    malloc(bytes) {
      const at = heap.malloc(bytes);
      if (at === 0) {
        for (const other of held) heap.free(other);
        held.clear();
        throw new Error('There is no memory to decompress pixels: zstd.');
      }
      held.add(at);
      return at;
    },
    free(at) {
      held.delete(at);
      heap.free(at);
    },
  };
}

import type { EncodedRect, EncodeJob } from '../../encode/make/job.ts';
import { jobKey } from '../../encode/make/job-key.ts';
import type { EncoderPool } from '../../encode/pool.ts';
import type { PictureLock } from './picture-lock.ts';

/**
 * Most bytes of encoded rects that are kept: several frames of film at 1920×1080. A larger value takes memory while
 * several viewers watch; with a smaller one, large frames are encoded again for viewers that are late.
 */
const MOST_KEPT_BYTES = 2 * 1024 * 1024;

/** Most rects that are known: about one for each tile of 7680×4320, of 300 bytes. More are encoded again. */
const MOST_RECTS = 8192;

type Encoded = EncodedRect | Promise<EncodedRect>;

interface KnownRect {
  readonly cursor: EncodeJob['cursor'];
  encoded: Encoded;
}

/**
 * Encodes rects of the shown picture, each once for all viewers: for those that are served together, and for those that
 * are ready a little later, while the picture is still the same. Without this, a machine on which viewers are late
 * because it is busy would encode the picture again for each of them.
 */
export class PictureRects {
  readonly #pool: EncoderPool;
  readonly #lock: PictureLock;
  readonly #known = new Map<string, KnownRect>();
  /** The value of `lock.writes` to which `#known` belongs. */
  #writes = 0;
  /** Bytes of the kept rects, one behind the other. Used again for each picture. */
  #memory: Uint8Array | undefined;
  #end = 0;

  constructor(pool: EncoderPool, lock: PictureLock) {
    this.#pool = pool;
    this.#lock = lock;
  }

  /**
   * Encodes a rect as the pool does. If it is shared, returns one that was encoded from the same picture if there is
   * one. Calls `count` if this call has it encoded. The bytes are valid as long as those of the pool.
   */
  encode(job: EncodeJob, isShared: boolean, count: (rect: EncodedRect) => void): Encoded {
    if (!isShared) return this.#encode(job, count);
    this.#forgetOldPicture();
    const key = jobKey(job);
    const known = this.#known.get(key);
    if (known && known.cursor === job.cursor) return known.encoded;
    const encoded = this.#encode(job, count);
    if (!(encoded instanceof Promise)) {
      const kept = this.#keep(encoded);
      if (kept) this.#remember(key, { cursor: job.cursor, encoded: kept });
      return encoded;
    }
    // The pool's bytes are in shared memory, from which V8 copies word by word, several times as slowly.
    const copied = encoded.then((rect) => this.#keep(rect) ?? rect);
    const entry: KnownRect = { cursor: job.cursor, encoded: copied };
    this.#remember(key, entry);
    const forget = (): void => {
      if (this.#known.get(key) === entry) this.#known.delete(key);
    };
    copied.then((rect) => {
      if (rect.bytes.buffer === this.#memory?.buffer) entry.encoded = rect;
      else forget();
    }, forget);
    return copied;
  }

  #remember(key: string, entry: KnownRect): void {
    if (this.#known.size < MOST_RECTS) this.#known.set(key, entry);
  }

  #encode(job: EncodeJob, count: (rect: EncodedRect) => void): Encoded {
    const encoded = this.#pool.encodeRect(job);
    if (!(encoded instanceof Promise)) {
      count(encoded);
      return encoded;
    }
    return encoded.then((rect) => {
      count(rect);
      return rect;
    });
  }

  #forgetOldPicture(): void {
    if (this.#writes === this.#lock.writes) return;
    this.#writes = this.#lock.writes;
    this.#known.clear();
    this.#end = 0;
  }

  /** Returns the rect with a copy of its bytes; undefined if there is no room. */
  #keep(rect: EncodedRect): EncodedRect | undefined {
    const end = this.#end + rect.bytes.length;
    if (end > MOST_KEPT_BYTES) return undefined;
    this.#memory ??= new Uint8Array(MOST_KEPT_BYTES);
    const bytes = this.#memory.subarray(this.#end, end);
    bytes.set(rect.bytes);
    this.#end = end;
    return { ...rect, bytes };
  }
}

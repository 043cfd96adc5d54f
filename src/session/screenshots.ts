import type { Desktop } from '../desktop/desktop.ts';
import type { PlacedCursor } from '../encode/make/draw-cursor.ts';
import type { Picture, PictureJob } from '../encode/make/picture.ts';
import type { EncoderPool } from '../encode/pool.ts';
import { intersect, type Rect, type Size, wholeOf } from '../pixels/rect.ts';
import { jpegQualityOf } from '../protocol/quality.ts';
import { SessionError } from './errors.ts';
import type { FrameLoop } from './frame/frame-loop.ts';
import { placeCursor } from './screen/drawn-cursor.ts';
import type { Screenshot, ScreenshotRequest } from './session.ts';

/** Pictures of an unchanged screen that are kept for whoever asks the same again. */
const KEPT_PICTURES = 8;

/** Makes the screenshots of the API: always of a picture captured after the request came. */
export class Screenshots {
  readonly #desktop: Desktop;
  readonly #loop: FrameLoop;
  readonly #pool: EncoderPool;
  /** By what was asked for, and of which version of the screen. Oldest first. */
  readonly #kept = new Map<string, Promise<Screenshot>>();

  constructor(desktop: Desktop, loop: FrameLoop, pool: EncoderPool) {
    this.#desktop = desktop;
    this.#loop = loop;
    this.#pool = pool;
  }

  async take(request: ScreenshotRequest): Promise<Screenshot> {
    const cursor = request.cursor ? await cursorNow(this.#desktop) : undefined;
    return this.#loop.readFresh((release) => this.#takeShown(request, cursor, release));
  }

  #takeShown(
    request: ScreenshotRequest,
    cursor: PlacedCursor | undefined,
    release: () => void,
  ): Promise<Screenshot> {
    const job = planPicture(this.#desktop.size, request, cursor);
    // A pointer moves without changing the screen's version: such pictures are made each time.
    if (cursor) return this.#make(job, release);
    const key = `${this.#loop.version} ${JSON.stringify(job)}`;
    const kept = this.#kept.get(key);
    if (kept) {
      // Somebody else's picture may still be in the making; the shown one has been read already, or soon is.
      release();
      return kept;
    }
    const made = this.#make(job, release);
    this.#keep(key, made);
    return made;
  }

  async #make(job: PictureJob, release: () => void): Promise<Screenshot> {
    const { bytes, tag }: Picture = await this.#pool.encodePicture(job, release);
    return { bytes, tag, ...job.size };
  }

  #keep(key: string, made: Promise<Screenshot>): void {
    this.#kept.set(key, made);
    made.catch(() => this.#kept.delete(key));
    if (this.#kept.size > KEPT_PICTURES) this.#kept.delete([...this.#kept.keys()][0]!);
  }
}

/** What picture a request means on a screen of this size. Throws SessionError SESSION_BAD_CROP. */
function planPicture(
  frameSize: Size,
  request: ScreenshotRequest,
  cursor: PlacedCursor | undefined,
): PictureJob {
  const crop = cropOf(frameSize, request.crop);
  return {
    frameSize,
    crop,
    size: pictureSize(crop, request),
    format: request.format,
    jpeg: jpegQualityOf(request.quality),
    cursor,
  };
}

function cropOf(frameSize: Size, wanted: Rect | undefined): Rect {
  const whole = wholeOf(frameSize);
  const crop = wanted ? intersect(wanted, whole) : whole;
  if (!crop) throw new SessionError('SESSION_BAD_CROP', `It is ${frameSize.width}x${frameSize.height}.`);
  return crop;
}

/** As wide as asked for, or as high where only that was; the other side keeps the aspect ratio. */
export function pictureSize(crop: Size, request: Pick<ScreenshotRequest, 'width' | 'height'>): Size {
  if (request.width !== undefined) {
    const width = Math.min(request.width, crop.width);
    return { width, height: scaled(crop.height, width, crop.width) };
  }
  if (request.height !== undefined) {
    const height = Math.min(request.height, crop.height);
    return { width: scaled(crop.width, height, crop.height), height };
  }
  return { width: crop.width, height: crop.height };
}

const scaled = (side: number, to: number, from: number): number =>
  Math.max(1, Math.min(side, Math.round((side * to) / from)));

async function cursorNow(desktop: Desktop): Promise<PlacedCursor | undefined> {
  const { cursor } = desktop;
  return cursor && placeCursor(cursor, await desktop.pointerPosition());
}

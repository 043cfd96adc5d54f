import { type Marker, numberOfCode } from '../frame-number.ts';

/** What a probe has recorded, with times of the page's `performance.now()`. */
export interface ProbeRecord {
  /** Codes of frame numbers, and when each was first shown. */
  readonly seen: readonly (readonly [code: number, ms: number])[];
  /** Times of the keys that were pressed, as the browser had them. */
  readonly keys: readonly number[];
}

/** Script that records which frame numbers a page's canvas shows at each animation frame, and which keys it gets. */
export const probeScript = (canvas: string, groups: readonly (readonly Marker[])[]): string =>
  `(${probe.toString()})(${JSON.stringify(canvas)}, ${JSON.stringify(groups)})`;

/** Makes the probe look at other places, and forget what it has recorded. */
export const lookAt = (groups: readonly (readonly Marker[])[]): string =>
  `globalThis.deskwireProbe.restart(${JSON.stringify(groups)})`;

/** Returns what was recorded since the last `lookAt`. */
export const RECORDED = 'globalThis.deskwireProbe.record()';

/** Frame numbers of a record, with their times. */
export const numbersSeen = ({ seen }: ProbeRecord): [number, number][] =>
  seen.flatMap(([code, ms]) => {
    const number = numberOfCode(code);
    return number === undefined ? [] : [[number, ms]];
  });

/**
 * Runs in the page before its own scripts. The types of the DOM are unknown here. At each animation frame it reads one
 * row of pixels for each row of a marker's blocks: 24 pixels in 1.5 KB for a strip. The browser paints what it has read.
 */
// biome-ignore-start lint/suspicious/noExplicitAny: a script of a page, where there is a DOM.
function probe(selector: string, first: readonly (readonly Marker[])[]): void {
  const page = globalThis as any;
  let groups = first;
  let seen: [number, number][] = [];
  let known = new Set<number>();
  let keys: number[] = [];
  page.addEventListener('keydown', (event: any) => event.repeat || keys.push(event.timeStamp), true);

  const read = (context: any, { x, y, columns, blockPx }: Marker): number => {
    const rows = 24 / columns;
    const width = columns * blockPx;
    const half = blockPx / 2;
    const { data } = context.getImageData(x, y + half, width, (rows - 1) * blockPx + 1);
    let code = 0;
    for (let block = 0; block < 24; block++) {
      const column = (block % columns) * blockPx + half;
      const row = Math.floor(block / columns) * blockPx;
      // Green, which is most of the brightness.
      if (data[(row * width + column) * 4 + 1] > 128) code |= 1 << block;
    }
    return code;
  };
  const look = (): void => {
    page.requestAnimationFrame(look);
    const canvas = page.document.querySelector(selector);
    if (!canvas || canvas.width < 2) return;
    const context = canvas.getContext('2d');
    for (const group of groups) {
      const codes = group.map((marker) => read(context, marker));
      const [code] = codes;
      if (code === undefined || code === 0 || known.has(code) || codes.some((other) => other !== code))
        continue;
      known.add(code);
      seen.push([code, page.performance.now()]);
    }
  };
  page.requestAnimationFrame(look);
  page.deskwireProbe = {
    restart(places: readonly (readonly Marker[])[]) {
      groups = places;
      seen = [];
      keys = [];
      known = new Set();
    },
    record: () => ({ seen, keys }),
  };
}
// biome-ignore-end lint/suspicious/noExplicitAny: a script of a page, where there is a DOM.

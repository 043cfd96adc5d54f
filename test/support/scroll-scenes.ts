import type { Offset } from '../../src/pixels/motion.ts';
import type { Rect, Size } from '../../src/pixels/rect.ts';
import { type Document, drawDocument, type Random } from './scroll-documents.ts';

/** A change of the screen in which content moves. */
export interface ScrollScene {
  readonly name: string;
  readonly size: Size;
  /** Pixels, 0xrrggbb. */
  readonly before: Uint32Array;
  readonly now: Uint32Array;
  /** Part of the screen that was drawn. */
  readonly damage: readonly Rect[];
  /** The motions of its content, the one of the largest area first. */
  readonly motions: readonly Offset[];
}

/** A part of the screen, and what it shows of a document. */
interface Pane {
  readonly area: Rect;
  readonly document: Document;
  /** Place in the document that the upper left corner of the area shows. */
  readonly at: { readonly x: number; readonly y: number };
  readonly moves: Offset;
}

/** A kind of scene: returns a new one with each call, as `random` says. */
export type SceneKind = (size: Size, random: Random) => ScrollScene;

const below = (random: Random, end: number): number => Math.floor(random() * end);
const between = (random: Random, first: number, last: number): number =>
  first + below(random, last - first + 1);
const sign = (random: Random): number => (random() < 0.5 ? -1 : 1);

/** A step down or up: some pixels, a line, a few lines, half a page. */
function verticalStep(random: Random, pitch: number, height: number): Offset {
  const steps = [
    between(random, 1, 7),
    between(random, 8, 40),
    pitch,
    pitch * 3,
    between(random, 1, height >> 1),
  ];
  return { dx: 0, dy: sign(random) * Math.min(steps[below(random, steps.length)]!, height >> 1) };
}

/** Draws panes before and after their contents move, over a still background. */
function sceneOf(
  name: string,
  size: Size,
  background: number,
  panes: readonly Pane[],
  damage = panes.map(({ area }) => area),
): ScrollScene {
  const before = new Uint32Array(size.width * size.height).fill(background);
  const now = before.slice();
  for (const { area, document, at, moves } of panes) {
    show(before, size, area, document, at);
    show(now, size, area, document, { x: at.x - moves.dx, y: at.y - moves.dy });
  }
  const motions = panes
    .filter(({ moves }) => moves.dx !== 0 || moves.dy !== 0)
    .toSorted((a, b) => b.area.width * b.area.height - a.area.width * a.area.height)
    .map(({ moves }) => moves)
    .filter((a, i, all) => all.findIndex((b) => a.dx === b.dx && a.dy === b.dy) === i);
  return { name, size, before, now, damage, motions };
}

function show(
  to: Uint32Array,
  size: Size,
  area: Rect,
  { pixels, width, height }: Document,
  at: { readonly x: number; readonly y: number },
): void {
  for (let y = 0; y < area.height; y++) {
    const row = (((at.y + y) % height) + height) % height;
    for (let x = 0; x < area.width; x++) {
      const column = (((at.x + x) % width) + width) % width;
      to[(area.y + y) * size.width + area.x + x] = pixels[row * width + column]!;
    }
  }
}

function fill(to: Uint32Array, size: Size, { x, y, width, height }: Rect, colour: number): void {
  for (let row = y; row < y + height; row++) {
    to.fill(colour, row * size.width + x, row * size.width + x + width);
  }
}

const whole = ({ width, height }: Size): Rect => ({ x: 0, y: 0, width, height });

const place = (random: Random): { x: number; y: number } => ({
  x: below(random, 100),
  y: below(random, 3000),
});

/** Text in lines of `pitch` pixels that fills the screen. */
export function scrolledText(size: Size, random: Random, pitch: number, dark: boolean): ScrollScene {
  const document = drawDocument(random, { kind: 'text', width: size.width + 120, pitch, dark });
  const moves = verticalStep(random, pitch, size.height);
  const pane = { area: whole(size), document, at: place(random), moves };
  return sceneOf(`text, pitch ${pitch}, by ${moves.dy}`, size, 0, [pane]);
}

const textScene: SceneKind = (size, random) =>
  scrolledText(size, random, between(random, 8, 40), random() < 0.5);

/** A pane of text beside a still one, not at the edges of tiles. */
const besideStill: SceneKind = (size, random) => {
  const pitch = between(random, 8, 40);
  const dark = random() < 0.5;
  const left = between(random, size.width >> 2, (size.width * 3) >> 2);
  const top = between(random, 0, 70);
  const page = (): Document => drawDocument(random, { kind: 'text', width: size.width, pitch, dark });
  const document = page();
  const moves = verticalStep(random, pitch, size.height - top);
  const height = size.height - top;
  const still = { area: { x: 0, y: top, width: left, height }, document: page(), at: place(random) };
  const area = { x: left, y: top, width: size.width - left, height };
  const scrolls = { area, document, at: place(random), moves };
  const panes = [{ ...still, moves: { dx: 0, dy: 0 } }, scrolls];
  return sceneOf(
    `pane beside a still one, pitch ${pitch}, by ${moves.dy}`,
    size,
    0x808080,
    panes,
    random() < 0.5 ? [area] : [whole(size)],
  );
};

/** Two panes that scroll by different steps. */
const twoPanes: SceneKind = (size, random) => {
  const left = between(random, size.width >> 2, (size.width * 3) >> 2);
  const pane = (x: number, width: number): Pane => {
    const pitch = between(random, 8, 40);
    const document = drawDocument(random, { kind: 'text', width: size.width, pitch, dark: random() < 0.5 });
    const moves = verticalStep(random, pitch, size.height);
    return { area: { x, y: 0, width, height: size.height }, document, at: place(random), moves };
  };
  return sceneOf('two panes', size, 0, [pane(0, left), pane(left, size.width - left)]);
};

/** A page in two columns of text between margins. */
const twoColumns: SceneKind = (size, random) => {
  const pitch = between(random, 8, 40);
  const document = drawDocument(random, {
    kind: 'columns',
    width: size.width,
    pitch,
    dark: random() < 0.5,
  });
  const moves = verticalStep(random, pitch, size.height);
  return sceneOf(`two columns, pitch ${pitch}, by ${moves.dy}`, size, 0, [
    { area: whole(size), document, at: { x: 0, y: below(random, 3000) }, moves },
  ]);
};

/** A fixed header, a status line that changes, and a caret that blinks inside the text. */
const editor: SceneKind = (size, random) => {
  const pitch = between(random, 8, 40);
  const dark = random() < 0.5;
  const header = between(random, 20, 110);
  const area = { x: 0, y: header, width: size.width, height: size.height - header - pitch };
  const document = drawDocument(random, { kind: 'text', width: size.width + 120, pitch, dark });
  const moves = verticalStep(random, pitch, area.height);
  const scene = sceneOf(
    `editor, pitch ${pitch}, by ${moves.dy}`,
    size,
    0x404850,
    [{ area, document, at: place(random), moves }],
    [whole(size)],
  );
  const caret = { x: below(random, size.width - 9), y: header + below(random, area.height - pitch) };
  fill(scene.now, size, { ...caret, width: random() < 0.5 ? 2 : 9, height: pitch }, 0xf0a030);
  const status = drawDocument(random, { kind: 'text', width: size.width, pitch, dark: !dark });
  const line = { x: 0, y: size.height - pitch, width: size.width, height: pitch };
  show(scene.before, size, line, status, { x: 0, y: 0 });
  show(scene.now, size, line, status, { x: 0, y: pitch });
  return scene;
};

/** A terminal, in which many lines begin alike, that scrolls by some lines. */
const terminal: SceneKind = (size, random) => {
  const pitch = between(random, 10, 22);
  const document = drawDocument(random, { kind: 'log', width: size.width, pitch, dark: random() < 0.7 });
  const dy = -pitch * between(random, 1, 8);
  const rows = Math.floor(size.height / pitch) * pitch;
  const area = { x: 0, y: 0, width: size.width, height: rows };
  const at = { x: 0, y: pitch * below(random, 100) };
  const scene = sceneOf(`terminal, pitch ${pitch}, by ${dy}`, size, 0, [
    { area, document, at, moves: { dx: 0, dy } },
  ]);
  const y = rows - pitch;
  fill(scene.before, size, { x: 24, y, width: 9, height: pitch }, 0xc0c0c0);
  fill(scene.now, size, { x: 24, y, width: 9, height: pitch }, 0xc0c0c0);
  return scene;
};

/** A spreadsheet with fixed headings that scrolls by cells, down or to the side. */
const spreadsheet: SceneKind = (size, random) => {
  const pitch = between(random, 16, 30);
  const cell = between(random, 60, 110);
  const isWide = random() < 0.4;
  const document = drawDocument(random, {
    kind: 'cells',
    width: cell * 40,
    pitch,
    dark: random() < 0.3,
    cell,
  });
  const head = { x: 50, y: 90 };
  const cells = { x: head.x, y: head.y, width: size.width - head.x, height: size.height - head.y };
  const top = { x: head.x, y: head.y - pitch, width: cells.width, height: pitch };
  const side = { x: 0, y: head.y, width: head.x, height: cells.height };
  const by = between(random, 1, 3);
  const moves = isWide ? { dx: -cell * by, dy: 0 } : { dx: 0, dy: -pitch * by };
  const at = { x: cell * below(random, 10), y: pitch * below(random, 60) };
  const still = { dx: 0, dy: 0 };
  return sceneOf(
    `spreadsheet, cells of ${cell}×${pitch}, by ${moves.dx},${moves.dy}`,
    size,
    0xe0e0e0,
    [
      { area: cells, document, at, moves },
      { area: top, document, at: { x: at.x, y: 0 }, moves: isWide ? moves : still },
      { area: side, document, at: { x: 7, y: at.y }, moves: isWide ? still : moves },
    ],
    [whole(size)],
  );
};

/** Long lines that scroll to the side. */
const sideways: SceneKind = (size, random) => {
  const pitch = between(random, 8, 40);
  const document = drawDocument(random, { kind: 'text', width: size.width * 3, pitch, dark: random() < 0.5 });
  const dx = sign(random) * between(random, 1, random() < 0.5 ? 12 : size.width >> 1);
  return sceneOf(`text to the side, pitch ${pitch}, by ${dx}`, size, 0, [
    { area: whole(size), document, at: place(random), moves: { dx, dy: 0 } },
  ]);
};

/** A page with pictures that scrolls smoothly below a fixed header. */
const webPage: SceneKind = (size, random) => {
  const pitch = between(random, 14, 32);
  const header = between(random, 30, 130);
  const document = drawDocument(random, { kind: 'page', width: size.width, pitch, dark: random() < 0.3 });
  const dy = sign(random) * between(random, 1, 120);
  const area = { x: 0, y: header, width: size.width - 15, height: size.height - header };
  return sceneOf(`web page, pitch ${pitch}, by ${dy}`, size, 0xd0d0d0, [
    { area, document, at: { x: 0, y: below(random, 3000) }, moves: { dx: 0, dy } },
  ]);
};

/** A photograph that pans in any direction. */
const panned: SceneKind = (size, random) => {
  const document = drawDocument(random, { kind: 'photo', width: size.width * 2, pitch: 20, dark: false });
  const dx = between(random, -60, 60);
  const dy = between(random, -60, 60) || 1;
  return sceneOf(`photograph, by ${dx},${dy}`, size, 0, [
    { area: whole(size), document, at: place(random), moves: { dx, dy } },
  ]);
};

/** A window with a title and text that is dragged over a still picture. */
const dragged: SceneKind = (size, random) => {
  const pitch = between(random, 10, 30);
  const dark = random() < 0.5;
  const behind = drawDocument(random, {
    kind: random() < 0.5 ? 'photo' : 'page',
    width: size.width,
    pitch,
    dark,
  });
  const inside = drawDocument(random, { kind: 'text', width: size.width, pitch, dark: !dark });
  const width = between(random, 240, (size.width * 2) / 3);
  const height = between(random, 200, (size.height * 2) / 3);
  const from = {
    x: below(random, size.width - width),
    y: below(random, size.height - height),
    width,
    height,
  };
  const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, value));
  const to = {
    ...from,
    x: clamp(from.x + between(random, -60, 60), size.width - width),
    y: clamp(from.y + between(random, -60, 60) || 1, size.height - height),
  };
  const still = { dx: 0, dy: 0 };
  const scene = sceneOf(
    `window of ${width}×${height} dragged by ${to.x - from.x},${to.y - from.y}`,
    size,
    0,
    [{ area: whole(size), document: behind, at: place(random), moves: still }],
    [from, to],
  );
  const at = place(random);
  for (const [picture, area] of [
    [scene.before, from],
    [scene.now, to],
  ] as const) {
    fill(picture, size, area, 0x203040);
    const content = { x: area.x + 1, y: area.y + 20, width: width - 2, height: height - 21 };
    show(picture, size, content, inside, at);
    show(picture, size, { ...area, height: 19 }, inside, { x: at.x + 30, y: at.y + 500 });
  }
  return { ...scene, motions: [{ dx: to.x - from.x, dy: to.y - from.y }] };
};

/** Another page of the same document, with lines in the same places: nothing moves. */
const pageTurned: SceneKind = (size, random) => {
  const pitch = between(random, 8, 40);
  const document = drawDocument(random, {
    kind: random() < 0.5 ? 'text' : 'log',
    width: size.width,
    pitch,
    dark: random() < 0.5,
  });
  const scene = sceneOf(`page turned, pitch ${pitch}`, size, 0, [
    { area: whole(size), document, at: { x: 0, y: 0 }, moves: { dx: 0, dy: 0 } },
  ]);
  show(scene.now, size, whole(size), document, { x: 0, y: Math.ceil(size.height / pitch) * pitch });
  return scene;
};

/** Another photograph: nothing moves. */
const cut: SceneKind = (size, random) => {
  const photo = (): Document =>
    drawDocument(random, { kind: 'photo', width: size.width, pitch: 20, dark: false });
  const scene = sceneOf('another photograph', size, 0, [
    { area: whole(size), document: photo(), at: { x: 0, y: 0 }, moves: { dx: 0, dy: 0 } },
  ]);
  show(scene.now, size, whole(size), photo(), { x: 0, y: 0 });
  return scene;
};

/** Scenes in which nothing moves, by their names. */
export const STILL_KINDS = {
  'page turned': pageTurned,
  'another photograph': cut,
} as const satisfies Record<string, SceneKind>;

/** Every kind of scene with motion by its name. */
export const SCENE_KINDS = {
  text: textScene,
  'two columns': twoColumns,
  'pane beside a still one': besideStill,
  'two panes by different steps': twoPanes,
  'editor with header, caret, status line': editor,
  terminal: terminal,
  spreadsheet: spreadsheet,
  'text to the side': sideways,
  'web page': webPage,
  photograph: panned,
  'window dragged': dragged,
} as const satisfies Record<string, SceneKind>;

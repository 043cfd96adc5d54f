import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import type { Size } from '../../src/pixels/rect.ts';
import type { ClientMessage } from '../../src/protocol/client-messages.ts';
import { textOf } from '../../src/protocol/clipboard-content.ts';
import * as wire from '../../src/protocol/constants.ts';
import type { ServerMessage } from '../../src/protocol/server-message-reader.ts';
import { maySend } from '../../src/session/viewer/message-rights.ts';
import { clipboardTextToDeflate } from '../support/clipboard-text-to-deflate.ts';
import { STANDARD_ENCODINGS, Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, type ContractServer, type Login } from './contract-server.ts';

type Right = 'read' | 'write' | 'owner';
type MessageType = ClientMessage['type'];
export type GivenRights = Readonly<Record<Right, boolean>>;

/** Encodings of an ordinary viewer, and of KasmVNC's page. */
export const PLAIN: readonly number[] = [...STANDARD_ENCODINGS, wire.PSEUDO_EXTENDED_CLIPBOARD];
const KASM: readonly number[] = [...STANDARD_ENCODINGS, wire.PSEUDO_STREAMING_JPEG_WEBP];

/** A viewer, and what the server has sent to it. */
class WatchedViewer {
  readonly viewer: Viewer;
  readonly messages: ServerMessage[] = [];
  cursors = 0;

  constructor(viewer: Viewer) {
    this.viewer = viewer;
    viewer.on('message', (message) => this.messages.push(message));
    viewer.on('pseudoRect', ({ body }) => {
      if (body.kind === 'cursor') this.cursors += 1;
    });
  }

  count(type: ServerMessage['type']): number {
    return this.messages.filter((message) => message.type === type).length;
  }

  shows(colour: number): boolean {
    const seen = this.viewer.framebuffer.pixelAt(8, 8);
    return [0, 8, 16].every((shift) => Math.abs(((colour >> shift) & 255) - ((seen >> shift) & 255)) < 8);
  }
}

/** One user with two connections, another user who sees what happens, and what reached the desktop. */
export class Scene {
  static async open(server: ContractServer, login: Login): Promise<Scene> {
    const viewers = [
      await server.viewer(login, { encodings: PLAIN }),
      await server.viewer(login, { encodings: KASM }),
      await server.viewer(ADA, { encodings: PLAIN }),
    ];
    const [plain, kasm, bystander] = viewers.map((viewer) => new WatchedViewer(viewer));
    return new Scene(server, plain!, kasm!, bystander!);
  }

  readonly server: ContractServer;
  readonly plain: WatchedViewer;
  readonly kasm: WatchedViewer;
  readonly bystander: WatchedViewer;
  readonly texts: readonly (string | undefined)[];
  readonly sizes: readonly Size[];

  private constructor(
    server: ContractServer,
    plain: WatchedViewer,
    kasm: WatchedViewer,
    bystander: WatchedViewer,
  ) {
    this.server = server;
    this.plain = plain;
    this.kasm = kasm;
    this.bystander = bystander;
    const { desktop } = server;
    this.texts = recordTexts(server);
    const sizes: Size[] = [];
    this.sizes = sizes;
    const resize = desktop.resize.bind(desktop);
    desktop.resize = (size) => {
      sizes.push(size);
      return resize(size);
    };
  }

  /** Resolves when the server has handled what the user's viewers sent, and they have what it sent to them. */
  async settled(colour: number, cursors: number): Promise<void> {
    await waitFor('the picture elsewhere', () => this.bystander.shows(colour));
    await waitFor('the cursor elsewhere', () => this.bystander.cursors >= cursors);
    for (const { viewer } of [this.plain, this.kasm]) await viewer.roundTrip();
  }

  close(): void {
    for (const { viewer } of [this.plain, this.kasm, this.bystander]) viewer.destroy();
  }
}

/** The texts that are put on the desktop's clipboard from now on. */
export function recordTexts({ desktop }: ContractServer): readonly (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  const setClipboard = desktop.setClipboard.bind(desktop);
  desktop.setClipboard = (content) => {
    texts.push(textOf(content));
    return setClipboard(content);
  };
  return texts;
}

/** The three forms in which a viewer sends a text. */
export const PASTES: Readonly<Record<string, (text: string) => ClientMessage>> = {
  'cut text': (text) => ({ type: 'clientCutText', text }),
  'the extended clipboard': (text) => ({
    type: 'extendedClipboard',
    flags: wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT,
    data: deflateSync(clipboardTextToDeflate(text)),
  }),
  'KasmVNC’s clipboard': (text) => ({
    type: 'binaryClipboard',
    items: [{ mime: 'text/plain', data: Buffer.from(text) }],
  }),
};

interface SessionDoor {
  readonly needs: Right | undefined;
  /** Uses the door. Returns a probe that says whether that had an effect. `serial` is another one at each use. */
  use(scene: Scene, serial: number): () => boolean;
}

const paste =
  (form: string, by: 'plain' | 'kasm') =>
  (scene: Scene, serial: number): (() => boolean) => {
    const text = `${form} ${serial}`;
    scene[by].viewer.send(PASTES[form]!(text));
    return () => scene.texts.includes(text);
  };

const told = (viewer: WatchedViewer, type: ServerMessage['type'], ask: () => void): (() => boolean) => {
  const before = viewer.count(type);
  ask();
  return () => viewer.count(type) > before;
};

/** Every way in and out of the session, and the right that opens it. */
const SESSION_DOORS = {
  picture: {
    needs: 'read',
    use:
      ({ plain }, serial) =>
      () =>
        plain.shows(colourOf(serial)),
  },
  'picture of KasmVNC’s page': {
    needs: 'read',
    use:
      ({ kasm }, serial) =>
      () =>
        kasm.shows(colourOf(serial)),
  },
  'cursor shape': {
    needs: 'read',
    use: ({ plain }) => {
      const before = plain.cursors;
      return () => plain.cursors > before;
    },
  },
  key: {
    needs: 'write',
    use: ({ plain, server }, serial) => {
      plain.viewer.typeKeys(serial);
      return () => server.desktop.recorded.some((input) => input.kind === 'key' && input.keysym === serial);
    },
  },
  pointer: {
    needs: 'write',
    use: ({ plain, server }, serial) => {
      plain.viewer.sendPointer(serial, 1);
      return () => server.desktop.recorded.some((input) => input.kind === 'move' && input.x === serial);
    },
  },
  'relative mouse': {
    needs: 'write',
    use: ({ kasm, server }, serial) => {
      const none = { buttonMask: 0, scrollX: 0, scrollY: 0 };
      kasm.viewer.send({ type: 'relativeMouse', dx: serial, dy: 1, ...none });
      return () => server.desktop.recorded.some((input) => input.kind === 'nudge' && input.dx === serial);
    },
  },
  'clipboard in, cut text': { needs: 'write', use: paste('cut text', 'plain') },
  'clipboard in, extended': { needs: 'write', use: paste('the extended clipboard', 'plain') },
  'clipboard in, KasmVNC’s': { needs: 'write', use: paste('KasmVNC’s clipboard', 'kasm') },
  'clipboard out, offered': {
    needs: 'write',
    use: ({ plain, server }, serial) =>
      told(plain, 'extendedClipboard', () => server.desktop.copyText(`offered ${serial}`)),
  },
  'clipboard out, KasmVNC’s': {
    needs: 'write',
    use: ({ kasm, server }, serial) =>
      told(kasm, 'binaryClipboard', () => server.desktop.copyText(`sent ${serial}`)),
  },
  resize: {
    needs: 'write',
    use: ({ plain, sizes }, serial) => {
      const width = 100 + serial;
      plain.viewer.requestSize({ width, height: 150 });
      return () => sizes.some((size) => size.width === width);
    },
  },
  'KasmVNC’s questions': {
    needs: undefined,
    use: ({ kasm }) =>
      told(kasm, 'bottleneckStats', () => kasm.viewer.send({ type: 'requestBottleneckStats' })),
  },
} satisfies Readonly<Record<string, SessionDoor>>;

type SessionDoorName = keyof typeof SESSION_DOORS;

/**
 * The door that each kind of message uses. Undefined for messages that concern only the picture and the connection of
 * their sender.
 */
const DOOR_OF_MESSAGE: Readonly<Record<MessageType, SessionDoorName | undefined>> = {
  key: 'key',
  pointer: 'pointer',
  relativeMouse: 'relative mouse',
  clientCutText: 'clipboard in, cut text',
  extendedClipboard: 'clipboard in, extended',
  binaryClipboard: 'clipboard in, KasmVNC’s',
  setDesktopSize: 'resize',

  requestBottleneckStats: 'KasmVNC’s questions',
  networkStats: 'KasmVNC’s questions',
  systemStats: 'KasmVNC’s questions',
  videoCodecs: 'KasmVNC’s questions',

  setPixelFormat: undefined,
  setEncodings: undefined,
  updateRequest: undefined,
  enableContinuousUpdates: undefined,
  fence: undefined,
  latencyProbe: undefined,
  frameStats: undefined,
  setMaxVideoResolution: undefined,
  keepAlive: undefined,
  // Features of KasmVNC that the server lacks.
  subscribeRelay: undefined,
  relayData: undefined,
  udpUpgrade: undefined,
};

/** Kinds of messages that a viewer may send without the right of their door, or not send with it. */
export function messagesWithOtherRights(): string[] {
  const some = { read: true, write: false, owner: true };
  return Object.entries(DOOR_OF_MESSAGE)
    .filter(([type, name]) => {
      const door: SessionDoor | undefined = name && SESSION_DOORS[name];
      const needsWrite = door?.needs === 'write';
      return maySend(type as MessageType, some) === needsWrite;
    })
    .map(([type]) => type);
}

/** Colours that differ by more than JPEG's loss, none of them black. */
const colourOf = (serial: number): number =>
  0x202020 + ((serial * 0x30) % 0xc0) + (((serial * 0x50) % 0xc0) << 8);

let serials = 0;

/** Uses every door of a session, and checks that those are open for which the user has the right, and no others. */
export async function checkSession(scene: Scene, rights: GivenRights, when: string): Promise<void> {
  serials += 1;
  const serial = serials;
  const { desktop } = scene.server;
  // What was sent before this must not look like an effect.
  for (const { viewer } of [scene.plain, scene.kasm]) await viewer.roundTrip();
  desktop.recorded.length = 0;
  const cursors = scene.bystander.cursors + 1;
  const doors: [string, SessionDoor][] = Object.entries(SESSION_DOORS);
  const probes = doors.map(([name, door]) => ({
    name,
    isOpen: door.needs === undefined || rights[door.needs],
    worked: door.use(scene, serial),
  }));
  const pixels = new Uint8Array(4 * 4 * 4).fill(serial);
  desktop.paint({ x: 0, y: 0, width: 64, height: 64 }, colourOf(serial));
  desktop.showCursor({ width: 4, height: 4, hotX: 1, hotY: 1, pixels });
  await scene.settled(colourOf(serial), cursors);
  for (const { name, isOpen, worked } of probes) {
    if (isOpen) await waitFor(`the door "${name}" to work ${when}`, worked);
    else assert.equal(worked(), false, `the door "${name}" is shut ${when}`);
  }
}

/** Parameters of calls that have to be given. The other calls refuse to do anything without them. */
const QUERIES: Readonly<Record<string, string>> = {
  '/api/get_frame_stats': '?client=none',
  '/api/get_next_frame_stats': '?within_ms=1',
};

/**
 * Makes every call of the API, and checks that the statuses are those of a caller with this login, or with none: 'open'
 * for an owner, else the status of the refusal.
 */
export async function checkApi(
  server: ContractServer,
  login: Login | undefined,
  expected: 'open' | 401 | 403,
  when: string,
): Promise<void> {
  const { paths } = (await server.client(ADA).get('/api/openapi.json')).json() as {
    paths: Record<string, object>;
  };
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
  );
  assert.ok(calls.length > 12, 'the API document lists all calls');
  const client = server.client(login);
  for (const [method, path] of calls) {
    const body = method === 'POST' || method === 'PUT' ? { body: '[]' } : {};
    const answer = await client.send(`${path}${QUERIES[path] ?? ''}`, { method, ...body });
    const { status } = answer;
    // The clipboard also needs the right to write. test/api/clipboard.test.ts is about that.
    const isOpen = status === 403 && answer.json().code === 'SESSION_NO_WRITE';
    const isRefused = (status === 401 || status === 403) && !isOpen;
    assert.equal(isRefused ? status : 'open', expected, `${method} ${path} ${when}`);
  }
}

/** Checks which of the ways to the page and to a viewer are open for a login; with `undefined`, that all are shut. */
export async function checkEntrances(
  server: ContractServer,
  login: Login | undefined,
  rights: GivenRights | undefined,
  when: string,
): Promise<void> {
  const client = server.client(login);
  const forReaders = rights === undefined ? 401 : rights.read ? 200 : 403;
  assert.equal((await client.post('/ticket', undefined)).status, forReaders, `a ticket ${when}`);
  const target = { url: server.url, ca: server.ca, ...(login && { user: login }) };
  const opened = Viewer.connectWebSocket(target).then(
    (viewer) => {
      viewer.destroy();
      return 200;
    },
    (error: { readonly status?: number }) => error.status,
  );
  assert.equal(await opened, forReaders, `a viewer ${when}`);
}

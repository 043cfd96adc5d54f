import type { Randr, RandrMode } from 'x11';
import type { Size } from '../../../pixels/rect.ts';
import { DesktopError } from '../../errors.ts';
import { extension, type XConnection } from '../wire/connection.ts';

const ROTATE_0 = 1;
const CONNECTED = 0;

/** X wants a size in millimetres too. 96 dots an inch is what programs take for no scaling. */
const toMm = (pixels: number): number => Math.max(1, Math.round((pixels * 25.4) / 96));

/** Changes a display's size through RandR 1.2, as one output with a mode of exactly that size. */
export class Resizer {
  readonly #x: XConnection;
  readonly #randr: Randr;

  static async open(x: XConnection): Promise<Resizer> {
    return new Resizer(x, await extension<Randr>('RANDR', (done) => x.client.require('randr', done)));
  }

  constructor(x: XConnection, randr: Randr) {
    this.#x = x;
    this.#randr = randr;
  }

  /** The display's size at present. */
  async size(): Promise<Size> {
    const { width, height } = await this.#x.request<Size>((client, done) =>
      client.GetGeometry(this.#x.root, done),
    );
    return { width, height };
  }

  /** Resolves with the size it has afterwards, which is the old one where the display cannot have another. */
  async resize(wanted: Size): Promise<Size> {
    const x = this.#x;
    const randr = this.#randr;
    const range = await x.request<{
      minWidth: number;
      minHeight: number;
      maxWidth: number;
      maxHeight: number;
    }>((_, done) => randr.GetScreenSizeRange(x.root, done));
    // Beyond its range the server refuses half way, and the screen would stay without a monitor.
    const width = Math.max(range.minWidth, Math.min(wanted.width, range.maxWidth));
    const height = Math.max(range.minHeight, Math.min(wanted.height, range.maxHeight));
    const old = await this.size();
    if (old.width === width && old.height === height) return old;

    const output = await this.#output();
    if (!output) return old;
    const mode = await this.#mode(output.id, output.modes, { width, height });

    const setScreen = (size: Size): void =>
      randr.SetScreenSize(x.root, size.width, size.height, toMm(size.width), toMm(size.height));
    // Nobody sees the steps between, and there is no moment without a monitor: the screen grows to hold both
    // sizes, the output changes, the screen shrinks to the new one.
    x.client.GrabServer();
    const both = { width: Math.max(width, old.width), height: Math.max(height, old.height) };
    if (both.width !== old.width || both.height !== old.height) setScreen(both);
    const configured = x.request<unknown>((_, done) =>
      randr.SetCrtcConfig(output.crtc, 0, 0, 0, 0, mode, ROTATE_0, [output.id], done),
    );
    if (both.width !== width || both.height !== height) setScreen({ width, height });
    x.client.UngrabServer();
    try {
      await configured;
    } catch (error) {
      // An attached display may have drivers with a will of their own; it keeps the size it has.
      if (!(error instanceof DesktopError && error.code === 'DESKTOP_X_ERROR')) throw error;
    }
    return this.size();
  }

  async #resources(): Promise<{ outputs: number[]; modeinfos: RandrMode[] }> {
    return this.#x.request((_, done) => this.#randr.GetScreenResourcesCurrent(this.#x.root, done));
  }

  /** The output that shows something. */
  async #output(): Promise<{ id: number; crtc: number; modes: number[] } | undefined> {
    for (const id of (await this.#resources()).outputs) {
      const info = await this.#x.request<{ crtc: number; connection: number; modes: number[] }>((_, done) =>
        this.#randr.GetOutputInfo(id, 0, done),
      );
      if (info.connection === CONNECTED && info.crtc !== 0) return { id, crtc: info.crtc, modes: info.modes };
    }
    return undefined;
  }

  /** A mode of that size on the output, made where there is none. Names are unique, so it is looked up first. */
  async #mode(output: number, modes: readonly number[], { width, height }: Size): Promise<number> {
    const { modeinfos } = await this.#resources();
    const fitting = modeinfos.filter((mode) => mode.width === width && mode.height === height);
    const there = fitting.find((mode) => modes.includes(mode.id));
    if (there) return there.id;
    const name = `${width}x${height}`;
    const known = fitting.find((mode) => mode.name === name);
    const id =
      known?.id ??
      (await this.#x.request<number>((_, done) =>
        this.#randr.CreateMode(this.#x.root, { width, height, name }, done),
      ));
    this.#randr.AddOutputMode(output, id);
    return id;
  }
}

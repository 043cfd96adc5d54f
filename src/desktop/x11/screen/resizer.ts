import type { Randr, RandrMode, Xinerama } from 'x11';
import { type Size, sameSize } from '../../../pixels/rect.ts';
import { DesktopError } from '../../errors.ts';
import { extension, type XConnection } from '../wire/connection.ts';
import { toMm, USUAL_DPI } from './dpi-settings.ts';
import type { MadeMode, MadeModes } from './made-modes.ts';
import { refreshHz, timingsFor } from './mode-timings.ts';

const ROTATE_0 = 1;
const CONNECTED = 0;

/** The output that shows the screen. */
interface Output {
  readonly id: number;
  readonly crtc: number;
  /** Ids of its modes. */
  readonly modes: readonly number[];
  /** Id of the mode it uses. */
  readonly mode: number;
}

/**
 * Changes a display's size through RandR 1.2, as one output with a mode of exactly that size. Modes made for that are
 * deleted when they are no longer used; modes that the display has of its own are used and never deleted.
 */
export class Resizer {
  readonly #x: XConnection;
  readonly #randr: Randr;
  readonly #made: MadeModes;
  /** Undefined if the server lacks the extension. */
  readonly #xinerama: Xinerama | undefined;

  static async open(x: XConnection, made: MadeModes): Promise<Resizer> {
    const randr = await extension<Randr>('RANDR', (done) => x.client.require('randr', done));
    const xinerama = await extension<Xinerama>('XINERAMA', (done) =>
      x.client.require('xinerama', done),
    ).catch(() => undefined);
    const resizer = new Resizer(x, randr, made, xinerama);
    made.keepOnly((await resizer.#resources()).modeinfos);
    return resizer;
  }

  constructor(x: XConnection, randr: Randr, made: MadeModes, xinerama?: Xinerama) {
    this.#x = x;
    this.#randr = randr;
    this.#made = made;
    this.#xinerama = xinerama;
  }

  /** Returns the display's present size. */
  async size(): Promise<Size> {
    const { width, height } = await this.#x.request<Size>((client, done) =>
      client.GetGeometry(this.#x.root, done),
    );
    return { width, height };
  }

  /**
   * Resolves with the size afterwards, which is the old one if the display cannot have another. Rejects with DesktopError
   * `DESKTOP_MONITORS` if the display has several monitors: one output of that size would end their layout.
   */
  async resize(wanted: Size, dpi = USUAL_DPI): Promise<Size> {
    if (await this.#hasMonitors()) throw new DesktopError('DESKTOP_MONITORS');
    const range = await this.#x.request<{
      minWidth: number;
      minHeight: number;
      maxWidth: number;
      maxHeight: number;
    }>((_, done) => this.#randr.GetScreenSizeRange(this.#x.root, done));
    // For a size beyond the range, the server refuses the last of several steps: the screen would have no monitor.
    const size = {
      width: Math.max(range.minWidth, Math.min(wanted.width, range.maxWidth)),
      height: Math.max(range.minHeight, Math.min(wanted.height, range.maxHeight)),
    };
    const old = await this.size();
    const { outputs, modeinfos } = await this.#resources();
    const output = await this.#findOutput(outputs);
    if (!output) return old;
    const current = modeinfos.find(({ id }) => id === output.mode);
    if (sameSize(size, old) && current && this.#isGood(current)) return old;

    const mode = await this.#modeFor(size, output, modeinfos);
    const hasChanged = mode.id === output.mode || (await this.#change(output, mode.id, old, size, dpi));
    if (!hasChanged) {
      if (mode.isMade && !this.#made.has(mode.id)) this.#delete(output, [mode]);
      return this.size();
    }
    if (current) this.#made.left(current);
    this.#delete(output, mode.isMade ? this.#made.use(mode) : this.#made.useForeign());
    return this.size();
  }

  /**
   * Removes our traces from a display that goes on without us: gives it back its original mode if it has one of ours
   * now, and deletes all of ours.
   */
  async leave(): Promise<void> {
    if (this.#made.isOwnServer || this.#made.all.length === 0) return;
    const { outputs, modeinfos } = await this.#resources();
    const output = await this.#findOutput(outputs);
    if (!output) return;
    const original = modeinfos.find(({ id }) => id === this.#made.original?.id);
    if (original && this.#made.has(output.mode)) {
      await this.#change(output, original.id, await this.size(), original, USUAL_DPI);
    }
    this.#delete(output, this.#made.leave());
    await this.#x.sync();
  }

  /** Returns whether the display took the mode. */
  async #change(output: Output, mode: number, old: Size, size: Size, dpi: number): Promise<boolean> {
    const x = this.#x;
    const setScreen = ({ width, height }: Size): void =>
      this.#randr.SetScreenSize(x.root, width, height, toMm(width, dpi), toMm(height, dpi));
    // Programs see no step in between, and the screen always has a monitor: it grows to hold both sizes, the output
    // changes its mode, and the screen shrinks to the new size.
    x.client.GrabServer();
    const both = { width: Math.max(size.width, old.width), height: Math.max(size.height, old.height) };
    if (!sameSize(both, old)) setScreen(both);
    const configured = x.request<{ status: number }>((_, done) =>
      this.#randr.SetCrtcConfig(output.crtc, 0, 0, 0, 0, mode, ROTATE_0, [output.id], done),
    );
    if (!sameSize(both, size)) setScreen(size);
    x.client.UngrabServer();
    try {
      if ((await configured).status === 0) return true;
    } catch (error) {
      if (!(error instanceof DesktopError && error.code === 'DESKTOP_X_ERROR')) throw error;
    }
    // The driver of an attached display may refuse a mode. The display keeps its size then.
    setScreen(old);
    return false;
  }

  /** Whether the display has several monitors, as outputs or as parts of one that `xrandr --setmonitor` made. */
  async #hasMonitors(): Promise<boolean> {
    if (this.#made.isOwnServer || !this.#xinerama) return false;
    const xinerama = this.#xinerama;
    const monitors = await this.#x.request<readonly unknown[]>((_, done) => xinerama.QueryScreens(done));
    return monitors.length > 1;
  }

  async #resources(): Promise<{ outputs: number[]; modeinfos: RandrMode[] }> {
    return this.#x.request((_, done) => this.#randr.GetScreenResourcesCurrent(this.#x.root, done));
  }

  async #findOutput(ids: readonly number[]): Promise<Output | undefined> {
    for (const id of ids) {
      const { crtc, connection, modes } = await this.#x.request<{
        crtc: number;
        connection: number;
        modes: number[];
      }>((_, done) => this.#randr.GetOutputInfo(id, 0, done));
      if (connection !== CONNECTED || crtc === 0) continue;
      const { mode } = await this.#x.request<{ mode: number }>((_, done) =>
        this.#randr.GetCrtcInfo(crtc, 0, done),
      );
      return { id, crtc, modes, mode };
    }
    return undefined;
  }

  /** Returns a mode of that size: one that the output has, or a new one. */
  async #modeFor(
    size: Size,
    output: Output,
    modeinfos: readonly RandrMode[],
  ): Promise<MadeMode & { readonly isMade: boolean }> {
    const known = modeinfos.find(
      (mode) => output.modes.includes(mode.id) && sameSize(mode, size) && this.#isGood(mode),
    );
    if (known) return { id: known.id, name: known.name, isMade: this.#made.has(known.id) };
    const name = freeName(size, modeinfos);
    const id = await this.#x.request<number>((_, done) =>
      this.#randr.CreateMode(this.#x.root, { ...timingsFor(size), name }, done),
    );
    this.#randr.AddOutputMode(output.id, id);
    return { id, name, isMade: true };
  }

  /**
   * An attached display's own modes are good as they are. The one that Xvfb has of its own, of its largest size, has no
   * refresh rate; Xvfb refuses to delete it (BadAccess), since no client made it.
   */
  #isGood(mode: RandrMode): boolean {
    return !this.#made.isOwnServer || refreshHz(mode) > 0;
  }

  #delete(output: Output, modes: readonly MadeMode[]): void {
    for (const { id } of modes) {
      this.#randr.DeleteOutputMode(output.id, id);
      this.#randr.DestroyMode(id);
    }
  }
}

/** Returns a name for a mode that no other mode has: the server refuses a second one. */
function freeName({ width, height }: Size, modes: readonly RandrMode[]): string {
  const isTaken = (name: string): boolean => modes.some((mode) => mode.name === name);
  const plain = `${width}x${height}`;
  let name = plain;
  for (let number = 60; isTaken(name); number++) name = `${plain}_${number}`;
  return name;
}

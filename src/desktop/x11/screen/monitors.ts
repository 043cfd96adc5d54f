import type { Randr } from 'x11';
import type { Size } from '../../../pixels/rect.ts';
import { type DesktopScreen, ScreenLayout } from '../../screen-layout.ts';
import { extension, type XConnection } from '../wire/connection.ts';
import { sendRaw } from '../wire/raw-request.ts';
import { toMm } from './dpi-settings.ts';

// RandR 1.5: randrproto.txt, "RRSetMonitor" and "RRDeleteMonitor". The package x11 has neither.
const SET_MONITOR = 43;
const DELETE_MONITOR = 44;
const SET_MONITOR_BYTES = 32;
const DELETE_MONITOR_BYTES = 12;

/**
 * Divides the screen of an X server of our own into monitors, as `xrandr --setmonitor` does: window managers maximise
 * windows over one monitor, and panels stay on the first.
 */
export class Monitors {
  readonly #x: XConnection;
  readonly #randr: Randr;
  /** The output that shows the screen. */
  readonly #output: number;
  readonly #layout = new ScreenLayout();
  /** Atoms of the names of the monitors that we made, in the order of the screens. */
  #names: readonly number[] = [];

  static async open(x: XConnection): Promise<Monitors> {
    const randr = await extension<Randr>('RANDR', (done) => x.client.require('randr', done));
    const { outputs } = await x.request<{ outputs: number[] }>((_, done) =>
      randr.GetScreenResourcesCurrent(x.root, done),
    );
    return new Monitors(x, randr, outputs[0] ?? 0);
  }

  private constructor(x: XConnection, randr: Randr, output: number) {
    this.#x = x;
    this.#randr = randr;
    this.#output = output;
  }

  /** Returns the screens that a desktop of that size is divided into. */
  at(size: Size): readonly DesktopScreen[] {
    return this.#layout.at(size);
  }

  /** Makes a monitor of each screen. Without screens, the X server has its own monitor, of the whole screen. */
  async divide(size: Size, screens: readonly DesktopScreen[], dpi: number): Promise<void> {
    this.#layout.set(size, screens);
    const names: number[] = [];
    for (let i = 1; i <= screens.length; i++) names.push(await this.#x.atom(`screen-${i}`));
    const { client } = this.#x;
    // Programs see no step in between. The server keeps a monitor as it is if it is set again under its name.
    client.GrabServer();
    for (const name of this.#names) this.#delete(name);
    for (const [i, screen] of screens.entries()) this.#set(names[i]!, screen, dpi, i === 0);
    client.UngrabServer();
    this.#names = names;
  }

  /** The first monitor takes the output, which has a monitor of its own otherwise. */
  #set(name: number, { x, y, width, height }: DesktopScreen, dpi: number, isFirst: boolean): void {
    const request = Buffer.alloc(SET_MONITOR_BYTES + (isFirst ? 4 : 0));
    this.#begin(request, SET_MONITOR, name);
    request.writeUInt8(isFirst ? 1 : 0, 12);
    request.writeUInt16LE(isFirst ? 1 : 0, 14);
    request.writeInt16LE(x, 16);
    request.writeInt16LE(y, 18);
    request.writeUInt16LE(width, 20);
    request.writeUInt16LE(height, 22);
    request.writeUInt32LE(toMm(width, dpi), 24);
    request.writeUInt32LE(toMm(height, dpi), 28);
    if (isFirst) request.writeUInt32LE(this.#output, 32);
    sendRaw(this.#x.client, request);
  }

  #delete(name: number): void {
    const request = Buffer.alloc(DELETE_MONITOR_BYTES);
    this.#begin(request, DELETE_MONITOR, name);
    sendRaw(this.#x.client, request);
  }

  #begin(request: Buffer, minor: number, name: number): void {
    request.writeUInt8(this.#randr.majorOpcode, 0);
    request.writeUInt8(minor, 1);
    request.writeUInt32LE(this.#x.root, 4);
    request.writeUInt32LE(name, 8);
  }
}

import type { Property } from 'x11';
import type { XConnection } from '../wire/connection.ts';
import { resourcesWithDpi, xsettingsOf } from './dpi-settings.ts';

// Numbers of the X protocol.
const REPLACE = 0;
const INPUT_ONLY = 2;
const SELECTION_CLEAR = 29;
const STRUCTURE_NOTIFY_MASK = 0x20000;
const BYTES = 8;
const LONGS = 32;

/**
 * Words of 4 bytes of RESOURCE_MANAGER with which it is changed at most, so that it fits into one request to the X
 * server: 65,535 words with our line. Users' resources take some kilobytes.
 */
const MOST_RESOURCE_WORDS = 65_000;

/**
 * Tells programs that start later the dots per inch, as the X resource `Xft.dpi`. Resources that are too large are left
 * as they are.
 */
export async function writeDpiResource(x: XConnection, dpi: number): Promise<void> {
  const { client, root } = x;
  const { RESOURCE_MANAGER, STRING } = client.atoms as Record<string, number>;
  // No program changes the resources between our reading and our writing.
  client.GrabServer();
  try {
    const { data, bytesAfter } = await x.request<Property>((_, done) =>
      client.GetProperty(0, root, RESOURCE_MANAGER!, STRING!, 0, MOST_RESOURCE_WORDS, done),
    );
    if (bytesAfter > 0) return;
    const resources = Buffer.from(resourcesWithDpi(data.toString('latin1'), dpi), 'latin1');
    client.ChangeProperty(REPLACE, root, RESOURCE_MANAGER!, STRING!, BYTES, resources);
  } finally {
    if (x.isOpen) client.UngrabServer();
  }
}

/**
 * Tells running programs the dots per inch, as the XSETTINGS manager of the display. Leaves that to another program
 * which is the manager already, or becomes it later.
 */
export class DpiTeller {
  readonly #x: XConnection;
  readonly #selection: number;
  readonly #property: number;
  #window: number | undefined;
  #serial = 0;

  static async open(x: XConnection): Promise<DpiTeller> {
    return new DpiTeller(x, await x.atom('_XSETTINGS_S0'), await x.atom('_XSETTINGS_SETTINGS'));
  }

  private constructor(x: XConnection, selection: number, property: number) {
    this.#x = x;
    this.#selection = selection;
    this.#property = property;
    x.onEvent(({ type, selection: lost }) => {
      if (type !== SELECTION_CLEAR || lost !== selection || this.#window === undefined) return;
      // Programs take the end of a manager's window as its end.
      x.client.DestroyWindow(this.#window);
      this.#window = undefined;
    });
  }

  async tell(dpi: number): Promise<void> {
    await writeDpiResource(this.#x, dpi);
    const { client } = this.#x;
    const write = (window: number): void =>
      client.ChangeProperty(
        REPLACE,
        window,
        this.#property,
        this.#property,
        BYTES,
        xsettingsOf(dpi, ++this.#serial),
      );
    if (this.#window !== undefined) write(this.#window);
    else if ((await this.#owner()) === 0) await this.#becomeManager(write);
  }

  /** Becomes the manager, and says so. Programs read the property at once, so `write` comes first. */
  async #becomeManager(write: (window: number) => void): Promise<void> {
    const { client, root } = this.#x;
    const manager = await this.#x.atom('MANAGER');
    const window = client.AllocID();
    client.CreateWindow(window, root, -1, -1, 1, 1, 0, 0, INPUT_ONLY, 0, {});
    write(window);
    client.SetSelectionOwner(window, this.#selection, 0);
    if ((await this.#owner()) !== window) {
      client.DestroyWindow(window);
      return;
    }
    this.#window = window;
    client.SendEvent(root, 0, STRUCTURE_NOTIFY_MASK, {
      name: 'ClientMessage',
      format: LONGS,
      wid: root,
      message_type: manager,
      data: [0, this.#selection, window, 0, 0],
    });
  }

  #owner(): Promise<number> {
    return this.#x.request<number>((client, done) => client.GetSelectionOwner(this.#selection, done));
  }
}

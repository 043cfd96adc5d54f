/**
 * Number of modes kept in addition to the current one. With more, a display lists modes that it may never use again;
 * with fewer, going back and forth between sizes makes and deletes modes all the time. Making one takes 0.3 ms.
 */
const KEPT_MODES = 3;

/** A mode that we made on a display. */
export interface MadeMode {
  readonly id: number;
  readonly name: string;
}

/** The modes that we made on one display, least recently used first. It outlives the connections to the display. */
export class MadeModes {
  /** Whether the X server is our own, and ends with us. */
  readonly isOwnServer: boolean;
  #modes: MadeMode[] = [];
  #original: MadeMode | undefined;

  constructor(isOwnServer: boolean) {
    this.isOwnServer = isOwnServer;
  }

  /** The display's own mode before we changed it: it gets that back when we leave. */
  get original(): MadeMode | undefined {
    return this.#original;
  }

  /** The display leaves a mode. The first one that is not ours is its original one. */
  left(mode: MadeMode): void {
    if (!this.has(mode.id)) this.#original ??= { id: mode.id, name: mode.name };
  }

  get all(): readonly MadeMode[] {
    return this.#modes;
  }

  /** The server has these modes now. A server that was started again has none of ours. */
  keepOnly(listed: readonly MadeMode[]): void {
    const isListed = ({ id, name }: MadeMode): boolean =>
      listed.some((mode) => mode.id === id && mode.name === name);
    this.#modes = this.#modes.filter(isListed);
    if (this.#original && !isListed(this.#original)) this.#original = undefined;
  }

  has(id: number): boolean {
    return this.#modes.some((mode) => mode.id === id);
  }

  /** The display uses `mode` now, which we made. Returns the modes to be deleted, and forgets them. */
  use(mode: MadeMode): readonly MadeMode[] {
    this.#modes = [...this.#modes.filter(({ id }) => id !== mode.id), mode];
    return this.#forget(this.#modes.length - 1 - KEPT_MODES);
  }

  /** The display uses a mode of its own now. Returns the modes to be deleted, and forgets them. */
  useForeign(): readonly MadeMode[] {
    return this.#forget(this.#modes.length - KEPT_MODES);
  }

  /** We leave the display. Returns all modes, to be deleted, and forgets them. */
  leave(): readonly MadeMode[] {
    return this.#forget(this.#modes.length);
  }

  #forget(count: number): readonly MadeMode[] {
    return this.#modes.splice(0, Math.max(0, count));
  }
}

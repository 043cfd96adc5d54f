/** Ends one `read` or `write`. Calling it again has no effect. */
export type Release = () => void;

/**
 * Lock of the shown picture: any number of readers, or one writer. It has no queue. A caller that finds it taken tries
 * again after `onRelease`.
 */
export class PictureLock {
  readonly #onRelease: () => void;
  #readers = 0;
  #hasWriter = false;
  #writes = 0;
  #released: PromiseWithResolvers<void> | undefined;

  /** `onRelease` is called after each release. */
  constructor(onRelease: () => void) {
    this.#onRelease = onRelease;
  }

  get isRead(): boolean {
    return this.#readers > 0;
  }

  get isWritten(): boolean {
    return this.#hasWriter;
  }

  /** Number of writes that have begun. While it is the same, so are the rows that may be read. */
  get writes(): number {
    return this.#writes;
  }

  /** Keeps the picture unchanged until it is released. Throws while the picture is written. */
  read(): Release {
    if (this.#hasWriter) throw new Error('The shown picture is being written.');
    return this.readTop();
  }

  /** As `read`, for rows that the present writer has finished: the picture's other rows may still change. */
  readTop(): Release {
    this.#readers++;
    return this.#once(() => this.#readers--);
  }

  /** Resolves after the next release, when the picture may have been taken again. */
  untilReleased(): Promise<void> {
    this.#released ??= Promise.withResolvers();
    return this.#released.promise;
  }

  /** Keeps readers away until it is released. Throws while the picture is read or written. */
  write(): Release {
    if (this.#hasWriter || this.#readers > 0) throw new Error('The shown picture is in use.');
    this.#hasWriter = true;
    this.#writes++;
    return this.#once(() => {
      this.#hasWriter = false;
    });
  }

  #once(release: () => void): Release {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      release();
      this.#released?.resolve();
      this.#released = undefined;
      this.#onRelease();
    };
  }
}

import type { Rect, Size } from '../../../pixels/rect.ts';
import type { LeanConnection } from '../wire/lean-connection.ts';
import { kindOf } from '../wire/packet-input.ts';
import {
  createDamage,
  createRegion,
  damagedArea,
  damagedScreen,
  fetchRegion,
  queryVersion,
  subtractDamage,
} from './frame-requests.ts';

/**
 * DamageReportBoundingBox: an event when the box around all damage grows. A lower level would send one for each drawing
 * operation. The highest, an event for the first damage only, would not say where a small change is.
 */
const BOUNDING_BOX = 2;

const NO_REGION = 0;

/** Whether a sequence number of 16 bits is before another one. */
const isBefore = (sequence: number, other: number): boolean => ((sequence - other) << 16) >> 16 < 0;

/** Damage that a capture has taken from the X server. */
export interface TakenDamage {
  /** Box around it. Final when a reply to a later request has arrived. */
  readonly box: Rect | undefined;
}

/** Follows where programs draw on the screen (DAMAGE extension). */
export class DamageWatch {
  readonly #x: LeanConnection;
  readonly #subtract: Buffer;
  readonly #subtractIntoRegion: Buffer;
  /** Asks for the region of `takeRegion`. */
  readonly fetchRegion: Buffer;
  #box: Rect | undefined;
  #isReported = false;
  #screen: Size = { width: 0, height: 0 };
  #taken: { box: Rect | undefined; readonly sequence: number } | undefined;

  /** Calls `onDamage` when something is drawn: at most once between two captures. */
  static async open(x: LeanConnection, onDamage: () => void): Promise<DamageWatch> {
    const [fixes, damage] = await Promise.all([x.extension('XFIXES'), x.extension('DAMAGE')]);
    const versions = [x.ask(queryVersion(fixes.opcode, 5, 0)), x.ask(queryVersion(damage.opcode, 1, 1))];
    const [damageId, regionId] = [x.allocId(), x.allocId()];
    x.send(createRegion(fixes.opcode, regionId));
    const watch = new DamageWatch(x, damage.opcode, damageId, fixes.opcode, regionId);
    x.listen({
      event: (packet, sequence) => {
        if (kindOf(packet) === damage.firstEvent) watch.#damaged(packet, sequence);
      },
      caughtUp: () => {
        if (!watch.#box || watch.#isReported) return;
        watch.#isReported = true;
        onDamage();
      },
    });
    // A new damage object begins with the whole screen damaged, and reports it.
    x.send(createDamage(damage.opcode, damageId, x.root, BOUNDING_BOX));
    x.flush();
    await Promise.all(versions);
    return watch;
  }

  constructor(
    x: LeanConnection,
    damageOpcode: number,
    damageId: number,
    fixesOpcode: number,
    regionId: number,
  ) {
    this.#x = x;
    this.#subtract = subtractDamage(damageOpcode, damageId, NO_REGION);
    this.#subtractIntoRegion = subtractDamage(damageOpcode, damageId, regionId);
    this.fetchRegion = fetchRegion(fixesOpcode, regionId);
  }

  /** Box around all damage that no capture has taken. Undefined if there is none. */
  get box(): Rect | undefined {
    return this.#box;
  }

  /** Size of the screen when the last damage was reported. */
  get screen(): Size {
    return this.#screen;
  }

  /** Adds a request that takes all damage. */
  take(): TakenDamage {
    return this.#take(this.#subtract);
  }

  /** Adds a request that takes all damage into the region that `fetchRegion` asks for. */
  takeRegion(): TakenDamage {
    return this.#take(this.#subtractIntoRegion);
  }

  #take(request: Buffer): TakenDamage {
    const taken = { box: this.#box, sequence: this.#x.send(request) };
    this.#taken = taken;
    this.#box = undefined;
    this.#isReported = false;
    return taken;
  }

  #damaged(event: Buffer, sequence: number): void {
    this.#screen = damagedScreen(event);
    const area = damagedArea(event);
    // The server had not taken the damage away when it sent this: the box is that of the capture.
    if (this.#taken && isBefore(sequence, this.#taken.sequence)) this.#taken.box = area;
    else this.#box = area;
  }
}

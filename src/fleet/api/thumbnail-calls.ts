import { setTimeout as sleep } from 'node:timers/promises';
import type { User } from '../../accounts/user.ts';
import { type Call, defineCall } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import type { Glance, Glances, Onlooker } from '../edge/glances.ts';
import type { Desktop } from '../store/fleet-state.ts';
import { rightsOn } from '../store/rights.ts';
import type { FleetStore } from '../store/store.ts';
import { callerIn } from './callers.ts';
import { NamePlace } from './fields.ts';
import { formData, type Part } from './form-data.ts';

/** Desktops of one call. A larger number has one answer take more memory: 10 kB for each picture. */
const MOST_DESKTOPS = 200;

/**
 * Desktops that one call asks at a time. With a larger number, all of a machine make their pictures at once, and
 * viewers' frames wait; with a smaller one, an edge that is far from its hosts takes longer.
 */
const AT_A_TIME = 8;

/**
 * Time in ms after which a call is answered with what it has. A larger value has a desktop that hangs delay the
 * pictures of the others; with a smaller one, pictures of a busy machine come by the next call.
 */
const DEADLINE_MS = 700;

/**
 * Time in ms after which the next desktop is asked although this one has not answered. With a larger value, a few that
 * hang leave no time for the others; with a smaller one, more than AT_A_TIME make their pictures at once.
 */
const TURN_MS = 150;

/** Tags of pictures as desktops make them. Others are those of no picture. */
const TAG = /^[\w-]{1,64}$/;

/** Name of the part that is no picture. No desktop can have it. */
const FACTS = 'fleet.json';

const Wanted = Type.Object({
  ...NamePlace.properties,
  tag: Type.Optional(
    Type.String({ maxLength: 64, description: 'File name of the picture that the caller has' }),
  ),
});

export type GlanceSource = Pick<Glances, 'look'>;

/** The call by which the page of the fleet shows what is on its desktops. */
export function thumbnailCalls(store: FleetStore, glances: GlanceSource): Call[] {
  /** The desktops among these that run and that the caller may see, with the caller's rights. */
  const seen = (caller: User, wanted: readonly { readonly name: string; readonly tag?: string }[]) => {
    const user = callerIn(store.state, caller);
    return wanted.flatMap(({ name, tag }) => {
      const desktop = store.state.desktop.get(name);
      if (desktop?.status.state !== 'running' || desktop.wanted === 'gone') return [];
      const rights = rightsOn(user, desktop);
      const had = tag !== undefined && TAG.test(tag) ? tag : undefined;
      return rights.read ? [{ desktop, tag: had, user: { name: user.name, ...rights } }] : [];
    });
  };

  return [
    defineCall({
      method: 'POST',
      path: '/thumbnails',
      scope: 'view',
      summary: 'Small pictures of desktops, and who is connected to each',
      description:
        'Answers with the parts of a form: a JPEG for each desktop that runs and whose picture is not the one that the ' +
        'caller has, and `fleet.json`. That has the `version` of the fleet, which is another one after each change, and ' +
        'for each desktop its number of viewers; for its owners also their names and what holds them up, as in ' +
        '`get_bottleneck_stats`. A desktop that does not answer in time is left out.',
      changes: false,
      parameters: Type.Object({}),
      body: Type.Array(Wanted, { minItems: 0, maxItems: MOST_DESKTOPS }),
      answers: {
        200: {
          description: 'Parts',
          content: { 'multipart/form-data': Type.String({ format: 'binary' }) },
        },
      },
      handle: async ({ body, user: caller, address, signal }) => {
        const { version } = store.state;
        const found = await lookAtAll(seen(caller, body), address, glances, signal);
        // Rights may have changed meanwhile.
        const still = new Map(
          seen(caller, body).map(({ desktop, user }) => [desktop.name, { desktop, user }]),
        );
        const viewers: Record<string, object> = {};
        const pictures: Part[] = [];
        for (const [{ name, epoch }, glance] of found) {
          const now = still.get(name);
          if (now?.desktop.epoch !== epoch) continue;
          const { length: count } = glance.viewers;
          viewers[name] = now.user.owner ? { count, named: glance.viewers } : { count };
          if (glance.picture === undefined) continue;
          const { tag, bytes } = glance.picture;
          pictures.push({ name, type: 'image/jpeg', file: tag, bytes });
        }
        const facts = Buffer.from(JSON.stringify({ version, viewers }));
        const parts = [{ name: FACTS, type: 'application/json', bytes: facts }, ...pictures];
        return { status: 200, ...formData(parts) };
      },
    }),
  ];
}

type Wish = Omit<Onlooker, 'address'> & { readonly desktop: Desktop };

/** Looks at some desktops at a time, until all have answered or the time is over. */
async function lookAtAll(
  wishes: readonly Wish[],
  address: string,
  glances: GlanceSource,
  signal: AbortSignal,
): Promise<[Desktop, Glance][]> {
  const found: [Desktop, Glance][] = [];
  const over = new AbortController();
  const deadline = sleep(DEADLINE_MS, undefined, { signal: over.signal }).catch(() => undefined);
  let isOver = false;
  void deadline.then(() => {
    isOver = true;
  });
  const waiting = [...wishes];
  const looks: Promise<void>[] = [];
  const lookOn = async (): Promise<void> => {
    for (let wish = waiting.shift(); wish !== undefined; wish = waiting.shift()) {
      if (isOver || signal.aborted) return;
      const { desktop, ...onlooker } = wish;
      const look = glances.look(desktop, { ...onlooker, address }, deadline).then((glance) => {
        if (glance !== undefined) found.push([desktop, glance]);
      });
      looks.push(look);
      await Promise.race([look, sleep(TURN_MS, undefined, { ref: false })]);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lookOn));
  await Promise.all(looks);
  over.abort();
  return found;
}

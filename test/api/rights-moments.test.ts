import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Accounts } from '../../src/accounts/accounts.ts';
import { openAccounts } from '../../src/accounts/file-accounts.ts';
import * as wire from '../../src/protocol/constants.ts';
import { writeClientMessage } from '../../src/protocol/write-client-message.ts';
import { withSlack } from '../support/limits.ts';
import { STANDARD_ENCODINGS } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, CHEAP, ContractServer, type Login } from './contract-server.ts';
import { ACTS_WITHIN_MS, CHANGES } from './rights-changes.ts';
import { PASTES, PLAIN, recordTexts } from './rights-doors.ts';

/** Moments at which a change may find a connection, in ms after it began: before, during and after the login. */
const CONNECTING_MS = [0, 1, 2, 4, 8, 16];

/**
 * Users of a bulk call that is still in progress when another process makes a change. Each takes some 30 ms of one core:
 * with fewer, the call may be done before the change on a fast machine.
 */
const BULK_USERS = 16;

let server: ContractServer;
/** The accounts of another process, such as `deskwire user`. */
let elsewhere: Accounts;
/** The user of the test. Each test has another one, because wrong passwords slow down the next logins of a name. */
let fred: Login;
let users = 0;
before(async () => {
  server = await ContractServer.start();
  elsewhere = await openAccounts({ folder: server.folder, cost: CHEAP });
});
after(async () => {
  await elsewhere.close();
  await server.close();
});
beforeEach(() => {
  users += 1;
  fred = { name: `fred${users}`, password: 'fred-secret' };
});
afterEach(async () => {
  await server.client(ADA).get(`/api/remove_user?name=${fred.name}`);
});

async function call(path: string): Promise<void> {
  assert.equal((await server.client(ADA).get(`/api/${path}`)).status, 200, path);
}

async function makeFred(): Promise<void> {
  const given = 'read=1&write=1&owner=1';
  await call(`create_user?name=${fred.name}&password=${fred.password}&${given}`);
}

/** Who makes a change of the test's user. */
const BY: Readonly<Record<string, (what: string) => Promise<void>>> = {
  'the API': (what) => call(CHANGES[what]!.call(fred.name)),
  'another process': (what) => elsewhere.apply([CHANGES[what]!.applied(fred.name)]),
};

/** Waits for the effect of a change that was just answered, and reports how long that took. */
async function atOnce(t: TestContext, what: string, probe: () => boolean): Promise<void> {
  const answeredMs = performance.now();
  await waitFor(what, probe, withSlack(ACTS_WITHIN_MS));
  t.diagnostic(`${what} came ${Math.round(performance.now() - answeredMs)} ms after the answer`);
}

for (const [what, { left, ends }] of Object.entries(CHANGES)) {
  for (const [by, change] of Object.entries(BY)) {
    test(`when ${what} by ${by} in the middle of a drag, all is released within 100 ms or the drag goes on`, async (t) => {
      await makeFred();
      const viewer = await server.viewer(fred, { encodings: PLAIN });
      const { recorded } = server.desktop;
      recorded.length = 0;
      const isUp = (kind: 'key' | 'button') => recorded.some((input) => input.kind === kind && !input.down);
      viewer.sendKey(0xffe1, true);
      viewer.sendPointer(10, 10, 1);
      await waitFor('the button', () => recorded.some(({ kind }) => kind === 'button'));
      const changing = change(what);
      for (let x = 11; x < 60; x++) viewer.sendPointer(x, 10, 1);
      await changing;
      if (left.write) {
        viewer.sendPointer(33, 44, 1);
        await waitFor('the move', () => recorded.some((input) => input.kind === 'move' && input.y === 44));
        assert.ok(!isUp('button') && !isUp('key'));
      } else {
        await atOnce(t, 'the release', () => isUp('button') && isUp('key'));
        const before = recorded.length;
        viewer.sendPointer(33, 44, 1);
        await (ends ? viewer.waitForClose() : viewer.roundTrip());
        assert.deepEqual(recorded.slice(before), []);
      }
      viewer.destroy();
    });
  }

  test(`when ${what} while thousands of keys are on their way, none is typed after 100 ms without write`, async () => {
    await makeFred();
    const viewer = await server.viewer(fred, { encodings: PLAIN });
    const { recorded } = server.desktop;
    recorded.length = 0;
    const keys = 3000;
    for (let i = 0; i < keys; i++) viewer.typeKeys(0x61);
    await waitFor('the first key', () => recorded.length > 0);
    await BY['the API']!(what);
    if (left.write) {
      await waitFor('the last key', () => recorded.length === 2 * keys);
    } else if (ends) {
      await viewer.waitForClose();
    } else {
      // The server has handled, or dropped, all keys before this.
      const typed = recorded.length;
      await viewer.roundTrip();
      assert.ok(recorded.slice(typed).every((input) => input.kind === 'key' && !input.down));
    }
    const last = recorded.at(-1);
    assert.ok(last?.kind === 'key' && !last.down, 'no key is left down');
    viewer.destroy();
  });

  test(`when ${what} while a viewer connects, the viewer has only the rights that are left`, async () => {
    for (const afterMs of CONNECTING_MS) {
      await makeFred();
      const connecting = server.viewer(fred, { encodings: PLAIN }).catch(() => undefined);
      await sleep(afterMs);
      await BY['the API']!(what);
      const viewer = await connecting;
      const { recorded } = server.desktop;
      recorded.length = 0;
      if (left.read) {
        assert.ok(viewer, `after ${afterMs} ms`);
        viewer.typeKeys(0x62);
        await viewer.roundTrip();
        assert.equal(recorded.length > 0, left.write, `after ${afterMs} ms`);
      } else if (ends) {
        await viewer?.waitForClose();
      } else if (viewer !== undefined) {
        server.desktop.paint({ x: 0, y: 0, width: 64, height: 64 }, 0xff_ff_ff - users);
        await viewer.roundTrip();
        assert.equal(viewer.framebuffer.pixelAt(8, 8), 0, `after ${afterMs} ms`);
      }
      viewer?.destroy();
      await call(`remove_user?name=${fred.name}`).catch(() => undefined);
    }
  });

  test(`when ${what}, the cookie and the ticket that a page has from before open only what is left`, async () => {
    await makeFred();
    const given = await server.client(fred).post('/ticket', undefined);
    const [cookie = ''] = given.headers['set-cookie']?.[0]?.split(';') ?? [];
    const anyone = server.client();
    const byCookie = async () => (await anyone.post('/ticket', undefined, { headers: { cookie } })).status;
    assert.equal(await byCookie(), 200, 'the cookie is valid before');
    await BY['the API']!(what);
    assert.equal(await byCookie(), ends ? 401 : left.read ? 200 : 403);
    assert.equal((await anyone.get('/api/get_users', { headers: { cookie } })).status, 401);
    const opened = async (headers: Record<string, string>, query: string): Promise<number> => {
      const url = new URL(`/websockify${query}`, server.url.replace('https', 'wss'));
      const socket = new WebSocket(url, ['binary'], { ca: server.ca, headers });
      socket.on('error', () => {});
      const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode);
      const status = await Promise.race([once(socket, 'open').then(() => 101), refused]);
      socket.terminate();
      return status;
    };
    const expected = ends ? 401 : left.read ? 101 : 403;
    assert.equal(await opened({ cookie }, ''), expected, 'the cookie');
    assert.equal(await opened({}, `?ticket=${given.json().ticket}`), expected, 'the ticket');
  });

  test(`when ${what} in the middle of a paste, its text arrives only if the user may still write`, async () => {
    await makeFred();
    const texts = recordTexts(server);
    const pastes = await Promise.all(
      Object.entries(PASTES).map(async ([form, paste]) => {
        const isKasm = form.startsWith('Kasm');
        const clipboard = isKasm ? wire.PSEUDO_STREAMING_JPEG_WEBP : wire.PSEUDO_EXTENDED_CLIPBOARD;
        // A viewer that sends nothing by itself, which would come between the halves of its message.
        const encodings = [wire.ENCODING_TIGHT, clipboard];
        const viewer = await server.viewer(fred, { encodings, updates: 'none' });
        const text = `${form} ${'x'.repeat(40_000)}`;
        const bytes = writeClientMessage(paste(text), isKasm ? 'kasm' : 'standard');
        viewer.sendRaw(bytes.subarray(0, bytes.length >> 1));
        return { form, viewer, text, rest: bytes.subarray(bytes.length >> 1) };
      }),
    );
    await BY['the API']!(what);
    for (const { form, viewer, text, rest } of pastes) {
      if (ends) {
        await viewer.waitForClose();
      } else {
        viewer.sendRaw(rest);
        // The connection goes on behind the text, whether the text was taken or skipped.
        await viewer.roundTrip();
      }
      assert.equal(texts.includes(text), left.write, form);
      viewer.destroy();
    }
  });
}

for (const what of Object.keys(CHANGES)) {
  const { left } = CHANGES[what]!;
  test(`when ${what} while a call of the user waits, the call ends within 100 ms or goes on`, async (t) => {
    await makeFred();
    // A viewer that is asked for its times, and never answers.
    const encodings = [...STANDARD_ENCODINGS, wire.PSEUDO_STREAMING_JPEG_WEBP];
    const silent = await server.viewer(ADA, { encodings });
    let isAsked = false;
    silent.on('message', ({ type }) => {
      isAsked ||= type === 'reportFrameStats';
    });
    let status = 0;
    const waiting = server
      .client(fred)
      .get('/api/get_frame_stats?client=all')
      .then((answer) => {
        status = answer.status;
      });
    await waitFor('the question', () => isAsked);
    await BY['the API']!(what);
    if (left.owner) await waiting;
    else await atOnce(t, 'the refusal', () => status !== 0);
    assert.equal(status, left.owner ? 200 : 403);
    silent.destroy();
  });
}

test('every change of a user by another process acts on the user’s bulk call in progress', async () => {
  const slow = await ContractServer.start({
    cost: { algorithm: 'scrypt', logN: 14, blockSize: 8, lanes: 1 },
  });
  const others = await openAccounts({ folder: slow.folder, cost: CHEAP });
  try {
    const ada = slow.client(ADA);
    for (const [what, { applied: change, left }] of Object.entries(CHANGES)) {
      const himself = { user: fred.name, password: fred.password, read: true, write: true, owner: true };
      assert.equal((await ada.post('/api/create_user', [himself])).status, 200);
      const entries = Array.from({ length: BULK_USERS }, (_, i) => ({ user: `made${i}`, password: 'p' }));
      const applied = Promise.withResolvers<void>();
      const apply = slow.accounts.apply.bind(slow.accounts);
      slow.accounts.apply = (changes, ...rest) => {
        applied.resolve();
        return apply(changes, ...rest);
      };
      const bulk = slow.client(fred).post('/api/create_user', [himself, ...entries]);
      await applied.promise;
      slow.accounts.apply = apply;
      await others.apply([change(fred.name)]);
      const answer = await bulk;
      assert.equal(answer.status, left.owner ? 200 : 403, what);
      if (!left.owner) assert.equal(answer.json().code, 'ACCOUNTS_CALLER_CHANGED', what);
      const made = slow.accounts.list().filter(({ name }) => name.startsWith('made'));
      assert.equal(made.length, left.owner ? entries.length : 0, what);
      const back = await slow.accounts.verify(fred.name, fred.password);
      if (!left.owner) assert.ok(!back?.owner, `${what}: the user has not come back as an owner`);
      const names = slow.accounts.list().map(({ name }) => name);
      const extra = names.filter((name) => name === fred.name || name.startsWith('made'));
      await ada.post(
        '/api/remove_user',
        extra.map((user) => ({ user })),
      );
    }
  } finally {
    await others.close();
    await slow.close();
  }
});

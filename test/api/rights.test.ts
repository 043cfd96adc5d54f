import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import * as wire from '../../src/protocol/constants.ts';
import { writeClientMessage } from '../../src/protocol/write-client-message.ts';
import { withSlack } from '../support/limits.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { ADA, ContractServer, type Login } from './contract-server.ts';
import {
  checkApi,
  checkSession,
  type GivenRights,
  PASTES,
  PLAIN,
  recordTexts,
  Scene,
} from './rights-doors.ts';

/** Time after the answer within which a change acts on live connections, from the API contract. */
const ACTS_WITHIN_MS = 100;

const NONE: GivenRights = { read: false, write: false, owner: false };
const ALL: GivenRights = { read: true, write: true, owner: true };

interface Change {
  readonly call: (name: string) => string;
  /** The rights that the user's connections and logins have afterwards. */
  readonly left: GivenRights;
  /** Whether open connections end. */
  readonly ends?: true;
}

/** What can happen to a user. */
const CHANGES: Readonly<Record<string, Change>> = {
  'read is taken': { call: (name) => `update_user?name=${name}&read=false`, left: { ...NONE, owner: true } },
  'write is taken': {
    call: (name) => `update_user?name=${name}&write=false`,
    left: { ...ALL, write: false },
  },
  'owner is taken': {
    call: (name) => `update_user?name=${name}&owner=false`,
    left: { ...ALL, owner: false },
  },
  'the password is changed': {
    call: (name) => `update_user?name=${name}&password=other`,
    left: NONE,
    ends: true,
  },
  'the user is removed': { call: (name) => `remove_user?name=${name}`, left: NONE, ends: true },
};

let server: ContractServer;
/** The user of the test. Each test has another one, because wrong passwords slow down the next logins of a name. */
let fred: Login;
let users = 0;
before(async () => {
  server = await ContractServer.start();
});
after(() => server.close());
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

function makeFred({ read, write, owner }: GivenRights): Promise<void> {
  const { name, password } = fred;
  return call(`create_user?name=${name}&password=${password}&read=${read}&write=${write}&owner=${owner}`);
}

const atOnce = (what: string, probe: () => boolean): Promise<unknown> =>
  waitFor(what, probe, withSlack(ACTS_WITHIN_MS));

test('a caller without a login finds every door shut', async () => {
  await checkApi(server, undefined, 401, 'without a login');
  assert.equal((await server.client().get('/')).status, 401);
  await assert.rejects(
    Viewer.connectWebSocket({ url: server.url, ca: server.ca }),
    (error: { status?: number }) => error.status === 401,
  );
});

for (const [name, rights] of Object.entries({
  'no right': NONE,
  read: { ...NONE, read: true },
  write: { ...ALL, owner: false },
  owner: { ...NONE, owner: true },
  'every right': ALL,
})) {
  test(`a user who connects with ${name} finds exactly those doors open`, async () => {
    await makeFred(rights);
    await checkApi(server, fred, rights.owner ? 'open' : 403, `with ${name}`);
    assert.equal((await server.client(fred).get('/')).status, 200, 'the page itself needs no right');
    if (!rights.read) {
      await assert.rejects(server.viewer(fred), { status: 403 });
      return;
    }
    const scene = await Scene.open(server, fred);
    await checkSession(scene, rights, `with ${name}`);
    scene.close();
  });
}

for (const [what, { call: change, left, ends }] of Object.entries(CHANGES)) {
  test(`when ${what} of a connected user, every door acts accordingly within 100 ms`, async () => {
    await makeFred(ALL);
    const scene = await Scene.open(server, fred);
    const viewers = [scene.plain.viewer, scene.kasm.viewer];
    await checkSession(scene, ALL, 'before');
    await checkApi(server, fred, 'open', 'before');
    await call(change(fred.name));
    if (ends) {
      await atOnce('the end', () => viewers.every(({ closedReason }) => closedReason !== undefined));
      // Few wrong passwords, because each one slows down the next.
      assert.equal((await server.client(fred).get('/api/get_users')).status, 401);
      assert.equal((await server.client(fred).get('/')).status, 401);
      await assert.rejects(server.viewer(fred), { status: 401 });
    } else {
      // At once, not only within the limit: the doors that a message or a call uses have no reason to wait.
      await checkSession(scene, left, `when ${what}`);
      if (!left.read) {
        const isBlack = () => viewers.every(({ framebuffer }) => framebuffer.pixelAt(100, 100) === 0);
        await atOnce('the black screen', isBlack);
      }
      await checkApi(server, fred, left.owner ? 'open' : 403, `when ${what}`);
      await call(`update_user?name=${fred.name}&read=true&write=true&owner=true`);
      await checkSession(scene, ALL, 'after it was given back');
      await checkApi(server, fred, 'open', 'after it was given back');
    }
    scene.close();
  });

  test(`when ${what} in the middle of a drag, the button is up within 100 ms or the drag goes on`, async () => {
    await makeFred(ALL);
    const viewer = await server.viewer(fred, { encodings: PLAIN });
    const { recorded } = server.desktop;
    recorded.length = 0;
    viewer.sendPointer(10, 10, 1);
    await waitFor('the button', () => recorded.some((input) => input.kind === 'button' && input.down));
    const changing = call(change(fred.name));
    for (let x = 11; x < 60; x++) viewer.sendPointer(x, 10, 1);
    await changing;
    if (!left.write) {
      await atOnce('the release', () => recorded.some((input) => input.kind === 'button' && !input.down));
    }
    const before = recorded.length;
    viewer.sendPointer(33, 44, 1);
    if (left.write) {
      await waitFor('the move', () => recorded.some((input) => input.kind === 'move' && input.y === 44));
      assert.ok(!recorded.some((input) => input.kind === 'button' && !input.down));
    } else {
      await (ends ? viewer.waitForClose() : viewer.roundTrip());
      assert.deepEqual(recorded.slice(before), []);
    }
    viewer.destroy();
  });

  test(`when ${what} in the middle of a paste, its text arrives only if the user may still write`, async () => {
    await makeFred(ALL);
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
    await call(change(fred.name));
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

test('every change of a user acts on the user’s bulk call in progress', async () => {
  const slow = await ContractServer.start({
    cost: { algorithm: 'scrypt', logN: 14, blockSize: 8, lanes: 1 },
  });
  try {
    const ada = slow.client(ADA);
    await ada.get('/api/get_users');
    const FRED: Login = { name: 'fred', password: 'fred-secret' };
    for (const [what, { call: change, left }] of Object.entries(CHANGES)) {
      // A new password would wait behind those of the bulk call, so that the bulk call ends first.
      if (what === 'the password is changed') continue;
      const himself = { user: FRED.name, password: FRED.password, read: true, write: true, owner: true };
      assert.equal((await ada.post('/api/create_user', [himself])).status, 200);
      const before = slow.accounts.list().length;
      const entries = Array.from({ length: 20 }, (_, i) => ({ user: `made${i}`, password: 'p' }));
      const applied = Promise.withResolvers<void>();
      const apply = slow.accounts.apply.bind(slow.accounts);
      slow.accounts.apply = (changes, ...others) => {
        if (changes.length > 1) applied.resolve();
        return apply(changes, ...others);
      };
      const bulk = slow
        .client(FRED)
        .post('/api/create_user', [himself, ...entries])
        .then(
          ({ status }) => status,
          () => 'broken off',
        );
      await applied.promise;
      assert.equal((await ada.get(`/api/${change(FRED.name)}`)).status, 200);
      const status = await bulk;
      slow.accounts.apply = apply;
      assert.equal(status === 200, left.owner, `${what}: ${status}`);
      const user = slow.accounts.get(FRED.name);
      if (!left.owner) assert.ok(!user?.owner, `${what}: the user has not come back as an owner`);
      const made = slow.accounts.list().filter(({ name }) => name.startsWith('made'));
      assert.equal(made.length, left.owner ? entries.length : 0, what);
      if (!left.owner) assert.equal(slow.accounts.list().length, user === undefined ? before - 1 : before);
      const names = slow.accounts.list().map(({ name }) => name);
      const extra = names.filter((name) => name === FRED.name || name.startsWith('made'));
      await ada.post(
        '/api/remove_user',
        extra.map((name) => ({ user: name })),
      );
    }
  } finally {
    await slow.close();
  }
});

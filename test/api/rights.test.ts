import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { withSlack } from '../support/limits.ts';
import { waitFor } from '../support/wait-for.ts';
import { bearing, enter, makeTicket, makeToken } from './bearers.ts';
import { ADA, ContractServer, type Login } from './contract-server.ts';
import { ACTS_WITHIN_MS, ALL, CHANGES, NONE } from './rights-changes.ts';
import {
  checkApi,
  checkEntrances,
  checkSession,
  type GivenRights,
  messagesWithOtherRights,
  Scene,
} from './rights-doors.ts';

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

interface WayIn {
  /** Logs fred in with all rights that fred has. */
  logIn(): Promise<Login>;
  /** Whether the API takes such a login. */
  readonly isForCalls: boolean;
}

const WAYS_IN: Readonly<Record<string, WayIn>> = {
  'a password': { logIn: async () => fred, isForCalls: true },
  'a token': {
    logIn: async () => bearing((await makeToken(server, { user: fred.name, scopes: ['admin'] })).token),
    isForCalls: true,
  },
  'a ticket': {
    logIn: async () => enter(server, (await makeTicket(server, { user: fred.name })).ticket),
    isForCalls: false,
  },
};

const atOnce = (what: string, probe: () => boolean): Promise<unknown> =>
  waitFor(what, probe, withSlack(ACTS_WITHIN_MS));

test('a caller without a login finds every door shut', async () => {
  await checkApi(server, undefined, 401, 'without a login');
  await checkEntrances(server, undefined, undefined, 'without a login');
});

test('each kind of message needs the right of its door', () => {
  assert.deepEqual(messagesWithOtherRights(), []);
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
    for (const by of ['a password', 'a token']) {
      const login = await WAYS_IN[by]!.logIn();
      const when = `with ${name}, by ${by}`;
      await checkApi(server, login, rights.owner ? 'open' : 403, when);
      await checkEntrances(server, login, rights, when);
      if (!rights.read) continue;
      const scene = await Scene.open(server, login);
      await checkSession(scene, rights, when);
      scene.close();
    }
  });
}

for (const [what, { call: change, left, ends }] of Object.entries(CHANGES)) {
  for (const [by, { logIn, isForCalls }] of Object.entries(WAYS_IN)) {
    test(`when ${what} of a user connected by ${by}, every door acts accordingly within 100 ms`, async () => {
      await makeFred(ALL);
      const login = await logIn();
      const scene = await Scene.open(server, login);
      const viewers = [scene.plain.viewer, scene.kasm.viewer];
      await checkSession(scene, ALL, 'before');
      await checkApi(server, login, isForCalls ? 'open' : 401, 'before');
      await call(change(fred.name));
      if (ends) {
        await atOnce('the end', () => viewers.every(({ closedReason }) => closedReason !== undefined));
        // Few wrong passwords, because each one slows down the next.
        assert.equal((await server.client(login).get('/api/get_users')).status, 401);
        await checkEntrances(server, login, undefined, `when ${what}`);
      } else {
        // At once, not only within the limit: the doors that a message or a call uses have no reason to wait.
        await checkSession(scene, left, `when ${what}`);
        if (!left.read) {
          const isBlack = () => viewers.every(({ framebuffer }) => framebuffer.pixelAt(100, 100) === 0);
          await atOnce('the black screen', isBlack);
        }
        const calls = left.owner ? 'open' : 403;
        await checkApi(server, login, isForCalls ? calls : 401, `when ${what}`);
        await checkEntrances(server, login, left, `when ${what}`);
        await call(`update_user?name=${fred.name}&read=true&write=true&owner=true`);
        await checkSession(scene, ALL, 'after it was given back');
        await checkApi(server, login, isForCalls ? 'open' : 401, 'after it was given back');
      }
      scene.close();
    });
  }
}

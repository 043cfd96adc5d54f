import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { withSlack } from '../support/limits.ts';
import { waitFor } from '../support/wait-for.ts';
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
    await checkApi(server, fred, rights.owner ? 'open' : 403, `with ${name}`);
    await checkEntrances(server, fred, rights, `with ${name}`);
    if (!rights.read) return;
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
      await checkEntrances(server, fred, undefined, `when ${what}`);
    } else {
      // At once, not only within the limit: the doors that a message or a call uses have no reason to wait.
      await checkSession(scene, left, `when ${what}`);
      if (!left.read) {
        const isBlack = () => viewers.every(({ framebuffer }) => framebuffer.pixelAt(100, 100) === 0);
        await atOnce('the black screen', isBlack);
      }
      await checkApi(server, fred, left.owner ? 'open' : 403, `when ${what}`);
      await checkEntrances(server, fred, left, `when ${what}`);
      await call(`update_user?name=${fred.name}&read=true&write=true&owner=true`);
      await checkSession(scene, ALL, 'after it was given back');
      await checkApi(server, fred, 'open', 'after it was given back');
    }
    scene.close();
  });
}

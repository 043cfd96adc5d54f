// The call by which the page of a fleet gets the pictures of desktops, at a real port, with and without desktops that
// answer.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MOST_OPEN_OF_USER } from '../../src/fleet/edge/glances.ts';
import { ASSERTION_HEADER, readAssertion } from '../../src/http/login/edge-assertion.ts';
import { EdgeServer, runningDesktop } from '../support/edge-server.ts';
import { loginHeaders, type TestLogin } from '../support/login-headers.ts';
import { StillDesktop } from '../support/still-desktop.ts';
import { waitFor } from '../support/wait-for.ts';

const ADMIN: TestLogin = { name: 'ada', password: 'ada-secret' };
const PUPIL: TestLogin = { name: 'pupil', password: 'pupil-secret' };

interface Answer {
  readonly version: number;
  readonly viewers: Readonly<Record<string, { count: number; named?: { user: string }[] }>>;
  /** By desktop: tag and bytes. */
  readonly pictures: ReadonlyMap<string, { tag: string; text: string }>;
}

type Wanted = readonly { readonly name: string; readonly tag?: string }[];

interface Started {
  readonly edge: EdgeServer;
  readonly desktops: readonly StillDesktop[];
  readonly ask: (wanted: Wanted, user?: TestLogin) => Promise<Answer>;
}

/** An edge with desktops `lab-0`, `lab-1` …, the first of which the pupil may see. */
async function startEdge(t: TestContext, count: number): Promise<Started> {
  const desktops = await Promise.all(Array.from({ length: count }, () => StillDesktop.start()));
  for (const [i, desktop] of desktops.entries()) desktop.show(Buffer.from(`picture of lab-${i}`), `tag-${i}`);
  const grants = [{ right: 'read', desktop: 'lab-0' }] as const;
  const edge = await EdgeServer.start({
    admin: ADMIN,
    users: [{ ...PUPIL, grants }],
    desktops: new Map(desktops.map(({ socketPath }, i) => [`lab-${i}`, socketPath])),
  });
  t.after(async () => {
    await edge.close();
    for (const desktop of desktops) desktop.close();
  });
  const ask = async (wanted: Wanted, user = ADMIN): Promise<Answer> => {
    const response = await fetch(new URL('api/thumbnails', edge.url), {
      method: 'POST',
      headers: loginHeaders(user),
      body: JSON.stringify(wanted),
    });
    assert.equal(response.status, 200, response.ok ? '' : await response.text());
    const form = await response.formData();
    const facts = JSON.parse(form.get('fleet.json') as string);
    const pictures = new Map<string, { tag: string; text: string }>();
    for (const [name, part] of form)
      if (typeof part !== 'string') pictures.set(name, { tag: part.name, text: await part.text() });
    return { ...facts, pictures };
  };
  return { edge, desktops, ask };
}

const named = (count: number): { name: string }[] =>
  Array.from({ length: count }, (_, i) => ({ name: `lab-${i}` }));

test('one call has the pictures of many desktops, and later ones only those that have changed', async (t) => {
  const { desktops, ask } = await startEdge(t, 20);
  const known = new Map<string, string>();
  const askAgain = async (): Promise<Answer> => {
    const answer = await ask(
      named(20).map(({ name }) => (known.has(name) ? { name, tag: known.get(name)! } : { name })),
    );
    for (const [name, { tag }] of answer.pictures) known.set(name, tag);
    return answer;
  };
  const first = await askAgain();
  const { version } = first;
  assert.ok(first.pictures.size > 1);
  const [name, picture] = [...first.pictures][0]!;
  assert.equal(picture.text, `picture of ${name}`);
  // Not all answer in time on a busy machine.
  await waitFor('all pictures', async () => (await askAgain()).pictures.size === 0 && known.size === 20);
  assert.equal(known.get('lab-7'), 'tag-7');
  desktops[3]!.show(Buffer.from('another'), 'another-tag');
  const changed = await waitFor('a change', async () => {
    const answer = await askAgain();
    return answer.pictures.size > 0 ? answer : undefined;
  });
  assert.deepEqual([...changed.pictures], [['lab-3', { tag: 'another-tag', text: 'another' }]]);
  assert.equal(changed.version, version);
});

test('a desktop that hangs is not asked again and again, and does not keep the pictures of others', async (t) => {
  const { desktops, ask } = await startEdge(t, 12);
  // More than are asked at a time.
  for (const desktop of desktops.slice(0, 9)) desktop.isHung = true;
  const startMs = performance.now();
  const found = new Set<string>();
  let calls = 0;
  await waitFor('the pictures of those that answer', async () => {
    calls++;
    for (const name of (await ask(named(12))).pictures.keys()) found.add(name);
    return found.size >= 3;
  });
  const tookMs = performance.now() - startMs;
  assert.deepEqual([...found].sort(), ['lab-10', 'lab-11', 'lab-9']);
  // A question that is open is not asked again.
  assert.ok(desktops[0]!.counts.asked <= 1 + tookMs / 5000, `${calls} calls, ${tookMs} ms`);
});

test('callers get the pictures of those desktops that they may see, and names only as owners', async (t) => {
  const { edge, desktops, ask } = await startEdge(t, 3);
  desktops[0]!.viewers = [
    { user: 'ada', cpu: 10, network: 2.5 },
    { user: 'pupil', cpu: 10, network: 10 },
  ];
  const ofPupil = await waitFor('an answer', async () => {
    const answer = await ask([...named(3), { name: 'none' }, { name: '../etc' }], PUPIL);
    return answer.pictures.size > 0 ? answer : undefined;
  });
  assert.deepEqual([...ofPupil.pictures.keys()], ['lab-0']);
  assert.deepEqual(ofPupil.viewers, { 'lab-0': { count: 2 } });
  const ofAdmin = await waitFor('all three', async () => {
    const answer = await ask(named(3));
    return Object.keys(answer.viewers).length === 3 ? answer : undefined;
  });
  assert.deepEqual(ofAdmin.viewers['lab-0'], { count: 2, named: desktops[0]!.viewers });
  // Who loses the right while the desktop is asked gets nothing any more.
  desktops[0]!.onRequest = () => {
    void edge.store.transact(({ user }) => {
      const pupil = user.get(PUPIL.name)!;
      return [{ kind: 'user', name: PUPIL.name, value: { ...pupil, grants: [] } }];
    });
  };
  const without = await ask([{ name: 'lab-0' }], PUPIL);
  assert.deepEqual([...without.pictures], []);
  assert.deepEqual(without.viewers, {});
});

test('a desktop is asked as an owner, in the name of the caller, who may be written into its picture', async (t) => {
  const { desktops, ask } = await startEdge(t, 1);
  const asked: unknown[] = [];
  desktops[0]!.onRequest = ({ headers }) => {
    const { key } = runningDesktop('lab-0');
    asked.push(readAssertion(headers[ASSERTION_HEADER] as string, key)?.user);
  };
  await Promise.all([ask(named(1), PUPIL), ask(named(1))]);
  const askers = new Set(asked.map((user) => JSON.stringify(user)));
  assert.deepEqual([...askers].sort(), [
    JSON.stringify({ name: 'ada', owner: true, write: true, read: true }),
    JSON.stringify({ name: 'pupil', owner: true, write: false, read: true }),
  ]);
});

test('desktops that do not run, or are being removed, are not asked, and a change makes another version', async (t) => {
  const { edge, desktops, ask } = await startEdge(t, 3);
  const { version } = await ask([]);
  await edge.store.transact(({ desktop }) => [
    {
      kind: 'desktop',
      name: 'lab-0',
      value: { ...desktop.get('lab-0')!, status: { state: 'paused', reason: '', sinceMs: 0 } },
    },
    { kind: 'desktop', name: 'lab-1', value: { ...desktop.get('lab-1')!, wanted: 'gone' } },
  ]);
  const answer = await waitFor('an answer', async () => {
    const one = await ask(named(3));
    return one.pictures.size > 0 ? one : undefined;
  });
  assert.deepEqual([...answer.pictures.keys()], ['lab-2']);
  assert.deepEqual(
    desktops.map(({ counts }) => counts.asked > 0),
    [false, false, true],
  );
  assert.notEqual(answer.version, version);
});

test('an answer that is too large, or none of a desktop, is left out', async (t) => {
  const { desktops, ask } = await startEdge(t, 3);
  desktops[0]!.show(Buffer.alloc(300 * 1024), 'large');
  desktops[1]!.show(Buffer.from('x'), 'no "tag"');
  const { pictures } = await waitFor('an answer', async () => {
    const answer = await ask(named(3));
    return answer.pictures.size > 0 ? answer : undefined;
  });
  assert.deepEqual([...pictures.keys()], ['lab-2']);
});

test('one user cannot have an edge ask desktops without end', async (t) => {
  const { desktops, ask } = await startEdge(t, 2);
  desktops[0]!.isHung = true;
  // Each entry has another tag, so that none shares the answer of another.
  const wanted = (call: number) =>
    Array.from({ length: 60 }, (_, i) => ({ name: 'lab-0', tag: `t${call}-${i}` }));
  let most = 0;
  desktops[0]!.onRequest = () => {
    most = Math.max(most, desktops[0]!.openPictures);
  };
  const answers = await Promise.all(Array.from({ length: 8 }, (_, call) => ask(wanted(call), PUPIL)));
  assert.ok(answers.every(({ pictures }) => pictures.size === 0));
  assert.ok(most <= MOST_OPEN_OF_USER, `${most}`);
  // Another user is served all the same.
  await waitFor(
    'a picture for another user',
    async () => (await ask([{ name: 'lab-1' }])).pictures.size === 1,
  );
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createTypist, tap } from '../../../../test/support/typist.ts';
import { MAX_WAITING_PRESSES } from './input-queue.ts';
import { BINDING_SETTLES_MS, STEPS_PER_TURN } from './input-turns.ts';
import { REUSE_AFTER_MS } from './spare-keys.ts';

/** The n-th character of a kind that the keymap lacks. */
const unusual = (n: number): number => 0x0100_4e00 + n;
const hex = (n: number): string => unusual(n).toString(16);
/** As many as a PC keyboard's map has to lend. */
const LENDABLE = Array.from({ length: 47 }, (_, i) => 100 + i);

suite('a key that waits for its binding', () => {
  test('a key that waits for its binding delays the input of its own writer, in order, and no other', async () => {
    const { open, log, pass } = createTypist();
    const [ada, bob] = [open(), open()];
    tap(ada, unusual(0));
    ada.movePointer(1, 1);
    tap(ada, 0x61);
    ada.button(1, true);
    bob.movePointer(2, 2);
    bob.button(3, true);
    tap(bob, 0x63);
    assert.deepEqual(log.splice(0), ['move 2,2', '+button 3', '+54', '-54']);
    await pass(BINDING_SETTLES_MS);
    assert.deepEqual(log, [`=200:${hex(0)}`, '+200', '-200', 'move 1,1', '+38', '-38', '+button 1']);
  });

  test("no other writer's motion comes between a click and its place", async () => {
    const { open, log, pass } = createTypist();
    const [ada, bob] = [open(), open()];
    for (const input of [ada, bob]) tap(input, unusual(0));
    ada.button(1, true, { x: 5, y: 6 });
    ada.button(1, false, { x: 7, y: 8 });
    bob.movePointer(1, 1);
    tap(bob, 0x61);
    bob.movePointer(2, 2);
    await pass(2 * BINDING_SETTLES_MS);
    for (const [place, click] of [
      ['move 5,6', '+button 1'],
      ['move 7,8', '-button 1'],
    ] as const)
      assert.equal(log[log.indexOf(click) - 1], place, log.join(', '));
  });

  test('a key that waits for its binding is typed once programs know the binding', async () => {
    const { open, log, pass } = createTypist();
    tap(open(), unusual(0));
    await pass(BINDING_SETTLES_MS - 1);
    assert.deepEqual(log, [`=200:${hex(0)}`]);
    await pass(1);
    assert.deepEqual(log, [`=200:${hex(0)}`, '+200', '-200']);
  });

  test('a key that waits for its binding is typed once the program with the focus knows that, however long it takes', async () => {
    const typist = createTypist();
    typist.isLearning = true;
    tap(typist.open(), unusual(0));
    await typist.pass(10 * BINDING_SETTLES_MS);
    assert.deepEqual(typist.log, [`=200:${hex(0)}`]);
    typist.isLearning = false;
    await typist.pass(0);
    assert.deepEqual(typist.log.slice(1), ['+200', '-200']);
  });

  test("another writer's new binding is used only once programs know it", async () => {
    const { open, log, pass } = createTypist();
    const [ada, bob] = [open(), open()];
    tap(ada, unusual(0));
    await pass(5);
    tap(bob, unusual(0));
    await pass(BINDING_SETTLES_MS - 6);
    assert.deepEqual(log.splice(0), [`=200:${hex(0)}`]);
    await pass(BINDING_SETTLES_MS);
    assert.deepEqual(log, ['+200', '-200', '+200', '-200']);
  });

  test('two writers that need the same new binding at once share it, and neither loses the key', async () => {
    const { open, log, pass } = createTypist([200]);
    const [ada, bob] = [open(), open()];
    ada.key(unusual(0), true, 0);
    tap(bob, unusual(0));
    await pass(2 * BINDING_SETTLES_MS);
    assert.deepEqual(log, [`=200:${hex(0)}`, '+200', '-200', '+200']);
  });

  test('a writer that is revoked while its binding settles does not make the binding usable early', async () => {
    const { open, log, pass } = createTypist();
    const input = open();
    tap(input, unusual(0));
    await pass(1);
    input.releaseAll();
    tap(input, unusual(0));
    await pass(BINDING_SETTLES_MS - 2);
    assert.deepEqual(log.splice(0), [`=200:${hex(0)}`]);
    await pass(BINDING_SETTLES_MS);
    assert.deepEqual(log, ['+200', '-200']);
  });

  test('a key is bound together with the keys behind it, and needs no binding the next time', async () => {
    const { open, log, pass } = createTypist();
    const input = open();
    for (const n of [0, 1, 0, 2]) tap(input, unusual(n));
    await pass(BINDING_SETTLES_MS);
    assert.deepEqual(log.splice(0, 3), [`=200:${hex(0)}`, `=201:${hex(1)}`, `=202:${hex(2)}`]);
    assert.deepEqual(log.splice(0), ['+200', '-200', '+201', '-201', '+200', '-200', '+202', '-202']);
    tap(input, unusual(1));
    assert.deepEqual(log, ['+201', '-201']);
  });

  test('a key waits until the last tap of the only keycode is old, and is dropped if it stays down', async () => {
    const { open, log, pass } = createTypist([200]);
    const input = open();
    tap(input, unusual(0));
    tap(input, unusual(1));
    await pass(REUSE_AFTER_MS);
    assert.deepEqual(log.splice(0), [`=200:${hex(0)}`, '+200', '-200']);
    await pass(2 * BINDING_SETTLES_MS);
    assert.deepEqual(log.splice(0), [`=200:${hex(1)}`, '+200', '-200']);
    input.key(unusual(1), true, 0);
    tap(input, unusual(2));
    tap(input, 0x61);
    await pass(REUSE_AFTER_MS);
    assert.deepEqual(log, ['+200', '+38', '-38']);
  });

  test('closing a writer drops its waiting input and releases all that it holds', async () => {
    for (const how of ['releaseAll', 'close'] as const) {
      const { open, log, pass } = createTypist();
      const input = open();
      input.key(0x61, true, 30);
      input.button(1, true);
      tap(input, unusual(0));
      input.movePointer(1, 1);
      log.length = 0;
      input[how]();
      assert.deepEqual(log.splice(0), ['-button 1', '-38'], how);
      await pass(REUSE_AFTER_MS);
      assert.deepEqual(log, [], how);
    }
  });

  test('a key that waits for its binding does not delay what its writer does after releaseAll', async () => {
    const { open, log, pass } = createTypist();
    const input = open();
    tap(input, unusual(0));
    input.releaseAll();
    tap(input, 0x61);
    assert.deepEqual(log.splice(0), ['+38', '-38']);
    await pass(REUSE_AFTER_MS);
    assert.deepEqual(log, []);
  });

  test('a key that waits is dropped when all input ends, and everything that is down is released at once', async () => {
    const { open, turns, log, pass } = createTypist();
    const [ada, bob] = [open(), open()];
    ada.key(0x61, true, 30);
    bob.button(1, true);
    tap(ada, unusual(0));
    await pass(1);
    log.length = 0;
    turns.close();
    assert.deepEqual(log.splice(0).sort(), ['-38', '-button 1']);
    tap(ada, 0x63);
    await pass(REUSE_AFTER_MS);
    assert.deepEqual(log, []);
  });
});

suite('a long text of characters that all need a new keycode', () => {
  test('a long text of new characters is typed in order, at 30 a second or more, with no early reuse', async () => {
    const { open, log, pass } = createTypist(LENDABLE);
    const input = open();
    const count = 600;
    for (let n = 0; n < count; n++) tap(input, unusual(n));
    const meaning = new Map<string, number[]>();
    const tappedAtMs = new Map<string, number>();
    const typed: number[] = [];
    let isShifted = false;
    let ms = 0;
    for (; typed.length < count && ms < 60_000; ms++) {
      for (const entry of log.splice(0)) {
        const [what, keysyms] = entry.slice(1).split(':');
        if (what === '50') isShifted = entry.startsWith('+');
        else if (keysyms) {
          assert.ok(
            ms - (tappedAtMs.get(what!) ?? -REUSE_AFTER_MS) >= REUSE_AFTER_MS - 1,
            `${entry} at ${ms} ms`,
          );
          meaning.set(
            what!,
            keysyms.split(',').map((keysym) => Number.parseInt(keysym, 16)),
          );
        } else {
          tappedAtMs.set(what!, ms);
          const [plain, shifted = plain] = meaning.get(what!)!;
          if (entry.startsWith('+')) typed.push(isShifted ? shifted! : plain!);
        }
      }
      await pass(1);
    }
    assert.deepEqual(
      typed,
      Array.from({ length: count }, (_, n) => unusual(n)),
    );
    const perSecond = count / (ms / 1000);
    assert.ok(perSecond >= 30, `${perSecond} characters a second`);
  });

  test('a keycode gets another meaning at once when the program says that it has handled its input', async () => {
    const typist = createTypist([200]);
    typist.answers = true;
    const { open, log, pass } = typist;
    const input = open();
    for (let n = 0; n < 3; n++) tap(input, unusual(n));
    await pass(3 * (BINDING_SETTLES_MS + 2));
    const taps = [0, 1, 2].flatMap((n) => [`=200:${hex(n)}`, '+200', '-200']);
    assert.deepEqual(log, taps);
  });

  test("a long text of new characters does not delay another writer's unusual character", async () => {
    const { open, log, pass } = createTypist(LENDABLE);
    const [ada, bob] = [open(), open()];
    for (let n = 0; n < 2000; n++) tap(ada, unusual(n));
    await pass(1000);
    log.length = 0;
    tap(bob, 0xe9);
    await pass(BINDING_SETTLES_MS);
    assert.ok(
      log.some((entry) => entry.endsWith(':e9')),
      log.join(' '),
    );
    const keycode = log.find((entry) => entry.endsWith(':e9'))!.slice(1, 4);
    assert.ok(log.includes(`+${keycode}`));
  });

  test('a long text leaves nothing to do once its writer has left', async () => {
    const { open, log, pass } = createTypist(LENDABLE);
    const ada = open();
    for (let n = 0; n < 2000; n++) tap(ada, unusual(n));
    await pass(100);
    ada.close();
    log.length = 0;
    await pass(2 * REUSE_AFTER_MS);
    assert.deepEqual(log, []);
  });
});

suite('many steps at once', () => {
  test('many steps are carried out over turns of the event loop, one step of each writer in turn', async () => {
    const typist = createTypist();
    const { open, turns, log, pass } = typist;
    const [ada, bob] = [open(), open()];
    typist.isStuck = true;
    for (let i = 0; i < STEPS_PER_TURN; i++) {
      tap(ada, 0x61);
      tap(bob, 0x63);
    }
    assert.deepEqual(log, []);
    typist.isStuck = false;
    turns.serve();
    assert.equal(log.length, STEPS_PER_TURN);
    assert.deepEqual(log.slice(0, 8), ['+38', '+54', '-38', '-54', '+38', '+54', '-38', '-54']);
    await pass(0);
    assert.equal(log.length, 4 * STEPS_PER_TURN);
  });

  test('while the X server takes nothing, moves are merged and presses are dropped', () => {
    const typist = createTypist();
    const input = typist.open();
    typist.isStuck = true;
    for (let i = 0; i < 3 * MAX_WAITING_PRESSES; i++) {
      input.movePointer(i, i);
      tap(input, 0x61);
    }
    assert.deepEqual(typist.log, []);
    input.close();
    typist.isStuck = false;
    typist.turns.serve();
    assert.deepEqual(typist.log, []);
  });

  test('a writer that waits while its queue is full loses no press, and delays no other writer', async () => {
    const typist = createTypist();
    const [ada, bob] = [typist.open(), typist.open()];
    typist.isStuck = true;
    let taken = 0;
    const type = async (): Promise<void> => {
      for (; taken < 2 * MAX_WAITING_PRESSES; taken++) {
        await ada.whenTaking();
        tap(ada, taken % 2 ? 0x61 : 0x63);
      }
    };
    const typing = type();
    await typist.pass(1);
    assert.ok(taken < MAX_WAITING_PRESSES);
    assert.equal(bob.whenTaking(), undefined);
    typist.isStuck = false;
    typist.turns.serve();
    while (taken < 2 * MAX_WAITING_PRESSES) await typist.pass(1);
    await typing;
    await typist.pass(2 * MAX_WAITING_PRESSES);
    assert.equal(typist.log.length, 4 * MAX_WAITING_PRESSES);
  });

  test('a writer waits no longer once what waits is dropped, or its input is closed', async () => {
    const typist = createTypist();
    const input = typist.open();
    typist.isStuck = true;
    for (const end of [() => input.releaseAll(), () => input.close()]) {
      for (let i = 0; i < MAX_WAITING_PRESSES; i++) tap(input, 0x61);
      const taking = input.whenTaking();
      assert.ok(taking);
      end();
      await taking;
      assert.equal(input.whenTaking(), undefined);
    }
  });

  test('no keycode changes its meaning soon after the X server was stuck', async () => {
    const typist = createTypist([200]);
    const { open, log, pass } = typist;
    const input = open();
    tap(input, unusual(0));
    await pass(BINDING_SETTLES_MS);
    log.length = 0;
    typist.isStuck = true;
    await pass(REUSE_AFTER_MS);
    typist.isStuck = false;
    tap(input, unusual(1));
    typist.isStuck = true;
    await pass(REUSE_AFTER_MS);
    typist.isStuck = false;
    await pass(REUSE_AFTER_MS - 1);
    assert.deepEqual(log, []);
    await pass(BINDING_SETTLES_MS + 1);
    assert.deepEqual(log, [`=200:${hex(1)}`, '+200', '-200']);
  });
});

test('no key follows while an input method has the last one, but the pointer moves and buttons are pressed', async () => {
  const typist = createTypist();
  const [ada, bob] = [typist.open(), typist.open()];
  typist.isComposing = true;
  tap(ada, 0x61);
  tap(bob, 0x63);
  const eve = typist.open();
  eve.movePointer(1, 2);
  eve.button(1, true);
  await typist.pass(1);
  assert.deepEqual(typist.log.splice(0), ['move 1,2', '+button 1']);
  typist.isComposing = false;
  await typist.pass(0);
  assert.deepEqual(typist.log.toSorted(), ['+38', '+54', '-38', '-54']);
});

test('a button that two writers hold is down until both have released it', () => {
  const { open, log } = createTypist();
  const [ada, bob] = [open(), open()];
  ada.button(1, true);
  bob.button(1, true);
  ada.button(1, false);
  assert.deepEqual(log.splice(0), ['+button 1']);
  bob.releaseAll();
  assert.deepEqual(log, ['-button 1']);
});

test('buttons and keys that X does not have are ignored', () => {
  const { open, log } = createTypist();
  const input = open();
  for (const button of [0, 11, 99, 1.5, Number.NaN]) input.button(button, true);
  input.movePointer(1, 2);
  input.nudgePointer(3, 4);
  assert.deepEqual(log, ['move 1,2', 'nudge 3,4']);
});

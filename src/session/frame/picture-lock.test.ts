import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PictureLock } from './picture-lock.ts';

suite('the lock of the shown picture', () => {
  test('the picture lock admits any number of readers, and no writer until the last reader has released it', () => {
    const lock = new PictureLock(() => undefined);
    const [one, other] = [lock.read(), lock.read()];
    one();
    assert.ok(lock.isRead);
    assert.throws(() => lock.write());
    other();
    assert.ok(!lock.isRead);
    lock.write();
  });

  test('the picture lock admits one writer, and no other writer or reader meanwhile', () => {
    const lock = new PictureLock(() => undefined);
    const release = lock.write();
    assert.ok(lock.isWritten);
    assert.throws(() => lock.write());
    assert.throws(() => lock.read());
    release();
    assert.ok(!lock.isWritten);
    lock.read();
  });

  test('the picture lock admits readers of the upper rows while the lower rows are written', () => {
    const lock = new PictureLock(() => undefined);
    const endWrite = lock.write();
    const endRead = lock.readTop();
    endWrite();
    assert.throws(() => lock.write());
    endRead();
    lock.write();
  });

  test('the picture lock tells when it is released next', async () => {
    const lock = new PictureLock(() => undefined);
    const release = lock.write();
    const isReleased = lock.untilReleased();
    release();
    await isReleased;
    assert.ok(!lock.isWritten);
  });

  test('the picture lock counts a release once, however often it is called', () => {
    let released = 0;
    const lock = new PictureLock(() => released++);
    const [one, other] = [lock.read(), lock.read()];
    one();
    one();
    assert.ok(lock.isRead);
    assert.equal(released, 1);
    other();
    const endWrite = lock.write();
    endWrite();
    lock.write();
    endWrite();
    assert.ok(lock.isWritten);
    assert.equal(released, 3);
  });

  test('the picture lock is free when it reports a release', () => {
    const lock: PictureLock = new PictureLock(() => {
      assert.ok(!lock.isRead && !lock.isWritten);
    });
    lock.read()();
    lock.write()();
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PictureLock } from './picture-lock.ts';

suite('the lock of the shown picture', () => {
  test('lets any number of readers in, and no writer until the last has released it', () => {
    const lock = new PictureLock(() => undefined);
    const [one, other] = [lock.read(), lock.read()];
    one();
    assert.ok(lock.isRead);
    assert.throws(() => lock.write());
    other();
    assert.ok(!lock.isRead);
    lock.write();
  });

  test('lets one writer in, and no other writer or reader meanwhile', () => {
    const lock = new PictureLock(() => undefined);
    const release = lock.write();
    assert.ok(lock.isWritten);
    assert.throws(() => lock.write());
    assert.throws(() => lock.read());
    release();
    assert.ok(!lock.isWritten);
    lock.read();
  });

  test('lets a reader of the upper rows in while the lower ones are written, and keeps the next writer out', () => {
    const lock = new PictureLock(() => undefined);
    const endWrite = lock.write();
    const endRead = lock.readTop();
    endWrite();
    assert.throws(() => lock.write());
    endRead();
    lock.write();
  });

  test('counts a release once, however often it is called', () => {
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

  test('is free when it tells of a release', () => {
    const lock: PictureLock = new PictureLock(() => {
      assert.ok(!lock.isRead && !lock.isWritten);
    });
    lock.read()();
    lock.write()();
  });
});

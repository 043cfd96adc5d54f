import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DisplayAddress, type HostLimits, OwnHost } from '../../src/desktop/x11/server/display-host.ts';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { log, scratch, until } from './support.ts';

const SIZE = { width: 64, height: 64 };

/** A grabbed server does not answer, however long the limit is. */
const GRABBED: Partial<HostLimits> = { answerMs: 200 };

interface TestHost {
  readonly host: OwnHost;
  readonly address: DisplayAddress;
  /** How often the programs were started. */
  starts(): number;
}

async function openHost(limits?: Partial<HostLimits>): Promise<TestHost> {
  const file = join(scratch(), 'starts');
  const host = new OwnHost({
    maxSize: SIZE,
    size: () => SIZE,
    run: `echo >> ${file}; exec sleep 1000`,
    log,
    ...(limits && { limits }),
  });
  const starts = (): number => readFileSync(file, 'utf8').length;
  const address = await host.open();
  await until(() => {
    try {
      return starts() === 1;
    } catch {
      return false;
    }
  }, 'the program');
  return { host, address, starts };
}

/** Makes another client that grabs the X server. */
async function grab({ display, cookie }: DisplayAddress): Promise<XConnection> {
  const client = await XConnection.open({ display, cookie });
  client.client.GrabServer();
  await client.sync();
  return client;
}

test('an X server that a program has grabbed is waited for and keeps its programs', async () => {
  const { host, address, starts } = await openHost(GRABBED);
  try {
    const client = await grab(address);
    host.linkLost({ isThreadStuck: false });
    for (let attempt = 0; attempt < 6; attempt++) {
      assert.notEqual(host.retryDelayMs(), undefined);
      await assert.rejects(host.open(), { code: 'DESKTOP_LOST' });
    }
    client.client.UngrabServer();
    await client.sync();
    // A busy machine may need longer for an answer.
    await until(() => host.open().catch(() => undefined), 'the display');
    assert.equal(client.isOpen, true);
    assert.equal(starts(), 1);
    await client.close();
  } finally {
    await host.close();
  }
});

test('an X server that a stuck thread of ours has grabbed is restarted at the first attempt', async () => {
  const { host, address, starts } = await openHost(GRABBED);
  try {
    const client = await grab(address);
    host.linkLost({ isThreadStuck: true });
    await host.open();
    await client.ended;
    await until(() => starts() === 2, 'the program again');
  } finally {
    await host.close();
  }
});

test('an X server that answers none of a limited number of attempts is restarted', async () => {
  const { host, address, starts } = await openHost({ ...GRABBED, triesUnanswered: 3 });
  try {
    const client = await grab(address);
    host.linkLost({ isThreadStuck: false });
    await assert.rejects(host.open(), { code: 'DESKTOP_LOST' });
    await assert.rejects(host.open(), { code: 'DESKTOP_LOST' });
    await host.open();
    await client.ended;
    await until(() => starts() === 2, 'the program again');
  } finally {
    await host.close();
  }
});

test('a running X server is never given up, however often its link is lost', async () => {
  const { host, starts } = await openHost();
  try {
    for (let loss = 0; loss < 20; loss++) {
      host.linkLost({ isThreadStuck: false });
      assert.equal(host.retryDelayMs(), [0, 1000][loss] ?? 3000);
      await host.open();
    }
    assert.equal(starts(), 1);
  } finally {
    await host.close();
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { attachDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { startForeignXServer } from '../support/foreign-x-server.ts';
import { bareDesktop, connectTo, log, until, x } from './support.ts';

const resourcesOf = (env: NodeJS.ProcessEnv): Promise<string> => x(env, 'xrdb', '-query');

/** Resolves with the window of the XSETTINGS manager, or 0. */
async function managerOf(connection: XConnection): Promise<number> {
  const selection = await connection.atom('_XSETTINGS_S0');
  return connection.request((client, done) => client.GetSelectionOwner(selection, done));
}

/** Resolves with the dots per inch that the XSETTINGS manager tells. */
async function toldDpi(connection: XConnection): Promise<number> {
  const property = await connection.atom('_XSETTINGS_SETTINGS');
  const window = await managerOf(connection);
  const { data } = await connection.request<{ data: Buffer }>((client, done) =>
    client.GetProperty(0, window, property, 0, 0, 1000, done),
  );
  // The name's length is a multiple of 4 after one byte of padding, and the serial is before the value.
  return data.readInt32LE(data.indexOf('Xft/DPI') + 8 + 4) / 1024;
}

test('programs are told the dots per inch of the setting, and those of the scale that a viewer asks for', async () => {
  const { desktop, env } = await bareDesktop({ dpi: 120 });
  const program = await connectTo(env);
  try {
    assert.match(await resourcesOf(env), /^Xft\.dpi:\s*120$/m);
    assert.match(await x(env, 'xdpyinfo'), /resolution: +120x120 dots/);
    assert.equal(await toldDpi(program), 120);
    await x(env, 'sh', '-c', 'echo "Emacs.font: mono" | xrdb -merge');
    await desktop.resize({ width: 800, height: 600, scalePercent: 200 });
    assert.equal(await toldDpi(program), 240);
    assert.match(await resourcesOf(env), /^Xft\.dpi:\s*240$/m);
    assert.match(await resourcesOf(env), /^Emacs\.font:\s*mono$/m);
    assert.match(await x(env, 'xdpyinfo'), /resolution: +2[34]\dx2[34]\d dots/);
    await desktop.resize({ width: 810, height: 600 });
    assert.equal(await toldDpi(program), 240, 'a viewer that says nothing changes nothing');
    await desktop.resize({ width: 810, height: 600, scalePercent: 100 });
    assert.equal(await toldDpi(program), 120);
  } finally {
    await program.close();
    await desktop.close();
  }
});

test('a program that is the XSETTINGS manager stays it', async () => {
  const { desktop, env } = await bareDesktop();
  const program = await connectTo(env);
  try {
    assert.equal(await managerOf(program), 0, 'a desktop environment can become the manager');
    const selection = await program.atom('_XSETTINGS_S0');
    const window = program.client.AllocID();
    program.client.CreateWindow(window, program.root, 0, 0, 1, 1, 0, 0, 2, 0, {});
    program.client.SetSelectionOwner(window, selection, 0);
    await program.sync();
    await desktop.resize({ width: 800, height: 600, scalePercent: 150 });
    assert.equal(await managerOf(program), window);
    assert.match(await resourcesOf(env), /^Xft\.dpi:\s*144$/m);
    program.client.DestroyWindow(window);
    await program.sync();
    await desktop.resize({ width: 800, height: 600, scalePercent: 200 });
    assert.equal(await toldDpi(program), 192);
    // Another one replaces ours.
    const next = program.client.AllocID();
    program.client.CreateWindow(next, program.root, 0, 0, 1, 1, 0, 0, 2, 0, {});
    program.client.SetSelectionOwner(next, selection, 0);
    await program.sync();
    await desktop.resize({ width: 800, height: 600, scalePercent: 100 });
    assert.equal(await managerOf(program), next);
  } finally {
    await program.close();
    await desktop.close();
  }
});

test('the dots per inch of an attached display are left alone, unless they are set', async () => {
  const size = { width: 640, height: 480 };
  const { display, end } = await startForeignXServer(size);
  const env: NodeJS.ProcessEnv = { ...process.env, DISPLAY: display, XAUTHORITY: undefined };
  try {
    const asItIs = await attachDesktop({ display, maxSize: size, log });
    await asItIs.resize({ width: 600, height: 400, scalePercent: 200 });
    await asItIs.close();
    assert.equal(await resourcesOf(env), '');
    const told = await attachDesktop({ display, maxSize: size, dpi: 144, log });
    await until(async () => /^Xft\.dpi:\s*144$/m.test(await resourcesOf(env)), 'the dots per inch');
    await told.close();
  } finally {
    await end();
  }
});

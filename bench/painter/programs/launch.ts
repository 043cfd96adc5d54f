import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Size } from '../../../src/pixels/rect.ts';
import type { ProgramScene } from '../../scenes/program-scenes.ts';
import { createPhoto } from '../photo.ts';
import { OFFICE_SETTINGS, spreadsheet, toBmp, webPage } from './documents.ts';

const PRINTER = fileURLToPath(new URL('./print-lines-process.ts', import.meta.url));

/** A program in a process group and a folder of its own, both of which end with this process. */
export interface Launched {
  /** Rejects when the program ends. */
  readonly ended: Promise<never>;
  /** Stops all its processes where they are, so that its picture stays. */
  freeze(): void;
  close(): Promise<void>;
}

/** Starts the program of a scene on `display`. */
export function launch(scene: ProgramScene, display: string, size: Size): Launched {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-bench-'));
  const [command, ...args] = commandOf(scene, folder, size);
  const child = spawn(command!, args, {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: display, HOME: folder, GDK_BACKEND: 'x11' },
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${command} ended with ${code}`);
  });
  ended.catch(() => {});
  const killAll = (): void => {
    signalGroup(child, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', killAll);
  return {
    ended,
    freeze: () => signalGroup(child, 'SIGSTOP'),
    close: async () => {
      process.off('exit', killAll);
      signalGroup(child, 'SIGKILL');
      await ended.catch(() => {});
      // Its other processes may still write for a moment.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function commandOf(scene: ProgramScene, folder: string, size: Size): string[] {
  switch (scene.program) {
    case 'xterm':
      return xterm(scene);
    case 'chromium':
      return chromium(scene, folder, size);
    case 'calc':
      return calc(scene, folder);
  }
}

function xterm({ style, linesPerSecond, content }: ProgramScene): string[] {
  const isDark = style.theme === 'dark';
  const font =
    style.edges === 'crisp'
      ? ['-fn', style.pitchPx < 18 ? '6x13' : '10x20']
      : ['-fa', 'DejaVu Sans Mono', '-fs', String(Math.round(style.pitchPx * 0.6))];
  return [
    ...['xterm', '-geometry', '80x24+0+0', '-b', '2', '+sb', ...font],
    ...['-bg', isDark ? 'black' : 'white', '-fg', isDark ? 'grey90' : 'black'],
    ...['-e', process.execPath, PRINTER, String(linesPerSecond), String(content)],
  ];
}

function chromium(scene: ProgramScene, folder: string, { width, height }: Size): string[] {
  const page = join(folder, 'page.html');
  writeFileSync(join(folder, 'photo.bmp'), toBmp(createPhoto(1200, 600)));
  writeFileSync(page, webPage(scene, 'photo.bmp'));
  return [
    ...['chromium', '--no-sandbox', '--disable-gpu', '--no-first-run', '--no-default-browser-check'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--test-type'],
    ...[`--user-data-dir=${join(folder, 'profile')}`, '--password-store=basic', '--ozone-platform=x11'],
    ...['--window-position=0,0', `--window-size=${width},${height}`, `--app=file://${page}`],
  ];
}

function calc(scene: ProgramScene, folder: string): string[] {
  const sheet = join(folder, 'sheet.fods');
  const profile = join(folder, 'profile');
  writeFileSync(sheet, spreadsheet(scene));
  mkdirSync(join(profile, 'user'), { recursive: true });
  writeFileSync(join(profile, 'user', 'registrymodifications.xcu'), OFFICE_SETTINGS);
  return ['soffice', `-env:UserInstallation=file://${profile}`, '--norestore', '--nologo', '--calc', sheet];
}

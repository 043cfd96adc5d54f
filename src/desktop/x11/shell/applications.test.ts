import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findApplications, terminalCommand } from './applications.ts';
import { openboxMenu } from './openbox-config.ts';
import { desktopEntry, panelConfig } from './panel-config.ts';

const SIZE = { width: 1280, height: 720 };
const offered = (...installed: string[]): string[] =>
  findApplications((program) => installed.includes(program), SIZE).map(
    ({ command }) => command.split(' ')[0]!,
  );

test('the desktop offers a file manager and a browser if they are installed, and a better browser first', () => {
  assert.deepEqual(offered(), ['xterm']);
  assert.deepEqual(offered('pcmanfm', 'netsurf-gtk'), ['xterm', 'pcmanfm', 'netsurf-gtk']);
  assert.deepEqual(offered('netsurf-gtk', 'chromium', 'firefox-esr'), ['xterm', 'firefox-esr']);
});

test('the terminal fits onto the desktop, down to that of a phone and the smallest one', () => {
  const cells = (width: number, height: number): string => {
    const command = terminalCommand({ width, height });
    return command[command.indexOf('-geometry') + 1]!;
  };
  assert.equal(cells(1920, 1080), '100x30');
  assert.equal(cells(1280, 720), '100x30');
  assert.equal(cells(390, 844), '34x30');
  assert.equal(cells(64, 64), '20x6');
});

test('the terminal is quoted as the menu and as desktop entries want it', () => {
  const [terminal] = findApplications(() => false, SIZE);
  assert.match(openboxMenu([terminal!]), /-fa 'DejaVu Sans Mono' -fs 11 -bg '#1b2836'/);
  assert.match(
    desktopEntry(terminal!, '/i'),
    /^Exec=xterm -u8 -fa "DejaVu Sans Mono" .*\nIcon=\/i\/terminal\.svg$/m,
  );
});

test('the panel has a menu of all programs if jgmenu is installed, and no clock', () => {
  const files = { entries: ['/a.desktop', '/b.desktop'], iconFolder: '/i', scale: 1 };
  const plain = panelConfig({ ...files, menuCommand: undefined });
  assert.match(plain, /^panel_items = LTS$/m);
  assert.doesNotMatch(plain, /^(button|time1_format) =/m);
  assert.match(plain, /^launcher_item_app = \/a\.desktop\nlauncher_item_app = \/b\.desktop$/m);
  const full = panelConfig({ ...files, menuCommand: 'jgmenu --simple' });
  assert.match(full, /^panel_items = PLTS$/m);
  assert.match(full, /^button_lclick_command = jgmenu --simple$/m);
});

test('the panel is larger, and the terminal has fewer cells, at more dots per inch', () => {
  const config = panelConfig({ entries: [], iconFolder: '/i', menuCommand: undefined, scale: 2 });
  assert.match(config, /^panel_size = 100% 84$/m);
  assert.match(config, /^launcher_icon_size = 72$/m);
  const command = terminalCommand(SIZE, 2);
  assert.equal(command[command.indexOf('-geometry') + 1], '64x16');
});

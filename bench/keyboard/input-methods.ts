import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contents, gtkField, type TypingField, xtermField } from '../../test/support/typing-fields.ts';
import type { TypedProgram } from './programs.ts';

/** An input method of the desktop, with a keyboard that gives keys on as they are, and with pinyin. */
interface InputMethod {
  readonly name: string;
  readonly packages: readonly string[];
  /** Debian package with its module for GTK 3. */
  readonly gtkPackage: string;
  /** Value of GTK's and Qt's variables. */
  readonly module: string;
  /** Shell command that starts it, in a session of D-Bus, and waits until it runs. */
  readonly start: string;
  /** Program and arguments that choose pinyin. */
  readonly pinyin: readonly string[];
}

const FCITX_PROFILE = [
  ['[Groups/0]', 'Name=Default', 'Default Layout=us', 'DefaultIM=keyboard-us'],
  ['[Groups/0/Items/0]', 'Name=keyboard-us', 'Layout='],
  ['[Groups/0/Items/1]', 'Name=pinyin', 'Layout='],
  ['[GroupOrder]', '0=Default'],
]
  .map((lines) => lines.join('\\n'))
  .join('\\n\\n');

const IBUS: InputMethod = {
  name: 'ibus',
  packages: ['dbus', 'ibus', 'ibus-libpinyin', 'python3-gi'],
  gtkPackage: 'ibus-gtk3',
  module: 'ibus',
  start:
    'ibus-daemon --daemonize --xim --panel=disable; until ibus engine xkb:us::eng; do sleep 0.2; done 2> /dev/null',
  // It may report a failure although it has chosen the engine.
  pinyin: [
    'sh',
    '-c',
    'for i in 1 2 3 4 5; do ibus engine libpinyin; [ "$(ibus engine)" = libpinyin ] && exit; done; exit 1',
  ],
};

const FCITX: InputMethod = {
  name: 'fcitx5',
  packages: ['dbus', 'fcitx5', 'fcitx5-pinyin'],
  gtkPackage: 'fcitx5-frontend-gtk3',
  module: 'fcitx',
  start:
    `mkdir -p "$XDG_CONFIG_HOME/fcitx5"; printf '${FCITX_PROFILE}\\n' > "$XDG_CONFIG_HOME/fcitx5/profile"; ` +
    'fcitx5 -d 2> /dev/null; until fcitx5-remote; do sleep 0.2; done > /dev/null 2>&1; fcitx5-remote -s keyboard-us',
  pinyin: ['fcitx5-remote', '-s', 'pinyin'],
};

/** A program below an input method. Its session of D-Bus ends with it. */
function below(
  method: InputMethod,
  {
    name,
    packages,
    create,
  }: { name: string; packages: readonly string[]; create(folder: string): TypingField },
): TypedProgram {
  const busOf = (folder: string): string => join(folder, 'bus');
  let folder = '';
  return {
    name: `${name}, ${method.name}`,
    packages: [...packages, ...method.packages],
    create: (scratch) => {
      folder = scratch;
      const field = create(scratch);
      const script = join(scratch, 'start.sh');
      writeFileSync(
        script,
        `printf %s "$DBUS_SESSION_BUS_ADDRESS" > ${busOf(scratch)}\n${method.start}\nexec ${field.command}\n`,
      );
      const environment = [
        'LC_ALL=C.UTF-8',
        `XDG_CONFIG_HOME=${join(scratch, 'config')}`,
        `GTK_IM_MODULE=${method.module}`,
        `QT_IM_MODULE=${method.module}`,
        `XMODIFIERS=@im=${method.module}`,
      ];
      return {
        ...field,
        name: `${name}, ${method.name}`,
        command: `env ${environment.join(' ')} dbus-run-session -- sh ${script}`,
      };
    },
    pinyin: () => [
      'env',
      `DBUS_SESSION_BUS_ADDRESS=${contents(busOf(folder)) ?? ''}`,
      `XDG_CONFIG_HOME=${join(folder, 'config')}`,
      ...method.pinyin,
    ],
  };
}

/** Programs below an input method: one that talks with it through X, and one that does so through D-Bus. */
export const BELOW_INPUT_METHODS: readonly TypedProgram[] = [IBUS, FCITX].flatMap((method) => [
  below(method, { name: 'xterm', packages: ['xterm'], create: xtermField }),
  below(method, {
    name: 'GTK 3',
    packages: ['python3-gi', 'gir1.2-gtk-3.0', method.gtkPackage],
    create: (folder) => gtkField(folder, '3.0'),
  }),
]);

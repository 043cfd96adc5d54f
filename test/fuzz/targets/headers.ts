import type { IncomingMessage } from 'node:http';
import { newSecret, parseSecret } from '../../../src/accounts/bearer-secret.ts';
import { parseBasic } from '../../../src/http/login/basic-credentials.ts';
import { bearerText } from '../../../src/http/login/bearer-credentials.ts';
import type { BrowserIdentity } from '../../../src/http/login/browser-identity.ts';
import { LoginCookies } from '../../../src/http/login/login-cookies.ts';
import { Origins } from '../../../src/http/origin/origins.ts';
import { Peers } from '../../../src/http/origin/peers.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { damagedText, word } from '../text.ts';

/** Address of the proxy that is believed. */
const PROXY = '10.0.0.1';
const COOKIE = '__Host-deskwire-1';
const IDENTITY: BrowserIdentity = {
  address: PROXY,
  agent: '',
  origin: undefined,
  cookie: { name: 'deskwire-1', isSecure: true, mayBeOpen: true },
};
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const TOKEN = newSecret('token').text;
const VALUES: Readonly<Record<string, readonly string[]>> = {
  authorization: [
    basic('ada:secret'),
    basic('ä:ö'),
    basic('nobody'),
    'Basic',
    'Basic ====',
    'Bearer x',
    `Bearer ${TOKEN}`,
  ],
  'sec-websocket-protocol': ['binary', `binary, deskwire.token.${TOKEN}`, 'deskwire.token.', ',,'],
  cookie: [`${COOKIE}=abc`, 'a=b; c=d', '=', ';;;', `${COOKIE}=`],
  origin: [
    'https://desk.example',
    'https://portal.example',
    'https://desk.example:8443',
    'null',
    'data:',
    'http://[::1]',
  ],
  host: ['desk.example:8443', '[::1]:8443', 'desk.example:99999', 'a b', ''],
  'sec-fetch-site': ['same-origin', 'cross-site', 'none', 'same-site'],
  'x-forwarded-for': [
    '9.9.9.9',
    '::ffff:9.9.9.9, 10.0.0.1',
    'unknown',
    ',,,',
    '10.0.0.1:80',
    '"[2001:db8::1]:80"',
  ],
  forwarded: [
    'for=9.9.9.9;proto=https',
    'for="[2001:db8::1]:80";host="desk.example:9443"',
    'for=;',
    '"',
    '=,=',
  ],
  'x-forwarded-port': ['9443', '', 'x', '443,80'],
  'x-forwarded-host': ['other.example', 'a, b', ','],
  'x-forwarded-proto': ['http', 'https', 'javascript', ''],
};
const NAMES = Object.keys(VALUES);

const peers = new Peers(['10.0.0.0/8', '::1']);
const origins = new Origins(peers, ['https://portal.example']);
const cookies = new LoginCookies(() => performance.now());

/** Headers that say who calls, from where, and from which page. */
export const headers: FuzzTarget = {
  name: 'headers',
  cases: 120_000,
  reaches: ['credentials', 'token', 'forwarded address', 'allowed origin', 'refused origin'],
  make(dice) {
    const lines = Array.from({ length: dice.integer(0, 5) }, () => {
      const name = dice.pick(NAMES);
      return `${name}: ${word(dice, VALUES[name]!)}`;
    });
    return damagedText(lines.join('\n'), dice);
  },
  run(input, reached) {
    // Node.js has refused control characters before, and hands on the rest as Latin-1.
    const lines = Buffer.from(input).toString('latin1').split('\n');
    const given = Object.fromEntries(
      lines.map((line) => [line.split(':', 1)[0]!.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const request = { headers: given, socket: { remoteAddress: PROXY } } as unknown as IncomingMessage;
    const credentials = parseBasic(given.authorization);
    if (credentials?.name.includes(':')) throw new Error('A name has a colon in it.');
    if (credentials !== undefined) reached('credentials');
    const bearer = bearerText(request);
    if (bearer !== undefined && parseSecret('token', bearer) !== undefined) reached('token');
    if (cookies.holderOf(given.cookie, IDENTITY)?.name !== undefined)
      throw new Error('A cookie was guessed.');
    const address = peers.address(request);
    if (address === '') throw new Error('The caller has no address.');
    if (address !== PROXY) reached('forwarded address');
    const isAllowed = origins.judge(request) === 'may change';
    if (given.origin !== undefined) reached(isAllowed ? 'allowed origin' : 'refused origin');
    // Firefox hides the origin of our own page from the server, but not whether it is the same.
    const isHidden = given.origin === 'null' && given['sec-fetch-site'] === 'same-origin';
    if (isAllowed && !isHidden && origins.isForeignOrigin(request))
      throw new Error('A foreign page may change something.');
  },
};

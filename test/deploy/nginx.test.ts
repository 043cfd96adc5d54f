import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { showsDesktop } from '../page/open-page.ts';
import { HttpsClient } from '../support/https-client.ts';
import { stablePort } from '../support/stable-port.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { waitFor } from '../support/wait-for.ts';
import { GREETING, webSocketGreeting } from '../support/websocket-greeting.ts';
import { type Replacements, type RunningNginx, startNginx } from './nginx.ts';

// The configurations of docs/deploy.md, each as it is but for ports and paths, between a browser and a real server.

const NAME = 'desk.example';
/** Name and password of nginx's own, in the set-up that asks for them. */
const SIGNED_ON = { name: 'ada', password: 'of nginx' };

let folder: string;
/** Without and with a base path, each at a port for plain HTTP. The first has a Unix socket as well. */
let atRoot: RunningDeskwire;
let atPath: RunningDeskwire;
/** Believes nginx who the user is. Has nothing but a Unix socket. */
let signedOn: RunningDeskwire;
/** With HTTPS of its own. Trusts no proxy. */
let tls: RunningDeskwire;
let browser: Browser;
let rootSocket: string;
let rootPort: number;
let tlsPort: number;
let pathPort: number;
let signedOnSocket: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskwire-deploy-'));
  rootSocket = join(folder, 'desk.sock');
  signedOnSocket = join(folder, 'sso.sock');
  [rootPort, pathPort, tlsPort] = await Promise.all([stablePort(), stablePort(), stablePort()]);
  const desktop = ['--size', '640x480', '--run', 'exec xterm'];
  const plain = ['--insecure-http', '--trust-proxy', '127.0.0.1', ...desktop];
  const socket = ['--listen', `unix:${signedOnSocket}`, '--trust-user-header', 'X-Remote-User'];
  [atRoot, atPath, tls, signedOn, browser] = await Promise.all([
    startDeskwire({
      port: rootPort,
      flags: ['--listen', '127.0.0.1', '--listen', `unix:${rootSocket}`, ...plain],
    }),
    startDeskwire({ port: pathPort, flags: ['--base-path', '/desk', ...plain] }),
    startDeskwire({ port: tlsPort, flags: desktop }),
    startDeskwire({ flags: [...socket, ...desktop] }),
    launchChromium([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]),
  ]);
  const hash = createHash('sha1').update(SIGNED_ON.password).digest('base64');
  await writeFile(join(folder, 'htpasswd'), `${SIGNED_ON.name}:{SHA}${hash}\n`);
});

after(async () => {
  await Promise.all([browser?.close(), atRoot?.stop(), atPath?.stop(), signedOn?.stop(), tls?.stop()]);
  await rm(folder, { recursive: true });
});

interface SetUp {
  readonly file: string;
  readonly server: () => RunningDeskwire;
  /** Path of the page, as a user may type it. */
  readonly path: string;
  readonly replacements?: () => Replacements;
  /** By default the owner of the server. */
  readonly user?: { readonly name: string; readonly password: string };
}

const AT_PLAIN = (port: () => number) => (): Replacements => [
  ['listen 443', 'listen LISTEN'],
  ['127.0.0.1:8443', `127.0.0.1:${port()}`],
];
const AT_SOCKET = (path: string = rootSocket): Replacements => [
  ['listen 443', 'listen LISTEN'],
  ['/run/deskwire/desk.sock', path],
];
const AT_TLS = (): Replacements => [
  ['listen 9443', 'listen LISTEN'],
  ['127.0.0.1:8443', `127.0.0.1:${tlsPort}`],
  ['/var/lib/deskwire/cert.pem', join(tls.data, 'cert.pem')],
];
const WITHOUT_PORT: Replacements = [['Host $http_host', 'Host $host']];

const SET_UPS: Readonly<Record<string, SetUp>> = {
  'TLS at nginx, plain HTTP behind it': {
    file: 'plain-http.conf',
    server: () => atRoot,
    path: '/',
    replacements: AT_PLAIN(() => rootPort),
  },
  'TLS at nginx, a Unix socket behind it': {
    file: 'unix-socket.conf',
    server: () => atRoot,
    path: '/vnc.html?autoconnect=1',
    replacements: () => AT_SOCKET(),
  },
  'a Unix socket and a host without its port': {
    file: 'unix-socket.conf',
    server: () => atRoot,
    path: '/',
    replacements: () => [...AT_SOCKET(), ...WITHOUT_PORT],
  },
  'TLS on both sides': { file: 'tls-behind.conf', server: () => tls, path: '/', replacements: AT_TLS },
  'TLS on both sides, no trust, and a host without its port': {
    file: 'tls-behind.conf',
    server: () => tls,
    path: '/',
    replacements: () => [...AT_TLS(), ...WITHOUT_PORT],
  },
  'a path that nginx passes on': {
    file: 'sub-path.conf',
    server: () => atPath,
    path: '/desk/',
    replacements: AT_PLAIN(() => pathPort),
  },
  'a path that nginx passes on, without its slash': {
    file: 'sub-path.conf',
    server: () => atPath,
    path: '/desk',
    replacements: AT_PLAIN(() => pathPort),
  },
  'a path that nginx strips': {
    file: 'stripped-sub-path.conf',
    server: () => atPath,
    path: '/desk/',
    replacements: AT_PLAIN(() => pathPort),
  },
  'a path that nginx strips, without its slash': {
    file: 'stripped-sub-path.conf',
    server: () => atPath,
    path: '/desk',
    replacements: AT_PLAIN(() => pathPort),
  },
  'a login at nginx, which names the user': {
    file: 'single-sign-on.conf',
    server: () => signedOn,
    path: '/',
    replacements: () => [
      ...AT_SOCKET(signedOnSocket),
      ['/etc/nginx/desk.htpasswd', join(folder, 'htpasswd')],
    ],
    user: SIGNED_ON,
  },
};

/** Runs `check` with nginx in front of a server. */
async function behindNginx(
  { file, server, replacements }: SetUp,
  check: (port: number, nginx: RunningNginx) => Promise<void>,
): Promise<void> {
  const port = await stablePort();
  const given = (replacements?.() ?? []).map(
    ([text, by]) => [text, by.replace('LISTEN', `127.0.0.1:${port}`)] as const,
  );
  const nginx = await startNginx(file, port, [
    ...given,
    // The server without TLS has no certificate.
    ['/etc/ssl/desk.example.pem', join(tls.data, 'cert.pem')],
    ['/etc/ssl/desk.example.key', join(tls.data, 'key.pem')],
  ]);
  try {
    await check(port, nginx);
    assert.equal(server().output().stderr.includes('"level":50'), false);
  } finally {
    await nginx.stop();
  }
}

for (const [what, setUp] of Object.entries(SET_UPS)) {
  test(`the page shows the desktop, and other sites get nothing, with ${what}`, async () => {
    await behindNginx(setUp, async (port, nginx) => {
      const origin = `https://${NAME}:${port}`;
      const user = setUp.user ?? setUp.server().owner;
      const context = await browser.newContext({
        httpCredentials: { username: user.name, password: user.password },
        ignoreHTTPSErrors: true,
      });
      try {
        const page = await context.newPage();
        const url = new URL(setUp.path, origin);
        url.searchParams.set('login', 'basic');
        await page.goto(url.href);
        await showsDesktop(page);
        await checkCookies(context, setUp);
      } catch (error) {
        throw new Error(`nginx says: ${await nginx.errors()}`, { cause: error });
      } finally {
        await context.close();
      }

      const folderPath = setUp.path.startsWith('/desk') ? '/desk' : '';
      const authorization = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
      const viewer = (from: string): Promise<string | number> =>
        webSocketGreeting(`wss://127.0.0.1:${port}${folderPath}/websockify`, {
          ca: tls.ca,
          headers: { host: `${NAME}:${port}`, origin: from, authorization },
        });
      assert.equal(await viewer(origin), GREETING);
      assert.equal(await viewer('https://evil.example'), 403);
      const client = new HttpsClient(`https://127.0.0.1:${port}/`, tls.ca);
      try {
        const { status } = await client.get(`${folderPath}/healthz`);
        assert.equal(status, 200);
        const forged = { 'x-remote-user': setUp.server().owner.name };
        assert.equal((await client.post(`${folderPath}/ticket`, undefined, { headers: forged })).status, 401);
      } finally {
        client.close();
      }
    });
  });
}

/** The browser keeps a login cookie for TLS, unless the proxy logs its users in. */
async function checkCookies(context: BrowserContext, { user }: SetUp): Promise<void> {
  const cookies = (await context.cookies()).filter(({ name }) => name.includes('deskwire-'));
  assert.equal(cookies.length, user === undefined ? 1 : 0);
  for (const { name, secure, sameSite, httpOnly } of cookies) {
    assert.match(name, /^__Host-deskwire-\d+$/);
    assert.deepEqual([secure, sameSite, httpOnly], [true, 'Strict', true]);
  }
}

test('the Unix socket is for the server’s account and group alone', async () => {
  assert.equal((await stat(rootSocket)).mode & 0o7777, 0o660);
});

test('a refused page is in the log with both origins and what to do', async () => {
  await behindNginx(SET_UPS['TLS on both sides']!, async (port) => {
    const origin = `https://${randomBytes(4).toString('hex')}.example`;
    const url = `wss://127.0.0.1:${port}/websockify`;
    const headers = { host: `${NAME}:${port}`, origin };
    assert.equal(await webSocketGreeting(url, { ca: tls.ca, headers }), 403);
    // Lines for one caller come once a minute.
    const line = await waitFor('the line in the log', () =>
      tls
        .output()
        .stderr.split('\n')
        .slice(0, -1)
        .find((text) => text.includes('HTTP_FOREIGN_PAGE')),
    );
    assert.match(line, /"level":40/);
    assert.match(line, /\.example.*https:\/\/desk\.example:\d+.*Host \$http_host/);
  });
});

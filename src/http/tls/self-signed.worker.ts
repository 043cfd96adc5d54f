import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { generate } from 'selfsigned';

// Makes one self-signed certificate. The library that makes it takes 11 MB, which go when the thread ends.

/** Data that the thread starts with. */
export interface CertificateRequest {
  readonly notBeforeDate: Date;
  readonly notAfterDate: Date;
  /** Names and addresses in addition to `localhost`, the loopback addresses and the machine's name. */
  readonly names: readonly string[];
}

/** The thread's only message: a certificate and its private key, in PEM. */
export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
}

const port = parentPort;
if (!port) throw new Error('self-signed.worker runs as a worker thread only');

const machine = hostname();
const { names: given, ...validity } = workerData as CertificateRequest;
const all = new Set(['localhost', machine, '127.0.0.1', '::1', ...given]);
const addresses = [...all].filter((name) => isIP(name) !== 0);
const names = [...all].filter((name) => isIP(name) === 0 && /^[a-z0-9.-]+$/i.test(name));
const made = await generate([{ name: 'commonName', value: `Deskwire on ${machine}`.slice(0, 64) }], {
  keyType: 'ec',
  curve: 'P-256',
  algorithm: 'sha256',
  ...validity,
  extensions: [
    // Not an authority: a client that trusts this file trusts only this server.
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [
        ...names.map((value) => ({ type: 2 as const, value })),
        ...addresses.map((ip) => ({ type: 7 as const, ip })),
      ],
    },
  ],
});
port.postMessage({ cert: made.cert, key: made.private } satisfies SelfSigned);

import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { ListenPlace } from '../../config/listen-place.ts';

/** Names and addresses that the self-signed certificate has in addition to `localhost` and the machine's name. */
export interface CertificateNames {
  /** Those that the user listens at. A certificate without one of them is made anew. */
  readonly needed: readonly string[];
  /** Addresses that the machine has now. They may change, and every new certificate must be trusted anew. */
  readonly present: readonly string[];
}

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Returns the names for a server that listens at these places. */
export function certificateNames(
  listen: readonly ListenPlace[],
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): CertificateNames {
  const hosts = listen.flatMap((place) => (place.kind === 'tcp' ? [place.host] : []));
  const isEverywhere = hosts.some((host) => WILDCARDS.has(host));
  const addresses = Object.values(interfaces).flatMap((list = []) => list.map(({ address }) => address));
  return {
    needed: hosts.filter((host) => !WILDCARDS.has(host)),
    // The zone of a link-local address is a name on this machine alone.
    present: isEverywhere ? addresses.filter((address) => !/^fe80:/i.test(address)) : [],
  };
}

/** Whether a certificate is for all the needed names. */
export function hasNames(certificate: X509Certificate, { needed }: CertificateNames): boolean {
  return needed.every((name) =>
    isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
  );
}

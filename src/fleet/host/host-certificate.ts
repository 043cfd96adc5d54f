import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { ownPair } from '../../http/tls/certificate.ts';

/** What the desktops of a host show edges on other machines. */
export interface HostCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** SHA-256 of the certificate, as 64 hexadecimal digits. */
  readonly digest: string;
}

/** Loads the certificate of a host, which is made if there is none or if it expires soon. Throws HttpStartError. */
export async function hostCertificate(data: string): Promise<HostCertificate> {
  const folder = join(data, 'host-certificate');
  const { pair, certPath } = await ownPair({ data: folder });
  const digest = new X509Certificate(pair.cert).fingerprint256.replaceAll(':', '').toLowerCase();
  return { certFile: certPath, keyFile: join(folder, 'key.pem'), digest };
}

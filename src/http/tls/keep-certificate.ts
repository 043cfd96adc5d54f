import type { Logger } from 'pino';
import type { Config } from '../../config/config.ts';
import type { Certificate } from './certificate.ts';
import type { CertificateNames } from './certificate-names.ts';
import { CertificateReload } from './certificate-reload.ts';
import { CertificateRenewal } from './certificate-renewal.ts';

/** Has the server's own certificate renewed, or that of the user read again when its files change. */
export function keepCertificate(
  { cert, key, data, names }: Config & { readonly names: CertificateNames },
  log: Logger,
  current: Certificate,
  onRenewed: (certificate: Certificate) => void,
): { close(): Promise<void> } {
  if (cert === undefined || key === undefined)
    return new CertificateRenewal({ cert, key, data, names, log, current, onRenewed });
  return new CertificateReload({ files: { cert, key }, log, current, onRenewed });
}

import { type Certificate, type CertificateOptions, DAY_MS, ownPair } from './certificate.ts';

export interface CertificateRenewalOptions extends CertificateOptions {
  /** The certificate that is served now, from `loadCertificate`. */
  readonly current: Certificate;
  /** Called with the certificate to serve from now on. */
  readonly onRenewed: (certificate: Certificate) => void;
  /** Time between two checks. Each check reads two small files. */
  readonly checkMs?: number;
}

/**
 * Renews the server's own certificate before it expires. Takes over a certificate that another server with the same
 * data folder has renewed.
 */
export class CertificateRenewal {
  readonly #options: CertificateRenewalOptions;
  readonly #timer: NodeJS.Timeout;
  #current: Certificate;
  #checking: Promise<void> | undefined;
  #closed = false;

  constructor(options: CertificateRenewalOptions) {
    this.#options = options;
    this.#current = options.current;
    this.#timer = setInterval(() => void this.check(), options.checkMs ?? DAY_MS).unref();
  }

  /** Resolves when no check is in progress. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#checking;
  }

  /** Checks now, in addition to the regular checks. Never rejects. Logs errors. */
  check(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#checking ??= this.#renew().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #renew(): Promise<void> {
    const { log, onRenewed } = this.#options;
    try {
      const { pair, certPath } = await ownPair(this.#options);
      if (this.#closed || pair.cert === this.#current.cert) return;
      onRenewed(pair);
      this.#current = pair;
      log.info(
        { cert: certPath },
        'The certificate was renewed. Clients that trust the file need the new one',
      );
    } catch (err) {
      // The old certificate is valid for some weeks. The next check tries again.
      log.error({ err }, 'The certificate could not be renewed');
    }
  }
}

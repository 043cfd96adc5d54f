import { type Certificate, type CertificateOptions, DAY_MS, ownPair } from './certificate.ts';

export interface CertificateRenewalOptions extends CertificateOptions {
  /** What is served now, of `loadCertificate`. */
  readonly current: Certificate;
  /** Another one is to be served from now on. */
  readonly onRenewed: (certificate: Certificate) => void;
  /** How often it is looked at: each time costs two small reads. */
  readonly checkMs?: number;
}

/**
 * Keeps our own certificate fresh while the server runs, which may be for years. Where the user gave one, there is
 * nothing to do. What another server on the same data folder has renewed is taken over.
 */
export class CertificateRenewal {
  readonly #options: CertificateRenewalOptions;
  readonly #timer: NodeJS.Timeout | undefined;
  #current: Certificate;
  #checking: Promise<void> | undefined;
  #closed = false;

  constructor(options: CertificateRenewalOptions) {
    this.#options = options;
    this.#current = options.current;
    if (options.cert !== undefined) return;
    this.#timer = setInterval(() => void this.check(), options.checkMs ?? DAY_MS).unref();
  }

  /** Resolves when nothing is read or written any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#checking;
  }

  /** Looks at once, besides the times that come by themselves. Never rejects: what goes wrong is logged. */
  check(): Promise<void> {
    if (this.#closed || this.#options.cert !== undefined) return Promise.resolve();
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
      log.info({ cert: certPath }, 'certificate: ours was renewed; who trusts the file needs the new one');
    } catch (err) {
      // The old one lasts for some weeks yet, and the next check tries again.
      log.error({ err }, 'the certificate could not be renewed');
    }
  }
}

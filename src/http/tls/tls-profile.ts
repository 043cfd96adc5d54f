import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { Certificate } from './certificate.ts';

/**
 * The suites of TLS 1.3, and those of TLS 1.2 that have the same qualities: keys that are forgotten (ECDHE), and
 * authenticated encryption (GCM, ChaCha20). Windows 10 and its PowerShell have no TLS 1.3.
 */
const SUITES = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

/** The server's side of TLS: the certificate, and what may be agreed with a client. */
export function tlsProfile({ cert, key }: Certificate): SecureContextOptions {
  return {
    cert,
    key,
    minVersion: 'TLSv1.2',
    ciphers: SUITES.join(':'),
    // All suites are good. The client knows which one its processor is fast at.
    honorCipherOrder: false,
    // A client that asks for a new handshake over and over costs the server far more than itself.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

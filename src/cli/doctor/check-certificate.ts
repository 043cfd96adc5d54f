import { X509Certificate } from 'node:crypto';
import { pino } from 'pino';
import type { Config } from '../../config/config.ts';
import { checkGiven, DAY_MS, readPair } from '../../http/tls/certificate.ts';
import { type Finding, failed, ok, reasonOf, warning } from './finding.ts';

/** Days before its end from which a certificate is reported. Programs that renew one do so a month before its end. */
const SOON_DAYS = 14;

/** Checks the certificate that the user gave. The server renews its own. */
export async function checkCertificate(
  { cert, key }: Pick<Config, 'cert' | 'key'>,
  nowMs = Date.now(),
): Promise<Finding[]> {
  if (cert === undefined || key === undefined)
    return [ok('certificate', 'self-signed, made at the first start and renewed by the server')];
  try {
    const pair = readPair({ cert, key });
    checkGiven(pair, { cert, key }, { log: pino({ level: 'silent' }) });
    const { validToDate, subject } = new X509Certificate(pair.cert);
    const leftDays = Math.floor((validToDate.getTime() - nowMs) / DAY_MS);
    const renew = 'renew it; a running server serves new files within a minute';
    if (leftDays < 0) return [warning('certificate', `${cert} has expired; browsers refuse it`, renew)];
    if (leftDays < SOON_DAYS) return [warning('certificate', `${cert} expires in ${leftDays} days`, renew)];
    return [ok('certificate', `${cert}, ${subject.replaceAll('\n', ', ')}, expires in ${leftDays} days`)];
  } catch (error) {
    return [failed('certificate', reasonOf(error), 'give the files of one pair, readable for this user')];
  }
}

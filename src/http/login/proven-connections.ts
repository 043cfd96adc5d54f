import { hash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { User } from '../../accounts/user.ts';

/** A login that was right. */
export interface ProvenLogin {
  /** As the accounts returned the user when the password was checked. */
  readonly user: User;
  /** The block of addresses that it came from. */
  readonly address: string;
}

interface Proof extends ProvenLogin {
  /** Digest of the header with the password. */
  readonly digest: string;
}

/** Takes the place of a login after a wrong password. */
const SPOILT = 'spoilt';

/**
 * Remembers over which connections a caller has logged in. A program that keeps its connection is thereby not delayed
 * by guessers at its address, who have connections of their own, and its next call needs no check of its password.
 * One wrong password spoils a connection for good, because a proxy may send the requests of a guesser over the
 * connection of a user.
 */
export class ProvenConnections {
  readonly #proofs = new WeakMap<Socket, Proof | typeof SPOILT>();
  /** Makes the digests worthless outside of this process. */
  readonly #key = randomBytes(32).toString('base64');

  /** Whether this caller has logged in over this connection, and no login over it was wrong. */
  isProven(socket: Socket, name: string, address: string): boolean {
    const proof = this.#proofs.get(socket);
    return proof !== undefined && proof !== SPOILT && proof.user.name === name && proof.address === address;
  }

  /** The last login over this connection if it came by exactly this header, and no login over it was wrong. */
  repeated(socket: Socket, authorization: string): ProvenLogin | undefined {
    const proof = this.#proofs.get(socket);
    if (proof === undefined || proof === SPOILT) return undefined;
    return proof.digest === this.#digestOf(authorization) ? proof : undefined;
  }

  /** Remembers a login that was right. */
  prove(socket: Socket, authorization: string, login: ProvenLogin): void {
    if (this.#proofs.get(socket) === SPOILT) return;
    this.#proofs.set(socket, { ...login, digest: this.#digestOf(authorization) });
  }

  /** Remembers that a login was wrong. */
  spoil(socket: Socket): void {
    this.#proofs.set(socket, SPOILT);
  }

  /** The header itself would keep the password in memory for as long as the connection. */
  #digestOf(authorization: string): string {
    return hash('sha256', `${this.#key}${authorization}`, 'base64');
  }
}

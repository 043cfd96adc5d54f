import type { Settings } from '../../config/config.ts';

/**
 * Limits on connections. An address is an IPv4 address or a /64 of IPv6. Connections of trusted proxies count in total,
 * but not for the address of the proxy: it has many callers. Viewers count for the address that the proxy forwards. At
 * the RFB port no proxy forwards any, so that all count for the address that they come from, Unix sockets for one.
 */
export interface ConnectionLimits {
  /**
   * Time for a TLS handshake, in milliseconds, however slowly its bytes come. A larger value keeps silent peers longer,
   * a smaller one ends peers on links that lose packets.
   */
  readonly handshakeMs: number;
  /**
   * Connections whose TLS handshake is not finished. Each takes a descriptor and about 40 KB. The oldest one makes way
   * for the next. A smaller number ends real handshakes during a flood sooner.
   */
  readonly halfOpen: number;
  /** The same from one address. Smaller numbers end handshakes when many users of one router connect at once. */
  readonly halfOpenOfAddress: number;
  /** Connections that have finished their handshake. A larger number takes more memory: about 60 KB for each. */
  readonly connections: number;
  /**
   * The same from one address: a browser opens six, and a viewer of the page keeps two. A larger number lets one
   * address take more of the total; a smaller one refuses users behind one router.
   */
  readonly connectionsOfAddress: number;
  /**
   * New connections of one address in a second, each of which costs 1 ms for its handshake; and answers to requests
   * without a login, behind which a connection stays open. A larger rate lets one address take more of the main thread,
   * 10 % with 100 a second; a smaller one refuses scripts that connect for each call.
   */
  readonly connectsOfAddressPerSecond: number;
  /**
   * Connections above a limit that are open for long enough to be told why. More are closed without an answer. A larger
   * number takes descriptors, a smaller one leaves callers without a reason.
   */
  readonly turnedAway: number;
  /** Time in which such a connection has to send its request, in milliseconds. Smaller leaves slow links no reason. */
  readonly turnAwayMs: number;
  /** Time for the headers of a request, in milliseconds. Larger keeps silent peers, smaller ends slow links. */
  readonly headersMs: number;
  /**
   * Time for a whole request, in milliseconds. A body of 1 MiB needs 17 KB/s. Larger keeps slow senders, smaller cuts
   * them off.
   */
  readonly requestMs: number;
  /** Time for which an answer may make no progress, in milliseconds. Larger keeps silent readers, smaller slow ones. */
  readonly answerStallMs: number;
  /**
   * Requests of one connection that wait for their answers. They are all handled in one turn of the event loop, with
   * 0.1 ms for each. No browser and no usual client sends a second one. A smaller number ends scripts that do.
   */
  readonly unansweredRequests: number;
  /**
   * Time for a request to become a WebSocket, in milliseconds: longer than a login may take. Node.js applies none of
   * its limits to such a connection any more.
   */
  readonly upgradeMs: number;
  /**
   * Viewers connected to the desktop. Each may keep a picture and 8 MiB waiting (docs/architecture.md). A larger number
   * takes more memory and time; a smaller one refuses viewers.
   */
  readonly viewers: number;
  /**
   * The same of one user. A class of 100 may share a login, and each connection that was lost counts for 30 s more. A
   * larger number lets one user take more of the total.
   */
  readonly viewersOfUser: number;
  /** The same from one address, such as a classroom behind a router. */
  readonly viewersOfAddress: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  handshakeMs: 10_000,
  halfOpen: 1024,
  halfOpenOfAddress: 512,
  connections: 4096,
  connectionsOfAddress: 1024,
  connectsOfAddressPerSecond: 100,
  turnedAway: 64,
  turnAwayMs: 5000,
  headersMs: 20_000,
  requestMs: 60_000,
  answerStallMs: 60_000,
  unansweredRequests: 16,
  upgradeMs: 30_000,
  viewers: 512,
  viewersOfUser: 256,
  viewersOfAddress: 256,
};

/** The limits that a configuration sets. */
export function configuredLimits(config: Settings): Partial<ConnectionLimits> {
  return {
    connections: config.maxConnections,
    connectionsOfAddress: config.maxConnectionsPerAddress,
    connectsOfAddressPerSecond: config.maxConnectRate,
    viewers: config.maxViewers,
    viewersOfUser: config.maxViewersPerUser,
    viewersOfAddress: config.maxViewersPerAddress,
  };
}

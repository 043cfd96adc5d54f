/**
 * Limits on connections. An address is an IPv4 address or a /64 of IPv6. Connections of trusted proxies count in total,
 * but not for the address of the proxy: it has many callers. Viewers count for the address that the proxy forwards.
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
   * Viewers connected to the desktop. Each may keep a picture and 8 MiB waiting (docs/architecture.md). A larger number
   * takes more memory and time; a smaller one refuses viewers.
   */
  readonly viewers: number;
  /** The same of one user: tabs, and people who share a login. */
  readonly viewersOfUser: number;
  /** The same from one address, such as a classroom behind a router. */
  readonly viewersOfAddress: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  handshakeMs: 10_000,
  halfOpen: 512,
  halfOpenOfAddress: 128,
  connections: 4096,
  connectionsOfAddress: 512,
  viewers: 512,
  viewersOfUser: 64,
  viewersOfAddress: 128,
};

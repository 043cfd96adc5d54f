// Types for the part of `pg` that is used. It has none of its own.
declare module 'pg' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { ConnectionOptions } from 'node:tls';

  export interface ClientConfig {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    readonly password?: () => string;
    readonly ssl?: ConnectionOptions | false;
    readonly application_name?: string;
    readonly connectionTimeoutMillis?: number;
    readonly keepAlive?: boolean;
    readonly stream?: () => Socket;
  }

  /** What one statement has given. */
  export interface QueryResult<Row> {
    /** First word of what the server says that it has done, such as `COMMIT`. */
    readonly command: string;
    readonly rows: Row[];
  }

  interface ClientEvents {
    error: [error: Error];
    end: [];
    notification: [message: { readonly payload?: string }];
    /** `code` is a SQLSTATE: 00000 of mere information. */
    notice: [message: { readonly code?: string }];
  }

  export class Client extends EventEmitter<ClientEvents> {
    constructor(config: ClientConfig);
    connect(): Promise<void>;
    /** A text with several statements and without parameters has a list of results. */
    query<Row>(query: {
      readonly text: string;
      readonly values?: readonly unknown[];
    }): Promise<QueryResult<Row> | QueryResult<Row>[]>;
    end(): Promise<void>;
  }

  const pg: { readonly Client: typeof Client };
  export default pg;
}

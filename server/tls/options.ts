import type { TrustsProxy } from "../listener/proxied.ts";

/** A peer that has not shaken hands by then is taken for silent. */
export const HANDSHAKE_MS = 10_000;

/** How a TLS port is opened. */
export interface TlsOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Number of listeners. @default 1 */
  readonly listeners?: number;
  /** Certificate chain in PEM: the leaf first. */
  readonly cert: string;
  /** Its private key in PEM. */
  readonly key: string;
  /** The protocol that is spoken (RFC 7301): a client that names others only is refused. */
  readonly alpn: string;
  /** Proxies whose connections begin with a PROXY header. @default none */
  readonly trustsProxy?: TrustsProxy | undefined;
}

import { createSecureContext, type SecureContext } from "node:tls";

/** What an operator sets for the FTP door. */
export interface FtpSettings {
  /** TLS from the first byte, without `AUTH TLS`. */
  readonly implicitTls: boolean;
  /** Login and data without TLS are allowed too. */
  readonly allowPlain: boolean;
  /** Whether `STOR` on an existing name replaces its content or keeps it as a version. */
  readonly overwrite: "replace" | "keep";
  /** Ports that passive data connections come to; null: any. */
  readonly passivePorts: { readonly first: number; readonly last: number } | null;
  /** The IPv4 address that `PASV` tells; null: the control connection's own. */
  readonly publicAddress: string | null;
  /** A transfer in which no byte moves for so long is ended. @default 60 s */
  readonly stallTimeoutMs?: number;
}

/** TLS as the two kinds of connections have it. */
export interface SecureContexts {
  readonly control: SecureContext;
  /**
   * TLS 1.2 at most: clients close data connections without reading the session tickets that
   * TLS 1.3 sends, the close becomes a reset, and bytes that were received are lost. And an end can
   * be told from a cut only where the types of records can be seen.
   */
  readonly data: SecureContext;
}

/** Makes both from a certificate chain and its key in PEM. */
export function secureContexts(cert: string, key: string): SecureContexts {
  return {
    control: createSecureContext({ cert, key, minVersion: "TLSv1.2" }),
    data: createSecureContext({ cert, key, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" }),
  };
}

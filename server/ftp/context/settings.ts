import { createSecureContext, type SecureContext } from "node:tls";

/** The operator's settings of the FTP door. */
export interface FtpSettings {
  /** TLS from the first byte, without `AUTH TLS`. */
  readonly implicitTls: boolean;
  /** Login and data without TLS are allowed too. */
  readonly allowPlain: boolean;
  /** Whether `STOR` on an existing name replaces its content or keeps it as a version. */
  readonly overwrite: "replace" | "keep";
  /** Whether `RMD` removes what is in a directory, too. @default "empty" */
  readonly removal?: "empty" | "recursive";
  /** Whether uploads make the missing directories of their path. @default false */
  readonly makeDirectories?: boolean;
  /** Whether clients may choose `MODE Z`. @default false */
  readonly compression?: boolean;
  /** Ports that passive data connections come to; null: any. */
  readonly passivePorts: { readonly first: number; readonly last: number } | null;
  /** The IPv4 address in replies to `PASV`; null: the control connection's own. */
  readonly publicAddress: string | null;
  /** Idle timeout of a transfer. @default 60 s */
  readonly stallTimeoutMs?: number;
}

/** TLS as the two kinds of connections have it. */
export interface SecureContexts {
  readonly control: SecureContext;
  /**
   * TLS 1.2 at most. With TLS 1.3 clients close data connections without reading the session
   * tickets; the close becomes a reset, and received bytes are lost. And the end of data can be
   * distinguished from a cut only where the types of records are visible.
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

/** Finds out what listens at a port that is no native port, so that an error can say it. */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import tls from "node:tls";
import type { Endpoint } from "./endpoint.ts";
import { printable } from "../../../common/printable.ts";

/** Longest wait in ms for each answer of the port; servers that greet do so at once. */
const MAX_WAIT_MS = 1500;
const MAX_GREETING_BYTES = 512;

/** Kind of a port. */
export type PortKind = "web" | "ftp" | "ftps" | "http" | "ssh" | "mail" | "other-tls" | "silent";

/** Name of each kind, as the end of a sentence that says that it is not the native port. */
const NAMES: Record<PortKind, string> = {
  "web": "that is the web port",
  "ftp": "that is an FTP port",
  "ftps": "that is an FTPS port",
  "http": "that is the port of a web server without TLS",
  "ssh": "that is an SSH port",
  "mail": "that is the port of a mail server",
  "other-tls": "that is the port of another service with TLS",
  "silent": "that is the port of another service without TLS",
};

/**
 * A sentence that says what listens at a port instead of the native protocol.
 *
 * @param speaksTls whether the port answered with TLS; `perhaps` where it was lost in the handshake,
 * as a native port can be too
 * @returns undefined where it cannot be found out
 */
export async function describeWrongPort(
  endpoint: Endpoint,
  speaksTls: boolean | "perhaps",
  timeoutMs: number,
): Promise<string | undefined> {
  const waitMs = Math.min(timeoutMs, MAX_WAIT_MS);
  try {
    const kind = speaksTls
      ? await kindByTls(endpoint, waitMs)
      : await kindByGreeting(endpoint, waitMs);
    if (kind === "other-tls" && speaksTls === "perhaps") return undefined;
    return printable(`${NAMES[kind]}; the native one is usually 9000`);
  } catch {
    return undefined;
  }
}

/** By the protocol that a TLS server agrees to, or how it greets. */
async function kindByTls(endpoint: Endpoint, waitMs: number): Promise<PortKind> {
  const { hostname: host, port } = endpoint;
  const agreed = async (protocol: string): Promise<boolean> => {
    const socket = tls.connect({
      host,
      port,
      ...(isIP(host) === 0 && { servername: host }),
      ALPNProtocols: [protocol],
      rejectUnauthorized: false, // nothing is sent, and its answer is used only in a message
    });
    return await settled<boolean>(socket, waitMs, (resolve) => {
      socket.on("secureConnect", () => resolve(socket.alpnProtocol === protocol));
      socket.on("error", () => resolve(false));
    }, false);
  };
  if (await agreed("http/1.1")) return "web";
  return await agreed("ftp") ? "ftps" : "other-tls";
}

/** By how a server without TLS greets, or answers a request of HTTP. */
async function kindByGreeting(endpoint: Endpoint, waitMs: number): Promise<PortKind> {
  const heard = async (request: string): Promise<string> => {
    const socket = connectTcp({ host: endpoint.hostname, port: endpoint.port });
    let text = "";
    return await settled<string>(socket, waitMs, (resolve) => {
      socket.on("connect", () => request !== "" && socket.write(request));
      socket.on("data", (bytes) => {
        text += bytes.toString("latin1");
        if (text.includes("\n") || text.length > MAX_GREETING_BYTES) resolve(text);
      });
      socket.on("close", () => resolve(text));
      socket.on("error", () => resolve(text));
    }, "");
  };
  // Servers that greet do not wait for a request, and those of HTTP answer this one.
  const said = await heard("HEAD / HTTP/1.0\r\n\r\n");
  if (said.startsWith("HTTP/")) return "http";
  if (said.startsWith("SSH-")) return "ssh";
  if (/^220[ -].*(SMTP|mail)/i.test(said) || /^(\+OK|\* OK)/.test(said)) return "mail";
  if (/^\d{3}[ -]/.test(said)) return "ftp";
  return "silent";
}

/**
 * Resolves to the result of `listen`, or to `late` after a time; the socket is closed either way.
 */
async function settled<T>(
  socket: Socket,
  waitMs: number,
  listen: (resolve: (value: T) => void) => void,
  late: T,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<T>((resolve) => {
      listen(resolve);
      timer = setTimeout(resolve, waitMs, late);
    });
  } finally {
    clearTimeout(timer);
    socket.on("error", () => {});
    socket.destroy();
  }
}

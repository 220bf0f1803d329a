/** Causes of a failed connection or handshake, with advice. */
import type { Endpoint } from "./endpoint.ts";
import { ClientError, ConnectionLost, ExitCode } from "../common/error.ts";
import { printable } from "../../../common/printable.ts";
import { formatTime } from "../../../common/time.ts";
import { clientCommand } from "../../../common/program_name.ts";

/**
 * Creates the error of a port with another protocol.
 *
 * @returns undefined where the failure has another cause
 */
export async function wrongPort(
  error: unknown,
  endpoint: Endpoint,
  timeoutMs: number,
): Promise<ClientError | undefined> {
  const text = error instanceof Error ? error.message : "";
  const otherProtocol = /no_?application_?protocol/i.test(text);
  const noTls = /corrupt message|InvalidContentType|wrong version number|packet length/i.test(text);
  // A port that refuses the protocol closes at once, and its alert may be lost with the connection.
  const lost = /connection reset|os error 104|unexpected eof/i.test(text);
  if (!otherProtocol && !noTls && !lost) return undefined;
  // Loaded only now: most connections are to the right port.
  const { describeWrongPort } = await import("./port_kind.ts");
  const what = await describeWrongPort(endpoint, lost ? "perhaps" : otherProtocol, timeoutMs);
  if (what === undefined && lost) return undefined;
  const why = what ??
    "something else than the native protocol is at that port; the native port is usually 9000";
  return new ClientError(`Cannot connect to ${endpoint.name}: ${why}`, {
    exitCode: ExitCode.connection,
    cause: error,
  });
}

/** Whether a handshake failed because the certificate's issuer is not trusted. */
export function isUnknownIssuer(error: unknown): boolean {
  return error instanceof Error &&
    /UnknownIssuer|SelfSigned|CaUsedAsEndEntity|BadSignature/i.test(error.message);
}

/** The error of a port that did not answer in time. @param reached whether it took the connection */
export function noAnswer(endpoint: Endpoint, timeoutMs: number, reached: boolean): ConnectionLost {
  const why = reached
    ? `that port sent nothing for ${timeoutMs / 1000} s; the native one is usually 9000`
    : `no answer within ${timeoutMs / 1000} s. Check host, port and firewall`;
  return new ConnectionLost(`Cannot connect to ${endpoint.name}: ${why}`);
}

/** The error that a failed connection or handshake means. */
export function connectError(error: unknown, endpoint: Endpoint): ClientError {
  if (error instanceof ClientError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const refuse = (why: string) =>
    new ClientError(`Cannot trust ${endpoint.name}: ${why}`, {
      exitCode: ExitCode.connection,
      cause: error,
    });
  if (isUnknownIssuer(error)) {
    return refuse(
      `its certificate is from an unknown authority. Give the authority with --ca FILE, or run: ${
        clientCommand(`trust ${endpoint.name}`)
      }`,
    );
  }
  if (/NotValidForName|not valid for name/i.test(text)) {
    const names = /only valid for (.*)$/s.exec(text)?.[1]?.replaceAll(
      /DnsName\(|IpAddress\(|\)/g,
      "",
    );
    return refuse(
      `its certificate is for another name${
        names ? `, ${printable(names)}` : ""
      }. Use the name that the certificate was made for, or start the server with --name`,
    );
  }
  if (/Expired|NotValidYet|not valid yet/i.test(text)) {
    return refuse(printable(whenValid(text)));
  }
  if (/invalid peer certificate|certificate/i.test(text)) return refuse(printable(text));
  const { code } = (error ?? {}) as { code?: unknown };
  if (error instanceof Deno.errors.ConnectionRefused || code === "ECONNREFUSED") {
    return new ConnectionLost(
      `Cannot connect to ${endpoint.name}: the connection was refused. Is the server running there?`,
      error,
    );
  }
  const plain = printable(text.replace(/ \(os error \d+\)/, "").replace(/^[^:]*: /, withoutLookup));
  return new ConnectionLost(`Cannot connect to ${endpoint.name}: ${plain}`, error);
}

/** Which end of the certificate's time was missed, and what to do; times are in the TLS library's text. */
function whenValid(text: string): string {
  const [, when, seconds] = /not valid (after|before) (\d+)/.exec(text) ?? [];
  if (seconds === undefined) {
    return "its certificate is not valid at this time. Check the clock, or have it renewed";
  }
  const limit = formatTime(Number(seconds) * 1000, "minutes");
  const now = `this clock says ${formatTime(Date.now(), "minutes")} UTC`;
  return when === "after"
    ? `its certificate expired on ${limit} UTC, and ${now}. If this clock is right, renew the ` +
      "certificate at the server: one that the server made itself is renewed when it starts"
    : `its certificate is valid only from ${limit} UTC on, and ${now}. Set the clocks of this ` +
      "machine and of the server right";
}

/** Leaves out the beginning of a system's message that names the lookup of an address. */
function withoutLookup(beginning: string): string {
  return beginning.includes("lookup") ? "" : beginning;
}

/** The text that the server prints when it starts. */
import { X509Certificate } from "node:crypto";
import { FIRST_ACCOUNT } from "../common/account_names.ts";
import { clientCommand } from "../common/program_name.ts";
import type { Certificate } from "./certificates/certificates.ts";
import { namesOf } from "./certificates/own_certificate.ts";
import { bracketed, type DoorPlace } from "./process/doors.ts";
import { isEveryAddress } from "./admission/networks.ts";
import { SERVER_INFO } from "./door/version.ts";

/** Address format and description of each door. */
const DOORS: Record<DoorPlace["name"], [prefix: string, suffix: string, what: string]> = {
  native: ["", "", "Towpath protocol, TLS"],
  ftp: ["ftp://", "/", "FTP, explicit TLS"],
  ftps: ["ftps://", "/", "FTP, implicit TLS"],
  web: ["https://", "/", "browser and HTTP API"],
};

const PLAIN_WEB = ["http://", "/", "for the proxies of --trusted-proxy, without TLS"] as const;

/** The lines for a made-up first password: shown once, as soon as the account is there. */
export function passwordLines(password: string): string {
  return `The account "${FIRST_ACCOUNT}" was made. Its password is shown only now:\n\n` +
    `    ${password}\n\n`;
}

/**
 * The lines once every door listens: addresses to paste, the certificate, and the next command.
 *
 * @param web whether the web port is for proxies alone, and the path below which it is reached
 */
export function greeting(
  data: string,
  certificate: Certificate,
  doors: DoorPlace[],
  { isPlain: isWebPlain = false, basePath = "" }: { isPlain?: boolean; basePath?: string } = {},
): string {
  const { caFile } = certificate;
  const names = namesOf(certificate.cert);
  const lines = [`${SERVER_INFO.name} ${SERVER_INFO.version} is ready, data in ${data}`];
  for (const door of doors) {
    const isPlain = isWebPlain && door.name === "web";
    const [prefix, suffix, what] = isPlain ? PLAIN_WEB : DOORS[door.name];
    const base = door.name === "web" ? basePath : "";
    for (const host of hostsOf(door, names)) {
      lines.push(`  ${`${prefix}${host}:${door.port}${base}${suffix}`.padEnd(32)} ${what}`);
    }
  }
  lines.push(`Certificate: ${names.join(", ")}`);
  if (caFile !== null) {
    const { fingerprint256 } = new X509Certificate(Deno.readTextFileSync(caFile));
    lines.push(`Authority that clients trust: ${caFile}`, `  SHA-256 ${fingerprint256}`);
  }
  const web = doors.find(({ name }) => name === "web");
  if (web !== undefined && caFile !== null && !isWebPlain) {
    const [host] = hostsOf(web, names).slice(-1);
    lines.push(`How browsers come to trust it: https://${host}:${web.port}${basePath}/trust`);
  }
  lines.push(...nextCommands(doors, names, caFile), "Ctrl-C stops it.", "");
  return lines.join("\n");
}

/** How the first account is used from this machine, and from another one. */
function nextCommands(doors: DoorPlace[], names: string[], caFile: string | null): string[] {
  const native = doors.find(({ name }) => name === "native");
  if (native === undefined) return [];
  const [host, other] = hostsOf(native, names);
  const ca = caFile === null ? "" : ` --ca ${caFile}`;
  const lines = [
    "Try it from another terminal:",
    `  ${clientCommand(`list --server ${host}:${native.port} --user ${FIRST_ACCOUNT}${ca}`)}`,
  ];
  if (other !== undefined && caFile !== null) {
    lines.push(
      "From another machine, after comparing the fingerprint:",
      `  ${clientCommand(`trust ${other}:${native.port}`)}`,
    );
  }
  return lines;
}

/** Hosts under which a door is reached: its own, or this machine's and one for other machines. */
function hostsOf({ host }: DoorPlace, names: string[]): string[] {
  if (host === "127.0.0.1" || host === "::1") return ["localhost"];
  if (!isEveryAddress(host)) return [bracketed(host)];
  const other = names.find((name) => !["localhost", "127.0.0.1", "::1"].includes(name));
  return ["localhost", ...(other === undefined ? [] : [bracketed(other)])];
}

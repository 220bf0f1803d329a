/** The text that a person reads when the server starts. */
import { FIRST_ACCOUNT } from "./data/first_account.ts";
import { bracketed, type DoorPlace } from "./doors.ts";
import { isEveryAddress } from "./admission/networks.ts";
import { SERVER_INFO } from "./version.ts";

const PROTOCOLS: Record<DoorPlace["name"], string> = {
  native: "Towpath protocol, TLS",
  ftp: "FTP, explicit TLS",
  ftps: "FTP, implicit TLS",
  web: "HTTPS",
};

/** The lines for a made-up first password: shown once, as soon as the account is there. */
export function passwordLines(password: string): string {
  return `The account "${FIRST_ACCOUNT}" was made. Its password is shown only now:\n\n` +
    `    ${password}\n\n`;
}

/** The lines once every door listens. */
export function greeting(data: string, caFile: string | null, doors: DoorPlace[]): string {
  const lines = [`${SERVER_INFO.name} ${SERVER_INFO.version} is ready, data in ${data}`];
  for (const { name, host, port } of doors) {
    lines.push(`  ${`${bracketed(host)}:${port}`.padEnd(24)} ${PROTOCOLS[name]}`);
  }
  if (caFile !== null) lines.push(`  ${caFile}  authority that clients trust`);
  const native = doors.find(({ name }) => name === "native");
  if (native) {
    const ca = caFile === null ? "" : ` --ca ${caFile}`;
    const isLocal = isEveryAddress(native.host) || native.host === "127.0.0.1";
    const place = `${isLocal ? "localhost" : bracketed(native.host)}:${native.port}`;
    const server = `--server ${place} --user ${FIRST_ACCOUNT}`;
    lines.push("Try it from another terminal:", `  deno task client list ${server}${ca}`);
  }
  lines.push("Ctrl-C stops it.", "");
  return lines.join("\n");
}

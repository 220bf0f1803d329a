/** The names under which this machine can be reached, for the certificate of a server on all of them. */
import { certificateName } from "../options/kinds.ts";

/** Most addresses of interfaces that a certificate holds: a container host can have hundreds. */
const MAX_ADDRESSES = 32;

/**
 * Host name and addresses of this machine, without loopback and link-local ones. Needs
 * `--allow-sys=hostname,networkInterfaces`; what may not be read is left out.
 */
export function machineNames(): string[] {
  const names = maySee("hostname") ? [Deno.hostname()] : [];
  const addresses = maySee("networkInterfaces")
    ? Deno.networkInterfaces().map(({ address }) => address).filter(isReachable)
    : [];
  return [...new Set([...names.filter(isName), ...addresses.slice(0, MAX_ADDRESSES)])];
}

/** Whether other machines can use an address: neither loopback nor link-local. */
function isReachable(address: string): boolean {
  return !/^(127\.|169\.254\.|::1$|fe80:)/i.test(address);
}

/** Whether a host name can be in a certificate. */
function isName(name: string): boolean {
  try {
    certificateName.read(name);
    return name !== "localhost";
  } catch {
    return false;
  }
}

function maySee(kind: "hostname" | "networkInterfaces"): boolean {
  return Deno.permissions.querySync({ name: "sys", kind }).state === "granted";
}

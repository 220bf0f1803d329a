/** Reads a file of accounts, one `user:password` a line. */
import { nameFault, passwordFault } from "../account_names.ts";

/** One account of the file, or the reason why its line is none. */
export interface ImportLine {
  /** Counted from 1. */
  line: number;
  /** A valid user name; undefined where the line has none. */
  name?: string;
  /** A valid password; undefined where there is a fault. */
  password?: string;
  /** Why the line cannot be imported: one sentence, without any of its password. */
  fault?: string;
}

/**
 * Hashes of other programs (crypt(3), htpasswd, LDAP), and the fields of `/etc/passwd` and
 * `/etc/shadow`. Without this check such a text would become the password.
 */
const FOREIGN_HASH = /^(?:\$[a-z0-9-]{1,12}\$|\{[A-Za-z0-9.-]{2,16}\}|[x!*]{0,2}:-?\d*:)/;

/**
 * Reads the lines in their order. The first colon ends the name; everything after it is the
 * password. Blank lines and lines that begin with `#` are left out.
 */
export function readImport(text: string): ImportLine[] {
  const firstLine = new Map<string, number>();
  const found: ImportLine[] = [];
  for (const [index, own] of text.replace(/^\ufeff/, "").split("\n").entries()) {
    const content = own.replace(/\r$/, "");
    if (content.trim() === "" || content.startsWith("#")) continue;
    found.push(readLine(content, index + 1, firstLine));
  }
  return found;
}

function readLine(content: string, line: number, firstLine: Map<string, number>): ImportLine {
  const colon = content.indexOf(":");
  if (colon < 0) return { line, fault: "It has no colon between a user name and a password" };
  const name = content.slice(0, colon);
  const badName = nameFault(name);
  if (badName !== undefined) return { line, fault: badName };
  const earlier = firstLine.get(name);
  if (earlier !== undefined) return { line, name, fault: `Line ${earlier} has this name already` };
  firstLine.set(name, line);
  const password = content.slice(colon + 1);
  const fault = importFault(password);
  return fault === undefined ? { line, name, password } : { line, name, fault };
}

function importFault(password: string): string | undefined {
  // The replacement character is what reading makes of bytes that are not UTF-8.
  if (password.includes("\ufffd")) return "The password is not UTF-8: save the file as UTF-8";
  if (FOREIGN_HASH.test(password)) {
    return "It has a hash in place of a password: give the account a new password with user add";
  }
  return passwordFault(password);
}

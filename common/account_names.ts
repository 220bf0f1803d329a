/** Rules for user names and passwords (docs/protocol.md, "Accounts"). */

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Names with another meaning in paths and shares. */
const TAKEN = new Set(["shared", "*"]);

/** Name of the account that the first start of a server makes. */
export const FIRST_ACCOUNT = "admin";

/** Minimum and maximum length of a password, bytes of UTF-8. */
const PASSWORD_BYTES = { least: 8, most: 1024 } as const;

const encoder = new TextEncoder();

/** Why a text cannot be a user name: one sentence; undefined where it can. */
export function nameFault(name: string): string | undefined {
  if (TAKEN.has(name)) return `The user name "${name}" is reserved`;
  if (NAME.test(name)) return undefined;
  return "A user name has 1 to 64 characters of a-z, 0-9, '.', '_' and '-', " +
    "and begins with a letter or digit";
}

/** Why a text cannot be a password: one sentence; undefined where it can. */
export function passwordFault(password: string): string | undefined {
  // A length in UTF-16 units is never above the one in bytes, and at least a third of it.
  const bytes = password.length > PASSWORD_BYTES.most
    ? Infinity
    : encoder.encode(password).byteLength;
  if (!password.isWellFormed()) return "A password must be valid Unicode";
  if (bytes >= PASSWORD_BYTES.least && bytes <= PASSWORD_BYTES.most) return undefined;
  return `A password has ${PASSWORD_BYTES.least} to ${PASSWORD_BYTES.most} bytes of UTF-8`;
}

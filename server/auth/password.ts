/** Passwords as they are kept: scrypt in PHC string form, `$scrypt$ln=15,r=8,p=3$SALT$HASH`. */
import { timingSafeEqual } from "@std/crypto";
import { randomBytes, scrypt } from "node:crypto";

/** What hashing costs. N = 2^ln. */
interface Cost {
  ln: number;
  r: number;
  p: number;
}

/**
 * About 0.3 s and 32 MiB: HashQueue bounds how many run at once. OWASP's Password Storage Cheat
 * Sheet names it beside N=2^17, p=1, as strong; that takes 128 MiB, more than the server itself.
 */
const COST: Cost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Costs above this are not of our making, and would exhaust memory. */
const MOST = { ln: 20, r: 16, p: 4 };

function derive(password: string, salt: Uint8Array, cost: Cost, length: number): Promise<Buffer> {
  const { ln, r, p } = cost;
  const options = { N: 2 ** ln, r, p, maxmem: 128 * 2 ** ln * r + 128 * r * p + 2 ** 20 };
  return new Promise((resolve, reject) => {
    // One and the same password can be typed in several Unicode forms.
    scrypt(password.normalize("NFC"), salt, length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function toPhc(cost: Cost, salt: Uint8Array, hash: Uint8Array): string {
  const base64 = (bytes: Uint8Array) => bytes.toBase64({ omitPadding: true });
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`;
}

interface Parsed {
  cost: Cost;
  salt: Uint8Array;
  hash: Uint8Array;
}

function parsePhc(text: string): Parsed | undefined {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{8,})\$([\w+/]{16,})$/
    .exec(text);
  if (!match) return undefined;
  const cost = { ln: Number(match[1]), r: Number(match[2]), p: Number(match[3]) };
  if (cost.ln < 1 || cost.ln > MOST.ln || cost.r < 1 || cost.r > MOST.r) return undefined;
  if (cost.p < 1 || cost.p > MOST.p) return undefined;
  try {
    return { cost, salt: Uint8Array.fromBase64(match[4]!), hash: Uint8Array.fromBase64(match[5]!) };
  } catch {
    return undefined;
  }
}

/** Hashes a password for keeping. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return toPhc(COST, salt, await derive(password, salt, COST, HASH_BYTES));
}

/** A hash that no password has, to spend on unknown users the time that known ones take. */
export function unmatchableHash(): string {
  return toPhc(COST, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
}

/** Whether a password is the one that was hashed. A hash that cannot be read matches none. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const parsed = parsePhc(phc);
  if (parsed === undefined) {
    await verifyPassword(password, unmatchableHash());
    return false;
  }
  const { cost, salt, hash } = parsed;
  return timingSafeEqual(await derive(password, salt, cost, hash.byteLength), hash);
}

/** How passwords become what is kept of them. */
export interface PasswordScheme {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string): Promise<boolean>;
  /** A hash that no password has. */
  unmatchable(): string;
}

/** The scheme of every server. */
export const SCRYPT: PasswordScheme = {
  hash: hashPassword,
  verify: verifyPassword,
  unmatchable: unmatchableHash,
};

/** A password nobody has to think of: 120 random bits, readable and easily copied. */
export function generatePassword(): string {
  // Without letters and digits that look alike.
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789z";
  const characters = [...randomBytes(24)].map((byte) => alphabet[byte % 32]!);
  return characters.join("").replace(/(.{6})(?=.)/g, "$1-");
}

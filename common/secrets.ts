/**
 * Secrets: how they are made and stored.
 *
 * | secret | made of | stored as |
 * | --- | --- | --- |
 * | password | chosen, or 120 random bits | scrypt in PHC string form, `$scrypt$ln=15,r=8,p=3$SALT$HASH` |
 * | token | `towpath_` and 256 random bits | SHA-256, 64 hexadecimal digits |
 * | link | 144 random bits | SHA-256, 64 hexadecimal digits |
 * | session of a browser | 256 random bits | SHA-256, 64 hexadecimal digits |
 *
 * Passwords can be guessed, so that their hashes have to be slow; random secrets cannot. Random bits
 * are written in base64url.
 */
import { timingSafeEqual } from "@std/crypto";
import { createHash, createHmac, randomBytes, scrypt } from "node:crypto";

/** Begins every token, so that it is recognised where it does not belong. */
const TOKEN_PREFIX = "towpath_";
/** Random bytes of each kind of secret. A link's need no padding, and keep its address short. */
const RANDOM_BYTES = { token: 32, link: 18, session: 32 };
const KEY_BYTES = 32;

/** Makes a secret that only its receiver knows. */
export function newSecret(kind: "token" | "link" | "session"): string {
  const secret = randomBytes(RANDOM_BYTES[kind]).toString("base64url");
  return kind === "token" ? TOKEN_PREFIX + secret : secret;
}

/** Hashes a random secret; the hash is stored, and is the key for its lookup. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Makes a key for {@linkcode sign}: 64 hexadecimal digits. */
export function newKey(): string {
  return randomBytes(KEY_BYTES).toString("hex");
}

/** Signs a text with a key (HMAC-SHA-256), in base64url. */
export function sign(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** Another secret for one purpose, which reveals nothing of the first one; in base64url. */
export function derivedSecret(secret: string, purpose: string): string {
  return createHash("sha256").update(`${purpose} ${secret}`).digest("base64url");
}

/** Whether two texts are equal, in a time that does not depend on where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(a!, b!);
}

/** A cost of scrypt. N = 2^ln. */
interface Cost {
  ln: number;
  r: number;
  p: number;
}

/**
 * The cost of new hashes: about 0.3 s and 32 MiB, and HashQueue bounds how many run at once. OWASP's
 * Password Storage Cheat Sheet names it beside N=2^17, p=1, as strong; that takes 128 MiB, more than
 * the server itself. Only servers of tests lower it, which are started and logged in to often.
 */
export const COST: Cost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Hashes with higher costs are refused: they would exhaust memory. */
const MAX_COST = { ln: 20, r: 16, p: 4 };

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
  if (cost.ln < 1 || cost.ln > MAX_COST.ln || cost.r < 1 || cost.r > MAX_COST.r) return undefined;
  if (cost.p < 1 || cost.p > MAX_COST.p) return undefined;
  try {
    return { cost, salt: Uint8Array.fromBase64(match[4]!), hash: Uint8Array.fromBase64(match[5]!) };
  } catch {
    return undefined;
  }
}

/** The hash of a password, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return toPhc(COST, salt, await derive(password, salt, COST, HASH_BYTES));
}

/** A hash that no password has: a login of an unknown account takes the time of a known one. */
function unmatchableHash(): string {
  return toPhc(COST, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
}

/** Whether a password is the one that was hashed. A hash in another format matches none. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const parsed = parsePhc(phc);
  if (parsed === undefined) {
    await verifyPassword(password, unmatchableHash());
    return false;
  }
  const { cost, salt, hash } = parsed;
  return timingSafeEqual(await derive(password, salt, cost, hash.byteLength), hash);
}

/** A way to hash passwords. */
export interface PasswordScheme {
  /** The hash of a password. */
  hash(password: string): Promise<string>;
  /** Whether a password is the one that was hashed. */
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

/** Makes a password of 120 random bits that is easily read and typed. */
export function generatePassword(): string {
  // Without letters and digits that look alike.
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789z";
  const characters = [...randomBytes(24)].map((byte) => alphabet[byte % 32]!);
  return characters.join("").replace(/(.{6})(?=.)/g, "$1-");
}

/** State of a served certificate: its expiry, and its problems. */
import { X509Certificate } from "node:crypto";

/** Dates, fingerprint and trouble of the certificate that is served. */
export interface CertificateState {
  /** Start and end of its time, ms since the epoch. */
  fromMs: number;
  endMs: number;
  /** SHA-256 of the leaf in DER, upper-case pairs with colons. */
  fingerprint: string;
  /** Its trouble, in one clause; null: none. */
  trouble: string | null;
}

/** How long before its expiry a certificate is reported. */
const AHEAD_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;

/** Reads a chain in PEM, the leaf first. @throws {Error} where the leaf is no certificate */
export function certificateState(chain: string, nowMs = Date.now()): CertificateState {
  const leaf = new X509Certificate(chain);
  const fromMs = Date.parse(leaf.validFrom);
  const endMs = Date.parse(leaf.validTo);
  const trouble = timeTrouble(fromMs, endMs, nowMs) ?? chainTrouble(chain) ?? null;
  return { fromMs, endMs, fingerprint: leaf.fingerprint256, trouble };
}

/** The trouble of the time of a certificate, in one clause; undefined: none. */
export function timeTrouble(fromMs: number, endMs: number, nowMs: number): string | undefined {
  const date = (ms: number) => new Date(ms).toISOString();
  if (endMs <= nowMs) return `it ended on ${date(endMs)}, and clients refuse it: renew it`;
  if (fromMs > nowMs) {
    return `it begins on ${date(fromMs)}, and clients refuse it until then: check the clock`;
  }
  if (endMs - nowMs >= AHEAD_MS) return undefined;
  return `it ends on ${date(endMs)}, in ${Math.floor((endMs - nowMs) / DAY_MS)} days: renew it`;
}

/** Every certificate but a root's must be followed by the one of its issuer, or trusted itself. */
function chainTrouble(text: string): string | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const chain = blocks.map((block) => new X509Certificate(block));
  const [leaf, ...others] = chain;
  if (leaf === undefined || leaf.issuer === leaf.subject) return undefined;
  if (others.length === 0) {
    return "the file holds no certificate of its issuer, so that clients may not find a chain: " +
      "append the issuer's certificates";
  }
  const broken = others.findIndex((issuer, index) => !chain[index]!.checkIssued(issuer));
  if (broken < 0) return undefined;
  return `certificate ${broken + 2} of the file did not issue the one before it: put the chain ` +
    "in order, the server's own first";
}

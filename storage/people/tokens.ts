/** Tokens: secrets for logging in to an account without its password, with fewer permissions. */
import { endOf } from "../common/last_time.ts";
import { clock } from "../contract/clock.ts";
import { hashSecret, newSecret } from "../../common/secrets.ts";
import type { Access } from "../access/access.ts";
import { audited } from "../monitor/audit.ts";
import { type Account, allLetters, type Catalog } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import { checkedLabel } from "../common/label.ts";
import { eachOf } from "../common/each_page.ts";
import { resolvePath } from "../contract/path.ts";
import { canonicalLetters } from "../contract/permission.ts";
import { voidReason } from "../contract/validity.ts";
import type { TokenPrincipal } from "../contract/principal.ts";
import type { TokenRecord } from "../contract/books/token_book.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** Most tokens of an account. */
const MAX_TOKENS = 250;

/** Properties of a new token. */
export interface NewToken {
  /** @default "" */
  label?: string;
  /** @default no end */
  ttlMs?: number;
  /** @default those of the account now */
  letters?: string;
  /** @default "/" */
  path?: string;
}

/**
 * Resolves a secret to its account and restrictions; undefined where it is invalid. The caller checks
 * whether the account may be used.
 */
export async function openToken(
  catalog: Catalog,
  secret: string,
): Promise<{ account: Account; token: TokenPrincipal } | undefined> {
  const record = await catalog.tokens.byHash(hashSecret(secret));
  if (record === undefined) return undefined;
  const now = clock.now();
  if (record.expiresMs !== null && record.expiresMs <= now) return undefined;
  const account = await catalog.account(record.account);
  if (account === undefined) return undefined;
  if (voidReason(account) === undefined) {
    await catalog.tokens.noteUse(record.id, now);
    await catalog.noteLogin(account.name, now);
  }
  const { id, letters, path, expiresMs } = record;
  return { account, token: { id, letters, path, expiresMs } };
}

/** An account's tokens, as its session sees them. */
export class Tokens {
  constructor(private readonly core: VaultCore, private readonly access: Access) {}

  /**
   * Creates a token.
   *
   * @returns its record, and its secret, which is stored nowhere
   * @throws {StoreError} `denied` for permissions that the account does not have, and in a session
   * of a token
   */
  async make(wanted: NewToken): Promise<{ record: TokenRecord; secret: string }> {
    const id = crypto.randomUUID();
    return await this.#audited("token", id, async () => {
      this.access.requirePassword();
      const account = await this.access.account();
      const createdMs = clock.now();
      const secret = newSecret("token");
      const record: TokenRecord = {
        id,
        account: account.name,
        hash: hashSecret(secret),
        label: checkedLabel(wanted.label ?? ""),
        letters: checkedLetters(allLetters(account), wanted),
        path: resolvePath("/", wanted.path ?? "/"),
        createdMs,
        lastUsedMs: null,
        expiresMs: expiryOf(createdMs, wanted.ttlMs),
      };
      const { tokens } = this.core.catalog;
      if (clock.removal() !== undefined) await tokens.removeExpired(createdMs);
      if ((await tokens.of(account.name, { count: MAX_TOKENS })).length >= MAX_TOKENS) {
        throw new StoreError("quota", `An account has at most ${MAX_TOKENS} tokens: revoke some`);
      }
      if (!await tokens.add(record, account.generation)) await this.access.account(); // throws the reason
      return { record, secret };
    });
  }

  /** The tokens that are valid, oldest first. */
  async list(): Promise<TokenRecord[]> {
    const { name } = await this.access.account();
    const now = clock.now();
    const { tokens } = this.core.catalog;
    return (await Array.fromAsync(eachOf<TokenRecord>((page) => tokens.of(name, page))))
      .filter(({ expiresMs }) => expiresMs === null || expiresMs > now);
  }

  /** Revokes a token; its sessions end. @throws {StoreError} `not-found`, `denied` to a token */
  async revoke(id: string): Promise<void> {
    await this.#audited("revoke", id.slice(0, 64), async () => {
      this.access.requirePassword();
      await this.#remove(id);
    });
  }

  /**
   * Gives up the token that the session came by; its other sessions end, and this one with its next
   * step.
   *
   * @throws {StoreError} `bad-request` where it came by a password
   */
  async giveUp(): Promise<void> {
    const { token, sessionId } = this.access.principal;
    if (token === undefined) {
      throw new StoreError("bad-request", `"token_id" is missing: this session came by no token`);
    }
    await this.#audited("revoke", token.id, () => this.#remove(token.id, sessionId));
  }

  async #remove(id: string, except?: string): Promise<void> {
    const { name } = await this.access.account();
    if (!await this.core.catalog.tokens.remove(name, id)) {
      throw new StoreError("not-found", "There is no such token");
    }
    const which = { tokenId: id, ...(except === undefined ? {} : { except }) };
    await this.core.presence.end(which, "The session's token was revoked");
  }

  #audited<T>(action: "token" | "revoke", subject: string, run: () => Promise<T>): Promise<T> {
    return audited(this.core.audit, this.access.principal, { action, subject }, run);
  }
}

function checkedLetters(own: string, { letters, path = "/" }: NewToken): string {
  const confined = resolvePath("/", path) !== "/";
  // The whole account is not administered from within one of its directories.
  const most = confined ? own.replace("t", "") : own;
  if (letters === undefined) return most;
  for (const letter of letters) {
    if (most.includes(letter)) continue;
    throw new StoreError(
      "denied",
      own.includes(letter)
        ? `A token that is confined to a path cannot have the permission "${letter}"`
        : `The account itself lacks the permission "${letter}"`,
    );
  }
  return canonicalLetters(letters);
}

function expiryOf(createdMs: number, ttlMs: number | undefined): number | null {
  return ttlMs === undefined ? null : endOf(createdMs, ttlMs, 'The "ttl_ms"');
}

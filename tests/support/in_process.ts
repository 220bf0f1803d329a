/** A native door in this process over the engine of the run, for tests of the door's replies. */
import type { AddedAccount, Catalog } from "../../storage/contract/catalog.ts";
import type { Durability, Engine } from "../../storage/contract/engine.ts";
import { diskOf, type DiskPlaces, isLeftOut, openTestEngine } from "./engine.ts";
import { engineOf, Vault, type VaultOptions } from "./vault.ts";
import { AccountService } from "../../server/auth/account_service.ts";
import { Authenticator } from "../../server/auth/authenticator.ts";
import type { PasswordScheme } from "../../common/secrets.ts";
import type { DoorLimits } from "../../server/admission/door_limits.ts";
import type { Door, DoorOptions } from "../../server/door/door.ts";
import { HeldDescriptors } from "../../server/admission/held_descriptors.ts";
import { logReader } from "../../server/monitor/log_tail.ts";
import { makeAuthority, makeLeaf } from "../../server/certificates/make_certificates.ts";
import { RateLimiter } from "../../server/admission/rate_limit.ts";
import { TokenBuckets } from "../../server/admission/token_buckets.ts";
import { openNativeDoor } from "../../server/native/door.ts";

/** The password of every account made here. */
export const PASSWORD = "correct horse";

/** Limits that hold nothing back. */
export const NO_LIMITS: DoorLimits = {
  held: new HeldDescriptors(Infinity),
  idleTimeoutMs: 60_000,
  rate: new RateLimiter(new TokenBuckets()),
  mayConnect: () => true,
  mayLogIn: () => true,
  countRequest() {},
  enterAccount: () => () => {},
  admit: () => ({ admitted: true, release() {}, setIdentified() {}, setAddress: () => undefined }),
  admitData: () => () => {},
  relieve() {},
};

/** Holds every account to so many bytes per second, both ways together. */
export function atRate(bytesPerSecond: number): RateLimiter {
  return new RateLimiter(
    new TokenBuckets(),
    ({ account: name }) => [{ name, rates: { total: bytesPerSecond, up: null, down: null } }],
  );
}

let certificates: ReturnType<typeof makeCertificates> | undefined;

/** An authority, and a certificate of it for this machine; the same for all tests of a process. */
export function testCertificates(): ReturnType<typeof makeCertificates> {
  return certificates ??= makeCertificates();
}

/** As {@linkcode testCertificates}, each time others. */
export async function makeCertificates(): Promise<{ caText: string; cert: string; key: string }> {
  const authority = await makeAuthority();
  const leaf = await makeLeaf(authority, ["localhost", "127.0.0.1"]);
  return { caText: authority.cert, cert: leaf.cert, key: leaf.key };
}

/** Adds an account straight to a vault's engine. */
export async function addAccount(
  vault: Vault,
  name: string,
  letters = "rwcd",
  quotaBytes: number | null = null,
): Promise<void> {
  const account: AddedAccount = {
    name,
    passwordHash: `plain ${PASSWORD}`,
    letters,
    quotaBytes,
    createdMs: Date.now(),
    lastLoginMs: null,
    generation: 1,
  };
  await engineOf(vault).addAccount(account);
}

/** Replaces scrypt, which is tested elsewhere and takes a third of a second. */
const PLAIN: PasswordScheme = {
  hash: (password) => Promise.resolve(`plain ${password}`),
  verify: (password, hash) => Promise.resolve(hash === `plain ${password}`),
  unmatchable: () => "none",
};

/** Native door in this process. */
export interface InProcess extends AsyncDisposable {
  readonly data: string;
  readonly vault: Vault;
  readonly engine: Engine;
  readonly catalog: Catalog;
  /** Files and catalog of an engine on the disk, for tests about these. */
  readonly disk: DiskPlaces;
  /** Options of the native door, for a further one. */
  readonly doorOptions: DoorOptions;
  readonly door: Door;
  readonly port: number;
  readonly caText: string;
}

/** How a vault and its door are opened. */
export interface InProcessOptions extends VaultOptions {
  limits?: Partial<DoorLimits>;
  allowRegister?: boolean;
  /** A directory to use and leave behind, in place of a new one. */
  data?: string;
  /** @default "full" */
  durability?: Durability;
  /** Whether a test is about files on the disk: it is left out over other engines. */
  disk?: boolean;
}

/** Registers a test with options, unless it is about another engine than that of this run. */
export function register(
  name: string,
  fn: () => Promise<void>,
  { disk = false }: InProcessOptions,
) {
  Deno.test({ name, ignore: disk && isLeftOut("files on the disk"), fn });
}

/** Opens a vault in a new directory, with the account `alice` (rwcd), and a native door to it. */
export async function openInProcess(
  options: InProcessOptions = {},
): Promise<InProcess> {
  const {
    limits,
    allowRegister = false,
    data: existing,
    durability = "full",
    disk: _,
    ...vaultOptions
  } = options;
  const data = existing ?? await Deno.makeTempDir({ prefix: "towpath-test-" });
  const engine = await openTestEngine({ data, durability });
  const { catalog } = engine;
  const vault = await Vault.open({ engine, ...vaultOptions });
  if (await catalog.account("alice") === undefined) await addAccount(vault, "alice");
  const authenticator = new Authenticator({
    catalog,
    scheme: PLAIN,
    ...(options.audit && { audit: options.audit }),
  });
  const { caText, cert, key } = await testCertificates();
  const doorOptions: DoorOptions = {
    host: "127.0.0.1",
    port: 0,
    cert,
    key,
    limits: { ...NO_LIMITS, ...limits },
    serverInfo: { name: "Towpath", version: "test" },
    vault,
    authenticator,
    accounts: new AccountService(vault, authenticator, {
      allowRegister,
      quotaBytes: null,
    }),
    logs: logReader(data),
  };
  const door = await openNativeDoor(doorOptions);
  return {
    data,
    vault,
    engine,
    catalog,
    get disk() {
      return diskOf(engine);
    },
    doorOptions,
    door,
    port: door.port,
    caText,
    async [Symbol.asyncDispose]() {
      await door.close(0);
      await vault.close();
      if (existing === undefined) await Deno.remove(data, { recursive: true });
    },
  };
}

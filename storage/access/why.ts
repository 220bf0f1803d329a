/** Explains which rule allows or denies each permission at a path (docs/protocol.md, `WHY`). */
import type { Access } from "./access.ts";
import { forbids, lockedError } from "../common/locked.ts";
import { clock } from "../contract/clock.ts";
import { type Account, allLetters } from "../contract/catalog.ts";
import { resolvePath, type VirtualPath } from "../contract/path.ts";
import { isWritable, type MountRecord, ownerText, pathInMount } from "../contract/mount.ts";
import { type Letter, LETTERS } from "../contract/permission.ts";
import { guestText, isReserved, type SharedSpot } from "./shares.ts";

/** Whether one permission is allowed at a path, and the rule that decides. */
export interface LetterRule {
  letter: Letter;
  allowed: boolean;
  rule: string;
}

/** Explains each permission of a principal at a path: the rule that allows it last, or denies it first. */
export async function explain(
  access: Access,
  text: string,
): Promise<{ path: VirtualPath; letters: LetterRule[] }> {
  const account = await access.account();
  const path = resolvePath("/", text);
  const mount = await access.mountAt(path);
  const foreign = mount !== undefined || access.isShared(path);
  const spot = foreign ? await access.spot(path) : undefined;
  const full = await fullQuota(access, spot?.owner ?? account.name, mount);
  const lock = await lockRule(access, spot?.owner ?? account.name, spot?.path ?? path);
  const letters = (Object.keys(LETTERS) as Letter[]).map((letter): LetterRule => {
    const own = ownRule(access, account, path, letter);
    if (!own.allowed) return { letter, ...own };
    const rule = mount !== undefined
      ? mountRule(mount, path, letter)
      : foreign
      ? sharedRule(path, spot, letter)
      : own;
    if (rule.allowed && "wcd".includes(letter) && lock) return { letter, ...deny(lock) };
    if (rule.allowed && letter === "w" && full) return { letter, allowed: false, rule: full };
    return { letter, ...rule };
  });
  return { path, letters };
}

type Rule = Pick<LetterRule, "allowed" | "rule">;

const deny = (rule: string): Rule => ({ allowed: false, rule });
const allow = (rule: string): Rule => ({ allowed: true, rule });

/** Applies the rules of the account and its token, which hold in every tree. */
function ownRule(access: Access, account: Account, path: VirtualPath, letter: Letter): Rule {
  const { token } = access.principal;
  if (!allLetters(account).includes(letter)) {
    const groups = account.groups.length === 0 ? "" : ", and so do its groups";
    return deny(`the account ${account.name} lacks the permission ${letter}${groups}`);
  }
  if (token && !token.letters.includes(letter)) return deny(`the token lacks ${letter}`);
  const confined = token !== undefined && token.path !== "/";
  if (confined && (letter === "t" || !access.reaches(path))) {
    return deny(`the token is confined to "${token.path}"`);
  }
  if (confined && path === token.path && (letter === "w" || letter === "d")) {
    return deny("the place a token is confined to can be neither written nor removed");
  }
  if (path === "/" && (letter === "w" || letter === "d")) {
    return deny("the root itself can be neither written nor removed");
  }
  const group = account.letters.includes(letter)
    ? undefined
    : account.groups.find(({ letters }) => letters.includes(letter));
  const source = group === undefined ? "" : ` by its group @${group.name}`;
  return allow(`the account ${account.name} has the permission ${letter}${source}`);
}

function mountRule(mount: MountRecord, path: VirtualPath, letter: Letter): Rule {
  const { name, letters } = mount;
  if (letter === "t") return deny("no mount allows to administer");
  if (pathInMount(mount, path) === "/" && letter !== "r" && letter !== "c") {
    return deny(`"${path}" is a mount: it can be neither written nor removed itself`);
  }
  if (letters.includes(letter)) return allow(`the mount "${name}" allows ${letter}`);
  return deny(
    isWritable(mount)
      ? `the mount "${name}" allows ${letters} only`
      : `the mount "${name}" is read-only`,
  );
}

function sharedRule(path: VirtualPath, spot: SharedSpot | undefined, letter: Letter): Rule {
  const reserved = isReserved(path);
  if (letter === "t") return deny("no share allows to administer");
  if (reserved && letter !== "r") {
    return deny(`"${path}" is reserved for what others share: nothing can be changed there`);
  }
  if (spot === undefined) return deny(`nothing is shared at "${path}"`);
  const allowing = spot.covering.find(({ allowed }) => allowed.includes(letter));
  if (allowing !== undefined) return allow(`${shareText(allowing)} allows ${letter}`);
  if (letter === "r" && spot.leads) return allow(`"${path}" leads to a share`);
  const lost = spot.covering.find(({ letters }) => letters.includes(letter));
  if (lost !== undefined) {
    return deny(`${shareText(lost)} names ${letter}, but the account ${lost.owner} lacks it`);
  }
  const [share] = spot.covering;
  if (share === undefined) return deny(`"${path}" only leads to a share`);
  return deny(`${shareText(share)} allows ${share.allowed || "nothing"} only`);
}

function shareText(share: SharedSpot["covering"][number]): string {
  return `the share of "${share.path}" by ${share.owner} with ${guestText(share)}`;
}

/** A sentence where another account's lock forbids changes. */
async function lockRule(
  { catalog, principal: { account } }: Access,
  owner: string,
  path: VirtualPath,
): Promise<string | undefined> {
  const nowMs = clock.now();
  const locks = await catalog.locks.above(owner, path, nowMs);
  const lock = locks.find((one) => forbids(one, account, nowMs));
  return lock && lockedError(path, path, lock).message;
}

/** A sentence where the owner's quota leaves no byte to write. */
async function fullQuota(
  access: Access,
  owner: string,
  mount: MountRecord | undefined,
): Promise<string | undefined> {
  const quotaBytes = (mount ?? await access.catalog.account(owner))?.quotaBytes ?? null;
  if (quotaBytes === null) return undefined;
  const { usedBytes, reservedBytes } = await access.catalog.usage(owner);
  if (usedBytes + reservedBytes < quotaBytes) return undefined;
  return `the quota of the ${ownerText(owner)} (${quotaBytes} bytes) is used up`;
}

/** The account `admin`, made at the first start. There are no default passwords. */
import { programName } from "../../common/program_name.ts";
import { ALL_LETTERS } from "../../storage/contract/permission.ts";
import type { Engine } from "../../storage/contract/engine.ts";
import { eachAccount } from "../../storage/common/each_account.ts";
import { FIRST_ACCOUNT, passwordFault } from "../../common/account_names.ts";
import { generatePassword, hashPassword } from "../../common/secrets.ts";
import { failure, usageError } from "../options/error.ts";
import { type OpenPlace, withPlace } from "./open_place.ts";

/** The account that the first start made. */
export interface FirstAccount {
  /** The password, where it was made up: to be shown once. */
  password: string | undefined;
}

/**
 * Makes the first account where there is no administrator.
 *
 * @param asked `TOWPATH_ADMIN_PASSWORD`
 * @returns undefined where there is one already
 * @throws {ExitError} a password that is none, or a catalog that cannot be opened
 */
export function makeFirstAccount(
  place: OpenPlace,
  asked: string | undefined,
): Promise<FirstAccount | undefined> {
  return withPlace(place, async (engine) => {
    if (await hasAdministrator(engine)) return undefined;
    const fault = asked && passwordFault(asked);
    if (fault) throw usageError(`TOWPATH_ADMIN_PASSWORD cannot be used: ${fault}`);
    const password = asked || generatePassword();
    // A start that was interrupted here may have left a claim on the name.
    await engine.recover();
    const added = await engine.addAccount({
      name: FIRST_ACCOUNT,
      passwordHash: await hashPassword(password),
      letters: ALL_LETTERS,
      quotaBytes: place.options.quota,
      createdMs: Date.now(),
      lastLoginMs: null,
      generation: Date.now(),
    });
    if (!added) {
      // Another node may have been first.
      if (await hasAdministrator(engine)) return undefined;
      throw failure(
        `No account may administer (permission t), and "${FIRST_ACCOUNT}" is taken: ` +
          `give it the letter with "${
            programName("admin")
          } user permit ${FIRST_ACCOUNT} ${ALL_LETTERS}"`,
      );
    }
    return { password: asked ? undefined : password };
  });
}

async function hasAdministrator({ catalog }: Engine): Promise<boolean> {
  for await (const { letters } of eachAccount(catalog)) if (letters.includes("t")) return true;
  return false;
}

/** Removes the first account; the next start creates it again. */
export async function removeFirstAccount(place: OpenPlace): Promise<void> {
  await withPlace(
    place,
    (engine) => engine.removeAccount(FIRST_ACCOUNT, { keepFiles: false, evenLast: true }),
  );
}

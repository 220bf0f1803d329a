/** Steps with the data before a server starts, which the thread of its first worker takes. */
import { reasonOf } from "../../common/os_reason.ts";
import { type ProgramNames, useProgramNames } from "../../common/program_name.ts";
import type { OpenEngine } from "../../storage/open_disk.ts";
import { EXIT, ExitError, messageOf } from "../options/error.ts";
import { hadAuthority, noteAuthority } from "./authority_mark.ts";
import { makeFirstAccount, removeFirstAccount } from "./first_account.ts";
import type { MountChange } from "./mount_change.ts";
import { changeMounts, mountedPlaces } from "./mount_steps.ts";
import type { OpenPlace } from "./open_place.ts";

const STEPS = {
  hadAuthority: (place) => hadAuthority(place),
  noteAuthority: (place) => noteAuthority(place),
  makeFirstAccount,
  removeFirstAccount: (place) => removeFirstAccount(place),
  mountedPlaces: (place) => mountedPlaces(place),
  changeMounts: (place, _, change) => changeMounts(place, change!),
} satisfies Record<
  string,
  (
    place: OpenPlace,
    password: string | undefined,
    change: MountChange | undefined,
  ) => Promise<unknown>
>;

/** The name of a step. */
export type FirstStep = keyof typeof STEPS;
/** Result of a step. */
export type FirstResult<Step extends FirstStep> = Awaited<ReturnType<(typeof STEPS)[Step]>>;

/** Asks a worker that has not started to take a step. */
export interface FirstRequest extends Omit<OpenPlace, "openEngine"> {
  readonly type: "first";
  readonly step: FirstStep;
  /** `TOWPATH_ADMIN_PASSWORD`, for `makeFirstAccount`. */
  readonly password: string | undefined;
  /** For `changeMounts`. */
  readonly change?: MountChange | undefined;
  /** How the user calls the programs: a worker reads no environment. */
  readonly names: ProgramNames;
}

/** How a step ended. */
export type FirstReport =
  | { type: "done"; result: unknown }
  /** With an `ExitError`: one sentence that says why it cannot be taken. */
  | { type: "refused"; exitCode: number; message: string };

/** Takes a step. */
export async function takeFirstStep(
  { step, data, options, cluster, password, change, names }: FirstRequest,
  openEngine: OpenEngine,
): Promise<FirstReport> {
  useProgramNames(names);
  try {
    const place = { data, options, cluster, openEngine };
    return { type: "done", result: await STEPS[step](place, password, change) };
  } catch (error) {
    return error instanceof ExitError
      ? { type: "refused", exitCode: error.exitCode, message: messageOf(error) }
      : { type: "refused", exitCode: EXIT.failed, message: reasonOf(error) };
  }
}

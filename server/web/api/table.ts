/** The table of the HTTP API; a row is added by adding it here. */
import * as account from "./account.ts";
import * as administration from "./administration.ts";
import * as changes from "./changes.ts";
import * as files from "./files.ts";
import * as locks from "./locks.ts";
import * as groups from "./groups.ts";
import * as mounts from "./mounts.ts";
import type { ApiRoute } from "./route.ts";
import * as uploads from "./uploads.ts";
import * as upkeep from "./upkeep.ts";
import { writeFile } from "./write_file.ts";

/** All operations of the API, in the order of the reference. */
export const ROUTES: readonly ApiRoute[] = [
  files.readFile,
  writeFile,
  files.removeFile,
  files.describeFile,
  files.listVersions,
  files.explainLetters,
  changes.makeDirectory,
  changes.rename,
  changes.copy,
  changes.setModified,
  uploads.listUploads,
  uploads.dropUpload,
  account.readAccount,
  account.listTokens,
  account.makeToken,
  account.revokeToken,
  account.listShares,
  account.share,
  account.unshare,
  locks.listLocks,
  locks.lock,
  locks.unlock,
  administration.listUsers,
  administration.readUser,
  administration.addUser,
  administration.changeUser,
  administration.removeUser,
  groups.listGroups,
  groups.addGroup,
  groups.readGroup,
  groups.changeGroup,
  groups.removeGroup,
  administration.listSessions,
  administration.endSession,
  administration.readLog,
  administration.readStatus,
  administration.verifyUser,
  upkeep.listAllUploads,
  upkeep.dropAnyUpload,
  upkeep.expireUploads,
  upkeep.listNetworks,
  upkeep.limitNetwork,
  locks.listAllLocks,
  locks.breakLock,
  upkeep.listBans,
  upkeep.ban,
  upkeep.unban,
  mounts.listMounts,
  mounts.addMount,
  mounts.removeMount,
];

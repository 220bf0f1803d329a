/** The actions of `client admin`; one that the table of words has and this one lacks does not compile. */
import type { SharedAdminName } from "../../../common/admin/words.ts";
import * as accounts from "./accounts.ts";
import type { AdminAction } from "./action.ts";
import * as groups from "./groups.ts";
import { userImport } from "./import.ts";
import * as locks from "./locks.ts";
import * as mounts from "./mounts.ts";
import * as restrictions from "./restrictions.ts";
import * as sessions from "./sessions.ts";
import * as validity from "./validity.ts";
import * as upkeep from "./upkeep.ts";

/** Every action by its words. */
export const ADMIN_ACTIONS: Readonly<Record<SharedAdminName, AdminAction>> = {
  "user add": accounts.userAdd,
  "user list": accounts.userList,
  "user remove": accounts.userRemove,
  "user passwd": accounts.userPasswd,
  "user permit": accounts.userPermit,
  "user quota": accounts.userQuota,
  "user disable": validity.userDisable,
  "user enable": validity.userEnable,
  "user expire": validity.userExpire,
  "user import": userImport,
  "user limit": restrictions.userLimit,
  "limit": restrictions.networkLimit,
  "limits": restrictions.networkLimits,
  "group add": groups.groupAdd,
  "group list": groups.groupList,
  "group remove": groups.groupRemove,
  "group permit": groups.groupPermit,
  "group join": groups.groupJoin,
  "group leave": groups.groupLeave,
  "ban": restrictions.ban,
  "unban": restrictions.unban,
  "bans": restrictions.bans,
  "locks": locks.locks,
  "locks break": locks.locksBreak,
  "mount add": mounts.mountAdd,
  "mount list": mounts.mountList,
  "mount remove": mounts.mountRemove,
  "who": sessions.who,
  "kick": sessions.kick,
  "verify": upkeep.verify,
  "parts": upkeep.parts,
  "parts rm": upkeep.partsRemove,
  "logs": sessions.logs,
  "status": upkeep.status,
};

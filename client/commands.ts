/** The table of commands; every row is a file of `commands/`. */
import type { Command } from "./command.ts";
import { cp } from "./commands/cp.ts";
import { download } from "./commands/download.ts";
import { hash } from "./commands/hash.ts";
import { list } from "./commands/list.ts";
import { login } from "./commands/login.ts";
import { logout } from "./commands/logout.ts";
import { mkdir } from "./commands/mkdir.ts";
import { mv } from "./commands/mv.ts";
import { parts } from "./commands/parts.ts";
import { raw } from "./commands/raw.ts";
import { resume } from "./commands/resume.ts";
import { rm } from "./commands/rm.ts";
import { rmdir } from "./commands/rmdir.ts";
import { stat } from "./commands/stat.ts";
import { sync } from "./commands/sync.ts";
import { trust } from "./commands/trust.ts";
import { upload } from "./commands/upload.ts";
import { verify } from "./commands/verify.ts";
import { versions } from "./commands/versions.ts";
import { view } from "./commands/view.ts";
import { whoami } from "./commands/whoami.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  login,
  logout,
  trust,
  whoami,
  list,
  upload,
  download,
  sync,
  resume,
  parts,
  rm,
  mkdir,
  rmdir,
  mv,
  cp,
  stat,
  view,
  hash,
  verify,
  versions,
  raw,
];

/** The table of commands; every row is a file of `commands/`. */
import type { Command } from "./command.ts";
import { admin } from "./commands/admin.ts";
import { cp } from "./commands/cp.ts";
import { doctor } from "./commands/doctor.ts";
import { download } from "./commands/download.ts";
import { hash } from "./commands/hash.ts";
import { list } from "./commands/list.ts";
import { login } from "./commands/login.ts";
import { logout } from "./commands/logout.ts";
import { mkdir } from "./commands/mkdir.ts";
import { mv } from "./commands/mv.ts";
import { parts } from "./commands/parts.ts";
import { passwd } from "./commands/passwd.ts";
import { raw } from "./commands/raw.ts";
import { register } from "./commands/register.ts";
import { resume } from "./commands/resume.ts";
import { rm } from "./commands/rm.ts";
import { rmdir } from "./commands/rmdir.ts";
import { share } from "./commands/share.ts";
import { shares } from "./commands/shares.ts";
import { shell } from "./commands/shell.ts";
import { stat } from "./commands/stat.ts";
import { sync } from "./commands/sync.ts";
import { token } from "./commands/token.ts";
import { trust } from "./commands/trust.ts";
import { unshare } from "./commands/unshare.ts";
import { upload } from "./commands/upload.ts";
import { verify } from "./commands/verify.ts";
import { versions } from "./commands/versions.ts";
import { view } from "./commands/view.ts";
import { whoami } from "./commands/whoami.ts";
import { why } from "./commands/why.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  login,
  logout,
  trust,
  whoami,
  register,
  passwd,
  token,
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
  share,
  unshare,
  shares,
  why,
  admin,
  shell,
  doctor,
  raw,
];

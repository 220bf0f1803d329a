/** The FTP verbs as people type them, most of them as one of the client's own commands. */
import { usageError } from "../../lib/common/error.ts";
import type { Operand } from "./places.ts";

/** The shell, as verbs see it. */
export interface VerbTarget {
  remote(path: string): string;
  ask(command: string, data: Record<string, unknown>): Promise<void>;
  user(name: string): Promise<void>;
  password(password: string): Promise<void>;
  showPlace(): void;
  changeRemote(path: string): Promise<void>;
  changeLocal(path: string | undefined): void;
  renameFrom(path: string): Promise<void>;
  renameTo(path: string): Promise<void>;
  help(name: string | undefined): void;
  leave(): void;
}

/** A verb: either another way to write a client command, or something of the shell's own. */
export interface Verb {
  name: string;
  aliases?: readonly string[];
  /** Its arguments; those in brackets may be left out. */
  usage: string;
  summary: string;
  /** Kinds of its arguments, for completion. */
  operands?: readonly Operand[];
  /** The equivalent client command. */
  command?(args: string[]): string[];
  run?(shell: VerbTarget, args: string[]): Promise<void> | void;
}

const to = (target: string | undefined) => target === undefined ? [] : ["--to", target];

/** A request of the protocol whose reply is printed. */
function asked(
  name: string,
  usage: string,
  summary: string,
  data: (args: string[], shell: VerbTarget) => Record<string, unknown> = () => ({}),
): Verb {
  const operands: Operand[] = ["remote"];
  const run = (shell: VerbTarget, args: string[]) => shell.ask(name, data(args, shell));
  return { name, usage, summary, operands, run };
}

const file = ([path]: string[], shell: VerbTarget) => ({
  filename: path === undefined ? undefined : shell.remote(path),
});

/** Every verb, in the order of the help. */
export const VERBS: readonly Verb[] = [
  {
    name: "USER",
    usage: "NAME",
    summary: "log in as another user; prompts for the password, or it follows with PASS",
    run: (shell, [name]) => shell.user(name!),
  },
  {
    name: "PASS",
    usage: "PASSWORD",
    summary: "the password that belongs to USER",
    run: (shell, [password]) => shell.password(password!),
  },
  {
    name: "REG",
    usage: "NAME",
    summary: "make an account",
    command: ([name]) => ["register", "--user", name!],
  },
  {
    name: "PWD",
    usage: "",
    summary: "show the remote directory",
    run: (shell) => shell.showPlace(),
  },
  {
    name: "CWD",
    aliases: ["CD"],
    usage: "PATH",
    summary: "change the remote directory",
    operands: ["remote"],
    run: (shell, [path]) => shell.changeRemote(path!),
  },
  {
    name: "CDUP",
    usage: "",
    summary: "change to the directory above",
    run: (shell) => shell.changeRemote(".."),
  },
  {
    name: "LCD",
    usage: "[PATH]",
    summary: "change or show the local directory",
    operands: ["local"],
    run: (shell, [path]) => shell.changeLocal(path),
  },
  {
    name: "LIST",
    aliases: ["DIR"],
    usage: "[PATH]",
    summary: "list with size, time and checksum",
    operands: ["remote"],
    command: (args) => ["list", "-l", ...args],
  },
  {
    name: "NLST",
    aliases: ["LS"],
    usage: "[PATH]",
    summary: "list the names",
    operands: ["remote"],
    command: (args) => ["list", ...args],
  },
  {
    name: "STOR",
    aliases: ["PUT"],
    usage: "LOCAL [REMOTE]",
    summary: "upload a file",
    operands: ["local", "remote"],
    command: ([local, remote]) => ["upload", local!, ...to(remote)],
  },
  {
    name: "RETR",
    aliases: ["GET"],
    usage: "REMOTE [LOCAL]",
    summary: "download a file",
    operands: ["remote", "local"],
    command: ([remote, local]) => ["download", remote!, ...to(local)],
  },
  {
    name: "RESUME",
    usage: "[LOCAL]",
    summary: "continue interrupted transfers",
    operands: ["local"],
    command: (args) => ["resume", ...args],
  },
  ...simple("MKD", "mkdir", "PATH", "make a directory"),
  ...simple("RMD", "rmdir", "PATH", "remove an empty directory"),
  ...simple("DELE", "rm", "PATH", "remove a file"),
  {
    name: "RNFR",
    usage: "PATH",
    summary: "what RNTO is to rename",
    operands: ["remote"],
    run: (shell, [path]) => shell.renameFrom(path!),
  },
  {
    name: "RNTO",
    usage: "PATH",
    summary: "rename it so",
    operands: ["remote"],
    run: (shell, [path]) => shell.renameTo(path!),
  },
  ...simple("COPY", "cp", "FROM TO", "copy a file"),
  asked("SIZE", "PATH", "show the size", file),
  asked("MDTM", "PATH", "show the modification time", file),
  asked("MFMT", "PATH MILLISECONDS", "set the modification time", ([path, time], shell) => ({
    filename: shell.remote(path!),
    mtime: Number(time),
  })),
  asked("STAT", "[PATH]", "show all metadata, or the state of the session", file),
  ...simple("HASH", "hash", "PATH", "show the SHA-256"),
  ...simple("VIEW", "view", "PATH", "show the beginning of a file"),
  ...simple("VERSIONS", "versions", "PATH", "list the versions of a file"),
  ...simple("VERIFY", "verify", "[PATH]", "let the server read every byte again"),
  ...simple("WHY", "why", "PATH", "name the rules that allow or deny"),
  {
    name: "SHAR",
    usage: "PATH USER [LETTERS]",
    summary: "share a file or directory",
    operands: ["remote", "other"],
    command: ([path, user, letters]) => [
      ...["share", path!, user!],
      ...(letters === undefined ? [] : ["--permissions", letters]),
    ],
  },
  ...simple("UNSH", "unshare", "PATH [USER]", "end a share"),
  { name: "SHWM", usage: "", summary: "shared with me", command: () => ["shares", "--with-me"] },
  { name: "SHBY", usage: "", summary: "shared by me", command: () => ["shares", "--by-me"] },
  ...plain("PASSWD", ["passwd"], "", "change the own password"),
  ...plain("TOKEN", ["token", "create"], "", "make a token"),
  ...plain("TOKENS", ["token", "list"], "", "list the tokens"),
  ...plain("REVOKE", ["token", "revoke"], "ID", "revoke a token"),
  ...plain("PARTS", ["parts"], "", "list unfinished transfers"),
  ...plain("TRANS", ["admin", "permit"], "NAME LETTERS", "replace an account's permissions"),
  ...plain("USERS", ["admin", "users"], "", "list the accounts"),
  ...plain("ADDU", ["admin", "add"], "NAME", "make an account"),
  ...plain("DELU", ["admin", "remove"], "NAME", "remove an account"),
  ...plain("QUOTA", ["admin", "quota"], "NAME SIZE", "set a quota"),
  ...plain("RESETPW", ["admin", "passwd"], "NAME", "set an account's password"),
  ...plain("WHO", ["admin", "who"], "", "list the sessions"),
  ...plain("KICK", ["admin", "kick"], "ID", "end a session"),
  ...plain("LOGS", ["admin", "logs"], "[NAME]", "show a log"),
  asked("FEAT", "", "the server's features"),
  asked("SYST", "", "what kind of system it is"),
  asked("TYPE", "I", "only I: content is what its checksum says", ([type]) => ({ type })),
  asked("NOOP", "", "nothing"),
  {
    name: "ABOR",
    usage: "",
    summary: "Ctrl-C stops a transfer; afterwards there is nothing to abort",
    run: (shell) => shell.ask("ABOR", {}),
  },
  {
    name: "HELP",
    aliases: ["?"],
    usage: "[COMMAND]",
    summary: "this list, or all about one command",
    run: (shell, [name]) => shell.help(name),
  },
  {
    name: "QUIT",
    aliases: ["EXIT", "BYE"],
    usage: "",
    summary: "leave the shell",
    run: (shell) => shell.leave(),
  },
];

/** The verb of a name in any case. */
export function findVerb(name: string): Verb | undefined {
  const upper = name.toUpperCase();
  return VERBS.find((verb) => verb.name === upper || verb.aliases?.includes(upper));
}

/** Checks the number of arguments. @throws {ClientError} with exit code 2 where it is wrong */
export function checkVerb(verb: Verb, args: string[]): void {
  const words = verb.usage.split(" ").filter(Boolean);
  const least = words.filter((word) => !word.startsWith("[")).length;
  const given = args.filter((arg) => !/^--?[a-z]/.test(arg)).length;
  const most = verb.command === undefined ? words.length : Infinity;
  if (given >= least && args.length <= most) return;
  throw usageError(`It is used so: ${verb.name} ${verb.usage}`.trimEnd());
}

/** A client command on remote paths, options included. */
function simple(name: string, command: string, usage: string, summary: string): Verb[] {
  return [{ name, usage, summary, operands: ["remote"], command: (args) => [command, ...args] }];
}

/** A client command without paths. */
function plain(name: string, command: string[], usage: string, summary: string): Verb[] {
  return [{ name, usage, summary, command: (args) => [...command, ...args] }];
}

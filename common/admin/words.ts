/**
 * The commands of administration. `admin` works on a data directory, `client admin` through a
 * server. Their help, completion, man pages and reference come from this table.
 */
/** An option of a command. */
export interface AdminOption {
  /** Name of its value in the help; a switch has none. */
  readonly value?: string;
  /** Without a final period. */
  readonly summary: string;
}

/** A command, without its words. */
export interface AdminWords {
  /** Operands after its words; those in brackets may be left out. */
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, AdminOption>>;
  /** Description for the help, without a final period. */
  readonly summary: string;
  /** It works on files of the server's machine, which only `admin` reaches. */
  readonly local?: true;
}

const PASSWORD = {
  "password-stdin": { summary: "read the new password from standard input" },
  "new-password-file": { value: "FILE", summary: "read it from the first line of a file" },
} as const;
const NEW_ACCOUNT = {
  "permissions": { value: "LETTERS", summary: "permissions, as letters" },
  "quota": { value: "SIZE", summary: "most bytes that each may hold, or none" },
  "expires": { value: "WHEN", summary: "from when on the account is void, or never" },
} as const;
const RATE = "SIZE|default";
const COUNT = "N|default";
const NETWORKS = "CIDR,…|default";
const LIMITS = {
  "rate": { value: RATE, summary: "bytes per second in both directions together, or none" },
  "rate-up": { value: RATE, summary: "bytes per second to the server, or none" },
  "rate-down": { value: RATE, summary: "bytes per second from the server, or none" },
  "connections": { value: COUNT, summary: "connections at once, or none" },
  "requests": { value: COUNT, summary: "requests per minute, or none" },
  "doors": {
    value: "DOOR,…|default",
    summary: "where it may come in: native, ftp, web, api, tus; or all, or none",
  },
} as const;

/** All commands, in the order of the help. */
export const ADMIN_WORDS = {
  "user add": {
    operands: ["NAME"],
    options: { ...PASSWORD, ...NEW_ACCOUNT },
    summary: "make an account; without a password one is made up and printed",
  },
  "user list": { operands: [], options: {}, summary: "list the accounts" },
  "user remove": {
    operands: ["NAME"],
    options: { "delete-files": { summary: "delete its files too" } },
    summary: "remove an account with its sessions, tokens and shares; its files are kept aside " +
      "in removed/ of the data directory",
  },
  "user passwd": {
    operands: ["NAME"],
    options: PASSWORD,
    summary: "give an account another password; its sessions and tokens end",
  },
  "user permit": {
    operands: ["NAME", "LETTERS"],
    options: {},
    summary: "give an account these permissions and no others, or none",
  },
  "user quota": {
    operands: ["NAME", "SIZE"],
    options: {},
    summary: "set the most bytes that an account may hold, or none for no limit",
  },
  "user disable": {
    operands: ["NAME"],
    options: {},
    summary: "end an account's sessions and refuse its logins; its files, shares and tokens stay",
  },
  "user enable": {
    operands: ["NAME"],
    options: { "expires": NEW_ACCOUNT.expires },
    summary: "let an account that was disabled log in again",
  },
  "user expire": {
    operands: ["NAME", "WHEN"],
    options: {},
    summary: "set from when on an account is void, or never",
  },
  "user import": {
    operands: ["FILE"],
    options: { ...NEW_ACCOUNT, "dry-run": { summary: "change nothing" } },
    summary: "make an account of each line user:password of a file, or of standard input (-); " +
      "blank lines and lines that begin with # are skipped, and each refused line is named",
  },
  "user limit": {
    operands: ["NAME"],
    options: {
      ...LIMITS,
      "allow-ip": { value: NETWORKS, summary: "networks that it may log in from" },
      "deny-ip": { value: NETWORKS, summary: "networks that it may not log in from" },
    },
    summary: "show an account's limits, or set them: default is the server's own value",
  },
  "limit": {
    operands: ["CIDR|any"],
    options: LIMITS,
    summary: "show the limits of each address of a network, or of any address, or set them: " +
      "default is that of a wider network, or the server's own",
  },
  "limits": {
    operands: [],
    options: {},
    summary: "list the networks whose addresses have limits",
  },
  "group add": {
    operands: ["GROUP"],
    options: { "permissions": { value: "LETTERS", summary: "permissions, as letters" } },
    summary: "make a group; its permissions add to those of its members",
  },
  "group list": {
    operands: ["[GROUP]"],
    options: {},
    summary: "list the groups, or the members of one",
  },
  "group remove": {
    operands: ["GROUP"],
    options: {},
    summary: "remove a group; its members lose its permissions, and shares with it end",
  },
  "group permit": {
    operands: ["GROUP", "LETTERS"],
    options: {},
    summary: "give a group these permissions (of rwcd) and no others, or none",
  },
  "group join": {
    operands: ["GROUP", "NAME"],
    options: {},
    summary: "add an account to a group",
  },
  "group leave": {
    operands: ["GROUP", "NAME"],
    options: {},
    summary: "take an account out of a group",
  },
  "ban": {
    operands: ["CIDR"],
    options: {
      "for": { value: "DUR", summary: "how long" },
      "reason": { value: "TEXT", summary: "shown by bans" },
    },
    summary: "refuse connections from an address or network, and end those there are",
  },
  "unban": { operands: ["CIDR"], options: {}, summary: "lift a ban" },
  "bans": { operands: [], options: {}, summary: "list the bans" },
  "locks": { operands: [], options: {}, summary: "list the locks that accounts hold" },
  "locks break": {
    operands: ["NAME", "PATH"],
    options: {},
    summary: "end the lock of a path in the files of the account NAME",
  },
  "mount add": {
    operands: ["NAME", "DIRECTORY"],
    options: {
      "permissions": NEW_ACCOUNT.permissions,
      "quota": NEW_ACCOUNT.quota,
      "accounts": {
        value: "NAME,…",
        summary: "accounts and @groups that see it, or * for all, the default",
      },
    },
    summary:
      "show a directory of the server's machine as /NAME in the trees of accounts, read-only " +
      "unless --permissions names more than r",
  },
  "mount list": { operands: [], options: {}, summary: "list the mounts" },
  "mount remove": {
    operands: ["NAME"],
    options: {},
    summary: "end a mount; the files in its directory stay",
  },
  "who": { operands: [], options: {}, summary: "list the sessions and their transfers" },
  "kick": { operands: ["ID"], options: {}, summary: "end a session; its upload is kept" },
  "verify": {
    operands: ["[NAME]"],
    options: {
      "forget-missing": { summary: "accept lost files: they are listed, and count no longer" },
    },
    summary: "read every byte of all accounts, or of one, against its checksum",
  },
  "parts": {
    operands: [],
    options: {
      "expire": { summary: "remove those past their time" },
      "part-ttl": { value: "DUR", summary: "this time, in place of the server's" },
    },
    summary: "list the unfinished uploads of all accounts",
  },
  "parts rm": { operands: ["ID"], options: {}, summary: "drop an unfinished upload" },
  "kept": {
    operands: [],
    options: {},
    summary: "list the files of removed accounts that several nodes keep",
    local: true,
  },
  "kept rm": {
    operands: ["ID"],
    options: {},
    summary: "delete the files of a removed account",
    local: true,
  },
  "kept restore": {
    operands: ["ID", "NAME"],
    options: {},
    summary: "put the files of a removed account into the account NAME, as a directory",
    local: true,
  },
  "logs": {
    operands: ["[NAME]"],
    options: {
      "lines": { value: "N", summary: "how many of the last lines (default 200)" },
      "level": { value: "LEVEL", summary: "least level: debug, info, warning or error" },
      "contains": { value: "TEXT", summary: "only lines with this text" },
      "account": { value: "NAME", summary: "only lines about this account" },
    },
    summary: "show the log NAME: server (default), audit, web or database",
  },
  "status": {
    operands: [],
    options: {},
    summary: "show whether the server runs and is well, and its accounts and files",
  },
  "backup": {
    operands: ["TARGET"],
    options: {
      "files": { summary: "with the accounts' files" },
      "incremental": {
        summary: "to a directory of snapshots, where no content is stored twice (needs --files)",
      },
      "check": {
        summary: "read content that is there, and store it again where it is damaged",
      },
      "keep": { value: "N", summary: "remove older snapshots than the latest N" },
    },
    summary: "write catalog, certificates and configuration to a tar",
    local: true,
  },
  "restore": {
    operands: ["BACKUP"],
    options: { "replace": { summary: "move existing files aside" } },
    summary: "make a data directory of a backup, verify it and list missing files",
    local: true,
  },
  "migrate": {
    operands: ["[STORE]"],
    options: {
      "to": {
        value: "DIR|URL",
        summary:
          "a data directory (its config.json may name a database), or postgres://… with STORE",
      },
    },
    summary:
      "copy accounts, files and all else to another data directory, or to a database and a " +
      "store of several nodes, and compare; no server may run; repeat it after an interruption",
    local: true,
  },
  "collect": {
    operands: [],
    options: {
      "delete": { summary: "delete what is past its grace, and tidy up; without it only count" },
      "dry-run": { summary: "only count, the default" },
      "grace": { value: "DUR", summary: "how long garbage is kept, in place of seven days" },
    },
    summary: "count the objects of the store of several nodes that nothing needs, or delete them",
    local: true,
  },
  "tls renew-authority": {
    operands: [],
    options: {},
    summary: "make a new certificate authority; every client must trust the server again",
    local: true,
  },
} as const satisfies Record<string, AdminWords>;

/** The words of a command. */
export type AdminName = keyof typeof ADMIN_WORDS;
/** The words of a command that both programs have. */
export type SharedAdminName = {
  [N in AdminName]: (typeof ADMIN_WORDS)[N] extends { local: true } ? never : N;
}[AdminName];
/** The options of a command. */
export type AdminOptionName<N extends AdminName> = keyof (typeof ADMIN_WORDS)[N]["options"];

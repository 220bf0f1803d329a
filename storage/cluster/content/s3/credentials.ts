import { StoreError } from "../../../contract/error.ts";

/** Keys that requests to an S3-compatible server are signed with. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Session token of temporary credentials. */
  readonly sessionToken?: string;
}

/** Gives the credentials as they are now. */
export interface S3CredentialSource {
  /** Credentials to sign with. @throws {StoreError} `io` where there are none */
  current(): Promise<S3Credentials>;
  /**
   * Reads the credentials again, as the server refused these.
   *
   * @returns whether there are other ones now
   */
  refused(credentials: S3Credentials): Promise<boolean>;
}

/** How long a file of credentials is used without a look at its time of change, ms. */
const LOOK_MS = 1000;
/** Maximum size of a file of credentials, bytes. */
const MAX_FILE_BYTES = 65_536;

/** Credentials that never change, as the environment gives them. */
export function fixedCredentials(credentials: S3Credentials): S3CredentialSource {
  return {
    current: () => Promise.resolve(credentials),
    refused: () => Promise.resolve(false),
  };
}

/**
 * Credentials from a file in the form of the AWS tools, which is read again when it changes:
 *
 * ```ini
 * [default]
 * aws_access_key_id = KEY
 * aws_secret_access_key = SECRET
 * ```
 */
export class CredentialFile implements S3CredentialSource {
  #read: { credentials: S3Credentials; stamp: string } | undefined;
  #lookedMs = -Infinity;
  #reading: Promise<S3Credentials> | undefined;

  /**
   * @param path absolute path of the file
   * @param profile name of the section
   */
  constructor(private readonly path: string, private readonly profile = "default") {}

  async current(): Promise<S3Credentials> {
    const isFresh = performance.now() - this.#lookedMs < LOOK_MS;
    if (isFresh && this.#read !== undefined) return this.#read.credentials;
    this.#reading ??= this.#look().finally(() => this.#reading = undefined);
    return await this.#reading;
  }

  async refused({ accessKeyId, secretAccessKey, sessionToken }: S3Credentials): Promise<boolean> {
    this.#lookedMs = -Infinity;
    const now = await this.current();
    return now.accessKeyId !== accessKeyId || now.secretAccessKey !== secretAccessKey ||
      now.sessionToken !== sessionToken;
  }

  /** A file that cannot be read while it is replaced leaves the credentials that were read before. */
  async #look(): Promise<S3Credentials> {
    try {
      const { mtime, size, ino } = await Deno.stat(this.path);
      const stamp = `${mtime?.getTime()} ${size} ${ino}`;
      if (this.#read?.stamp !== stamp) {
        if (size > MAX_FILE_BYTES) throw new Error("it is too large to be a file of credentials");
        const text = await Deno.readTextFile(this.path);
        this.#read = { credentials: parseCredentials(text, this.profile), stamp };
      }
    } catch (error) {
      if (this.#read === undefined) throw unreadable(this.path, error);
    }
    this.#lookedMs = performance.now();
    return this.#read!.credentials;
  }
}

/**
 * Reads the section of one profile.
 *
 * @throws {Error} whose message completes "… cannot be used:"
 */
export function parseCredentials(text: string, profile: string): S3Credentials {
  const values = new Map<string, string>();
  let section = "";
  for (const line of text.split(/\r?\n/).map((line) => line.trim())) {
    const heading = /^\[\s*(?:profile\s+)?(.*?)\s*\]$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    if (section !== profile || line.startsWith("#") || line.startsWith(";")) continue;
    const [, name, value] = /^([a-z_]+)\s*=\s*(.*)$/i.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name.toLowerCase(), value);
  }
  const accessKeyId = values.get("aws_access_key_id") ?? "";
  const secretAccessKey = values.get("aws_secret_access_key") ?? "";
  const sessionToken = values.get("aws_session_token") ?? "";
  if (accessKeyId === "" || secretAccessKey === "") {
    throw new Error(
      `its section [${profile}] has no aws_access_key_id and aws_secret_access_key`,
    );
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken !== "" && { sessionToken }) };
}

function unreadable(path: string, error: unknown): StoreError {
  const why = error instanceof Deno.errors.NotFound
    ? "it does not exist"
    : error instanceof Error
    ? error.message
    : String(error);
  return new StoreError("io", "The content store cannot be reached", {}, {
    cause: error,
    reason: () => `the file of S3 credentials ${path} cannot be used: ${why}`,
  });
}

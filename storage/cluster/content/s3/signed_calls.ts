import { AwsV4Signer } from "aws4fetch";
import { StoreError } from "../../../contract/error.ts";
import { type S3Address, urlOf } from "./address.ts";
import { MAX_REPLY_BYTES, refusalOf } from "./answers.ts";
import type { S3Credentials, S3CredentialSource } from "./credentials.ts";
import type { Answer, Exchanges, SignedRequest } from "./exchange.ts";
import { isCredentialRefusal } from "./failures.ts";

/** Signing keys are cached by day and secret; more than these are those of other days. */
const MAX_SIGNING_KEYS = 8;

type Query = Readonly<Record<string, string>>;

/** One request before it is signed. */
export interface Call {
  readonly method: string;
  readonly key: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
  readonly signal: AbortSignal;
}

/** Signs requests (AWS Signature Version 4) and sends them once. */
export class SignedCalls {
  readonly #signingKeys = new Map<string, ArrayBuffer>();

  constructor(
    private readonly address: S3Address,
    private readonly credentials: S3CredentialSource,
    private readonly exchanges: Exchanges,
  ) {}

  /**
   * Sends a request and reads its reply.
   *
   * @param expected statuses; any other one is an error
   * @throws any failure of the connection, or of the reply
   */
  send(call: Call, expected: readonly number[]): Promise<Answer> {
    return this.signed(call, async (request) => {
      const answer = await this.exchanges.send(request, MAX_REPLY_BYTES);
      if (!expected.includes(answer.status) || answer.status === 404 && isBucketMissing(answer)) {
        throw refusalOf(answer);
      }
      return answer;
    });
  }

  /** Signs and sends a request, once more where the server refuses credentials that have changed. */
  async signed<T>(call: Call, send: (request: SignedRequest) => Promise<T>): Promise<T> {
    const credentials = await this.credentials.current();
    try {
      return await send(await this.#sign(call, credentials));
    } catch (error) {
      const isRefused = isCredentialRefusal(error) && await this.credentials.refused(credentials);
      if (!isRefused) throw error;
      return await send(await this.#sign(call, await this.credentials.current()));
    }
  }

  async #sign(call: Call, credentials: S3Credentials): Promise<SignedRequest> {
    const { method, key, query, headers = {}, body, signal } = call;
    if (this.#signingKeys.size >= MAX_SIGNING_KEYS) this.#signingKeys.clear();
    const signer = new AwsV4Signer({
      ...credentials,
      method,
      url: urlOf(this.address, key === "" ? "" : this.keyOf(key), query).href,
      headers: { "x-amz-content-sha256": EMPTY_HASH, ...headers },
      service: "s3",
      region: this.address.region,
      cache: this.#signingKeys,
    });
    const signed = await signer.sign();
    return { method, url: signed.url, headers: signed.headers, body, signal };
  }

  /** The key in the bucket. @throws {StoreError} `io` for one that would need escapes */
  keyOf(key: string): string {
    if (!/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(key)) {
      throw new StoreError(
        "io",
        `The key "${key}" has other characters than letters, digits and ._-`,
      );
    }
    return this.address.prefix + key;
  }
}

/** SHA-256 of nothing. */
const EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** A 404 for a bucket is no answer about an object. A HEAD has no body that distinguishes them. */
function isBucketMissing({ body }: Answer): boolean {
  return new TextDecoder().decode(body.subarray(0, 4096)).includes("<Code>NoSuchBucket</Code>");
}

import { isIP } from "node:net";

/** Location of the objects of one store: a prefix in a bucket of an S3-compatible server. */
export interface S3Address {
  /** Origin of the server, as in `https://s3.example.org:9000`. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Empty, or ends with a slash; every key begins with it. */
  readonly prefix: string;
  /** Region that requests are signed for. */
  readonly region: string;
  /** Whether the bucket is the first segment of the path; otherwise it is part of the host name. */
  readonly pathStyle: boolean;
}

/** How an address is completed. */
export interface S3AddressOptions {
  /** URL of the server without a path. @default Amazon's, for the region */
  readonly endpoint?: string | undefined;
  /** @default us-east-1 */
  readonly region?: string | undefined;
  /** @default true where an endpoint is given */
  readonly pathStyle?: boolean | undefined;
}

/**
 * Reads an address such as `s3://bucket/prefix`.
 *
 * @throws {TypeError} whose message completes "… must be"
 */
export function parseS3Address(text: string, options: S3AddressOptions = {}): S3Address {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([^?#\\]*))?$/.exec(text);
  const segments = (match?.[2] ?? "").split("/").filter((segment) => segment !== "");
  const [bucket] = match?.slice(1) ?? [];
  const unusable = segments.some((segment) => !/^[A-Za-z0-9!_.'()-]+$/.test(segment)) ||
    segments.includes(".") || segments.includes("..") || segments.join("/").length > 500;
  if (bucket === undefined || bucket.includes("..") || unusable) {
    throw new TypeError("s3://BUCKET or s3://BUCKET/PREFIX, with letters, digits, - and .");
  }
  const { region = "us-east-1" } = options;
  if (!/^[a-z0-9-]{1,64}$/.test(region)) throw new TypeError("a region such as eu-central-1");
  const endpoint = endpointOrigin(options.endpoint ?? `https://s3.${region}.amazonaws.com`);
  const pathStyle = options.pathStyle ?? options.endpoint !== undefined;
  if (!pathStyle && isIP(new URL(endpoint).hostname.replace(/[[\]]/g, "")) !== 0) {
    throw new TypeError("a host name, as the bucket is to be part of it; or use the path style");
  }
  return {
    endpoint,
    bucket,
    prefix: segments.map((part) => `${part}/`).join(""),
    region,
    pathStyle,
  };
}

/** The URL of a key, or of the bucket where `key` is empty, with these query parameters. */
export function urlOf(
  { endpoint, bucket, pathStyle }: S3Address,
  key: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const url = new URL(endpoint);
  if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`;
  const encoded = key.split("/").map(encodeURIComponent).join("/");
  url.pathname = pathStyle ? `/${bucket}${key === "" ? "" : "/"}${encoded}` : `/${encoded}`;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** The address as messages show it: it contains no secret. */
export function shownAddress({ endpoint, bucket, prefix }: S3Address): string {
  return `s3://${bucket}/${prefix} at ${endpoint}`;
}

function endpointOrigin(text: string): string {
  const url = URL.parse(text);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" &&
    url.username + url.password + url.search + url.hash === "";
  if (!isOrigin) throw new TypeError("a URL such as https://s3.example.org, without a path");
  return url.origin;
}

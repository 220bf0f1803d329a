/** A normalised absolute path in an account's tree: `/`, or `/a/b` without a trailing slash. */
export type VirtualPath = string;

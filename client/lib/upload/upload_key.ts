/** Names of uploads. */

const RANDOM_BYTES = 12;

/**
 * Makes a name for an upload, by which the server knows it when it is sent again: 16 characters.
 * The server keeps it with every file, so it is short.
 */
export function newUploadKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))));
}

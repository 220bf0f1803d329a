/** Data of the reply to an upload that is sent again and was stored already. */
export function repeatedData(file: { filename: string; hash: string; size: number }) {
  return { ready: false, skipped: true, repeated: true, ...file };
}

/** Names an upload by the account that sends it and the key that its client gave it. */
export function uploadTag(
  { account, owner }: { readonly account: string; readonly owner: string },
  key: string,
): string {
  return account === owner ? key : `${account}/${key}`;
}

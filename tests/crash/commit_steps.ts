/**
 * The steps of a commit that the code names, in their order (docs/storage.md); power_cut_test
 * fails where one is never reached.
 */
export const COMMIT_STEPS = [
  "commit: verified",
  "commit: synced",
  "commit: intent noted",
  "commit: staged",
  "commit: published",
  "commit: directory synced",
  "commit: live",
  "commit: acknowledged",
  "commit: part removed",
];

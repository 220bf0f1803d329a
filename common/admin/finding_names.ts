/** Kinds of findings of a verification, beside damage, as people read them. */
export const FINDING_NAMES = {
  "missing": "missing",
  "not-a-file": "not a file",
  "unreadable": "unreadable",
  "part": "unfinished upload",
  "owner": "wrong owner",
} as const;

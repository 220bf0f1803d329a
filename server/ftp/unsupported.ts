/** Commands of FTP that this server does not have: they are 502, and unknown ones 500. */

/** By the document that defines them. */
const UNSUPPORTED = new Set([
  ...["SMNT"], // RFC 959
  ...["LPRT", "LPSV"], // RFC 1639
  ...["ADAT", "CONF", "ENC", "MIC"], // RFC 2228
  ...["LANG"], // RFC 2640
  ...["HOST"], // RFC 7151
  ...["MFCT", "MFF"], // draft-somers-ftp-mfxx
  ...["MD5", "MMD5", "RANG"], // draft-twine-ftpmd5, draft-bryan-ftp-range
  ...["XCRC", "XMD5", "XSHA", "XSHA1", "XSHA512"],
  ...["AVBL", "COMB", "CSID", "DSIZ", "PRET", "RMDA", "SPSV", "SSCN", "THMB"], // of single servers
]);

/** Whether a name in upper case is one of these. */
export function isUnsupported(name: string): boolean {
  return UNSUPPORTED.has(name);
}

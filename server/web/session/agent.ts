/**
 * Browser and system of a request, for the lists of sessions. Browsers name others in `User-Agent`
 * for old sites' sake; those of the Chromium family name themselves in `Sec-CH-UA`
 * (https://wicg.github.io/ua-client-hints/).
 */

/** Products in `User-Agent`; one precedes those that its browsers name as well. */
const BROWSERS: readonly (readonly [product: string, name: string])[] = [
  ["Edg(?:A|iOS)?", "Edge"],
  ["OPR", "Opera"],
  ["SamsungBrowser", "Samsung Internet"],
  ["Vivaldi", "Vivaldi"],
  ["(?:Firefox|FxiOS)", "Firefox"],
  ["(?:HeadlessChrome|Chrome|CriOS)", "Chrome"],
];

/** Words in `User-Agent`; one precedes those that its systems name as well. */
const SYSTEMS: readonly (readonly [word: string, name: string])[] = [
  ["Windows", "Windows"],
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Mac OS X|Macintosh", "macOS"],
  ["CrOS", "ChromeOS"],
  ["Linux", "Linux"],
];

/** Longest result. */
const MAX_CHARACTERS = 64;

/**
 * Browser and system, as in `Firefox 130 on Linux`; of a program its name and version.
 *
 * @param header a header of the request by its name
 * @returns an empty text where the request names neither
 */
export function agentOf(header: (name: string) => string | undefined): string {
  const text = header("user-agent") ?? "";
  const browser = brandIn(header("sec-ch-ua") ?? "") ?? browserIn(text) ?? programIn(text);
  const system = SYSTEMS.find(([word]) => new RegExp(word).test(text))?.[1];
  const name = system === undefined || browser === undefined
    ? browser ?? system ?? ""
    : `${browser} on ${system}`;
  return name.slice(0, MAX_CHARACTERS);
}

/** The browser of the Chromium family, which is not `Chromium` alone and no made-up brand. */
function brandIn(text: string): string | undefined {
  const brands = [...text.matchAll(/"([A-Za-z0-9 ]{1,32})";v="(\d{1,6})"/g)]
    .map(([, name, version]) => ({ name, version }))
    .filter(({ name }) => !/brand/i.test(name!));
  const found = brands.find(({ name }) => name !== "Chromium") ?? brands[0];
  return found && `${found.name!.replace(/^(Google|Microsoft) /, "")} ${found.version}`;
}

function browserIn(text: string): string | undefined {
  for (const [product, name] of BROWSERS) {
    const version = new RegExp(`\\b${product}/(\\d{1,6})`).exec(text)?.[1];
    if (version !== undefined) return `${name} ${version}`;
  }
  const safari = /\bVersion\/(\d{1,6})[\d.]* (?:Mobile\/\w+ )?Safari\//.exec(text)?.[1];
  return safari === undefined ? undefined : `Safari ${safari}`;
}

function programIn(text: string): string | undefined {
  const found = /^([A-Za-z][\w.-]{0,30})\/(\d[\w.]{0,15})/.exec(text);
  return found === null || found[1] === "Mozilla" ? undefined : `${found[1]} ${found[2]}`;
}

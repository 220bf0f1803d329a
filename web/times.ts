/** Times in the zone of the browser. The server writes them in UTC, for browsers without script. */
import { setText } from "./common/dom.ts";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Rewrites the times, the note that names their zone, and the lines of logs in a part of a page. */
export function localizeTimes(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const { showZone, seconds } = element.dataset;
    const text = localTime(date).slice(0, seconds === undefined ? 16 : 19).replace("T", " ");
    setText(element, showZone === undefined ? text : `${text} ${zoneName(date)}`);
    element.title = `${localTime(date).slice(0, 19).replace("T", " ")} ${zoneName(date)} (${zone})`;
  }
  for (const note of root.querySelectorAll("[data-zone]")) {
    const now = zoneName(new Date());
    setText(note, `Times are in ${zone === now ? zone : `${zone}, now ${now}`}.`);
  }
  for (const log of root.querySelectorAll("[data-live][role=log]")) {
    setText(log, localizeLines(log.textContent ?? ""));
  }
}

/** Lines of a log, each beginning with a time: that in UTC becomes one with the offset. */
function localizeLines(text: string): string {
  return text.replace(
    /^\d{4}-\d\d-\d\dT[\d:.]+Z(?= )/gm,
    (time) => localTime(new Date(time)) + offset(new Date(time)),
  );
}

/** Local time in the form of ISO 8601, without an offset. */
function localTime(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, -1);
}

/** Offset from UTC in the form of ISO 8601: `+02:00`, `Z`. */
function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return "Z";
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(size / 60)}:${two(size % 60)}`;
}

/** Short name of the zone at a time: `GMT+2`, `UTC`. */
function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(date);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

/** Icons: each page contains every icon once, and refers to it where it is shown. */
import type { FC } from "hono/jsx";

/** Path of each icon, in a square of 24. */
const PATHS = {
  mark: "M3 17c3 0 3-2 6-2s3 2 6 2 3-2 6-2M3 21c3 0 3-2 6-2s3 2 6 2 3-2 6-2M5 12l2-5h10l2 5M12 7V3",
  folder:
    "M3 6.5A1.5 1.5 0 0 1 4.5 5h4l2.5 2.5h8.5A1.5 1.5 0 0 1 21 9v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 18z",
  file: "M6 3.5h8L19 8.5v12H6zM13.5 3.5V9H19",
  image: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15 9.5h.01",
  audio:
    "M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-2.5-2.5A2.5 2.5 0 0 1 9 18zM19 16a2.5 2.5 0 1 1-2.5-2.5A2.5 2.5 0 0 1 19 16z",
  video: "M4 6h11v12H4zM15 10.5 20 7.5v9l-5-3z",
  archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
  text: "M6 3.5h8L19 8.5v12H6zM13.5 3.5V9H19M9 13h6M9 16.5h6",
  download: "M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14",
  upload: "M12 16V5M7.5 9 12 4.5 16.5 9M5 20h14",
  more:
    "M4.5 12a.7.7 0 1 0 1.4 0 .7.7 0 0 0-1.4 0M11.3 12a.7.7 0 1 0 1.4 0 .7.7 0 0 0-1.4 0M18.1 12a.7.7 0 1 0 1.4 0 .7.7 0 0 0-1.4 0",
  plus: "M12 5v14M5 12h14",
  share:
    "M8 12a2.5 2.5 0 1 1-2.5-2.5A2.5 2.5 0 0 1 8 12zM20 5.5A2.5 2.5 0 1 1 17.5 3 2.5 2.5 0 0 1 20 5.5zM20 18.5a2.5 2.5 0 1 1-2.5-2.5 2.5 2.5 0 0 1 2.5 2.5zM7.7 10.8l7.6-4M7.7 13.2l7.6 4",
  link:
    "M10 14a4 4 0 0 0 6 .4l2.5-2.5a4 4 0 0 0-5.7-5.7L11.5 7.5M14 10a4 4 0 0 0-6-.4L5.5 12a4 4 0 0 0 5.7 5.7l1.3-1.3",
  trash: "M4 7h16M9 7V4.5h6V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5",
  user: "M16 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM4.5 20.5c.8-4 3.8-5.5 7.5-5.5s6.7 1.5 7.5 5.5",
  admin: "M12 3l7.5 3v5.5c0 5-3.3 8-7.5 9.5-4.2-1.5-7.5-4.5-7.5-9.5V6zM9 12l2.2 2.2L15.5 10",
  leave: "M14 4.5H5v15h9M10 12h11M17.5 8.5 21 12l-3.5 3.5",
  lock: "M6 10.5h12v10H6zM8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3",
  up: "M6 14.5 12 8.5l6 6",
  down: "M6 9.5l6 6 6-6",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof PATHS;

/** All drawings, invisible; in each page once. */
export const IconDrawings: FC = () => (
  <svg hidden width="0" height="0">
    {Object.entries(PATHS).map(([name, path]) => (
      <symbol id={`icon-${name}`} viewBox="0 0 24 24">
        <path d={path} />
      </symbol>
    ))}
  </svg>
);

/** An icon beside a text, which says all that it says. */
export const Icon: FC<{ name: IconName }> = ({ name }) => (
  <svg class="icon" aria-hidden="true">
    <use href={`#icon-${name}`} />
  </svg>
);

/** Environment of the routes of the web door. */
import type { Context, Hono } from "hono";
import type { DoorLimits } from "../../admission/door_limits.ts";
import type { DoorContext, ServerInfo } from "../../door/door.ts";
import type { Moment } from "../../../storage/contract/arrivals.ts";
import type { RateLimiter } from "../../admission/rate_limit.ts";
import type { LiveSessions } from "./live_sessions.ts";
import type { WebSession } from "./web_session.ts";

/** Services that the door passes to its routes, the same for every request. */
export interface WebServices extends DoorContext {
  readonly serverInfo: ServerInfo;
  readonly limits: DoorLimits;
  /** Holds each account to `--limit-rate`. */
  readonly rate: RateLimiter;
  readonly sessions: LiveSessions;
  /** Origins whose pages may use the API and tus. @default none */
  readonly corsOrigins?: readonly string[];
  /** Path below which the door is reached, without a slash at its end. @default "" */
  readonly basePath?: string;
  /** Registers a function that runs when the door closes, once no request is running. */
  onClose(rest: () => Promise<void>): void;
}

/** Types of the application's contexts. */
export interface WebEnv {
  Bindings: {
    /** Address of the peer, without its port. */
    address: string;
    /** Whether the address of the request is not below the base path. */
    isOutside?: boolean;
    /** When the head of the request was there. */
    came: Moment;
    /** Marks the connection's request as one with a login or link, which keeps its place. */
    setIdentified?(identified: boolean): void;
    /** Calls back once the response was sent, or could not be. */
    onEnd(callback: () => void): void;
  };
  Variables: {
    /** Path below which the door is reached: empty, or without a slash at its end. */
    basePath: string;
    /** Set where the request showed a session's cookie, and may act by it. */
    session: WebSession | undefined;
  };
}

/** The Hono application of the web door. */
export type WebApp = Hono<WebEnv>;
/** The Hono context of a request. */
export type WebContext = Context<WebEnv>;

/** Each area of the door registers its routes by one such function. */
export type Register = (app: WebApp, services: WebServices) => void;

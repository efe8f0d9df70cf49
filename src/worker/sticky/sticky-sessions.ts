/**
 * The sessions of a worker, for listeners whose requests belong to the worker
 * that has their state. A request for a session that this worker does not know
 * as its own goes to the master, which gives it to the owner, or back.
 *
 * Runs per request of such a listener.
 */
import { randomBytes } from "node:crypto";
import type { StickyField } from "../../shared/config/sticky-field.ts";
import { RecentSessions } from "../../shared/recent-sessions.ts";
import type { Handler } from "../http/handler.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { HttpResponse } from "../http/http-response.ts";
import type { RequestHandover } from "../http1/connection-context.ts";
import { sessionIn } from "./session-in.ts";
import { sessionOf } from "./session-of.ts";
import type { StrayConnection } from "./stray-connection.ts";

const TOKEN_BYTES = 12;

/**
 * Tells the master that the session belongs to this worker. Resolves when the
 * message is on its way, or when it never will be.
 */
export type TellMaster = (session: string) => Promise<void>;

export class StickySessions {
  readonly #tellMaster: TellMaster;
  /** Sessions that this worker serves. */
  readonly #served = new RecentSessions<true>();
  /** In the cookies that this worker sets; made on first use. */
  #token: string | undefined;

  constructor(tellMaster: TellMaster) {
    this.#tellMaster = tellMaster;
  }

  /** Whether there are sessions whose state may be in this process. */
  get hasServed(): boolean {
    return this.#served.size > 0;
  }

  /** The master has given this worker a request of the session. */
  serve(session: string): void {
    this.#served.set(session, true);
  }

  /** @param give sends a connection to the master */
  handover(
    field: StickyField,
    give: (connection: StrayConnection) => void,
  ): RequestHandover {
    const mayOwn = field.part !== "cookie";
    return {
      foreignSession: (head) => {
        const session = sessionOf(head, field);
        if (session === undefined) return undefined;
        return this.#served.use(session) ? undefined : session;
      },
      handOver: (session, bytes, connection) => {
        give({ ...connection, session, mayOwn, bytes });
      },
    };
  }

  /** Learns sessions from responses, or begins them. */
  around(handler: Handler, field: StickyField): Handler {
    const mark =
      field.part === "cookie" ? this.#setCookie(field) : this.#learn(field);
    return (request) => {
      const response = handler(request);
      if (!(response instanceof Promise)) return mark(request, response);
      return response.then((late) => mark(request, late));
    };
  }

  #own(session: string): Promise<void> {
    this.serve(session);
    return this.#tellMaster(session);
  }

  #setCookie(field: StickyField) {
    this.#token ??= this.#newToken();
    const token = this.#token;
    return (request: HttpRequest, response: HttpResponse) => {
      if (sessionOf(request, field) === token) return response;
      if (response.status < 200 || isShared(response)) return response;
      // An app may return one response again and again.
      const cookies = response.fields?.getAll("Set-Cookie") ?? [];
      const begin = `${field.name}=${token};`;
      if (cookies.some((each) => each.startsWith(begin))) return response;
      return response.setCookie(field.name, token, {
        secure: request.protocol === "https",
      });
    };
  }

  #newToken(): string {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    this.#own(token);
    return token;
  }

  #learn(field: StickyField) {
    return (request: HttpRequest, response: HttpResponse) => {
      if (sessionOf(request, field) !== undefined) return response;
      const session = sessionIn(response, field);
      if (session === undefined) return response;
      // The client's next request may meet another worker, which asks for it.
      return this.#own(session).then(() => response);
    };
  }
}

const SHARED = ["public", "s-maxage"];

/** A cache would give the cookie to everybody. */
function isShared({ fields }: HttpResponse): boolean {
  const directives = fields?.get("Cache-Control")?.split(",") ?? [];
  return directives.some((directive) => {
    const [name = ""] = directive.split("=");
    return SHARED.includes(name.trim().toLowerCase());
  });
}

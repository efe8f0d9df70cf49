/**
 * Decides which requests the admin port answers, and which may control the
 * server.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import {
  type AdminAnswer,
  type AdminRequest,
  textAnswer,
} from "./admin-server.ts";

export interface AdminGuardRules {
  /** Host of the admin port. */
  readonly host: string;
  /** Undefined if no token is configured. */
  readonly token: () => string | undefined;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i;
/**
 * Paths exempt from the host check: probes send the host name of their target,
 * and the answers reveal nothing.
 */
const PROBES: ReadonlySet<string> = new Set(["/livez", "/readyz"]);
const CONTROL = "/control/";
/** Values of Sec-Fetch-Site for requests that do not come from another site. */
const SAME_SITE: ReadonlySet<string> = new Set(["same-origin", "none"]);
const BEARER = /^bearer +(\S+) *$/i;

/** Returns the refusal of a request; undefined lets it through. */
export function adminGuard(rules: AdminGuardRules) {
  return (request: AdminRequest): AdminAnswer | undefined => {
    if (PROBES.has(request.path)) return undefined;
    return (
      wrongHost(request, rules) ??
      (request.path.startsWith(CONTROL)
        ? (crossOrigin(request) ?? withoutToken(request, rules))
        : undefined)
    );
  };
}

/**
 * Prevents DNS rebinding: a page whose host name resolves to this host sends
 * that name. If the port is open to other hosts, its valid names are unknown.
 */
function wrongHost(
  { headers: { host } }: AdminRequest,
  rules: AdminGuardRules,
): AdminAnswer | undefined {
  if (!LOOPBACK.test(rules.host) || host === undefined) return undefined;
  const name = host.replace(/:\d*$/, "");
  if (LOOPBACK.test(name) || name === rules.host) return undefined;
  return textAnswer(421, `${host} is not here; ask for localhost`);
}

function crossOrigin({ headers }: AdminRequest): AdminAnswer | undefined {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  const isOther =
    (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && !SAME_SITE.has(String(site)));
  if (!isOther) return undefined;
  return textAnswer(403, "refused: the request was made by another site");
}

function withoutToken(
  { headers }: AdminRequest,
  { token }: AdminGuardRules,
): AdminAnswer | undefined {
  let wanted: string | undefined;
  try {
    wanted = token();
  } catch (error) {
    const { message } = error as Error;
    return textAnswer(403, `refused: admin.tokenFile ${message}`);
  }
  if (wanted === undefined) {
    return textAnswer(
      403,
      "refused: control calls on this port need a token, whose file " +
        "admin.tokenFile names; the remuda commands use the control socket",
    );
  }
  const given = BEARER.exec(headers.authorization ?? "")?.[1];
  if (given !== undefined && isSame(given, wanted)) return undefined;
  const why = given === undefined ? "is missing" : "is wrong";
  return {
    ...textAnswer(401, `refused: the token ${why}`),
    headers: { "WWW-Authenticate": 'Bearer realm="remuda"' },
  };
}

/** Compares in constant time. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

import {
  type ApiRoute,
  CACHE_CONTROL,
  GROUPS,
  hasBody,
  ORIGIN,
  PAGES,
  PREFIX,
  SECURITY_FIELDS,
} from "../servers/stack/api.js";
import type {
  BenchRequest,
  Exchange,
  ExpectedAnswer,
  Scenario,
} from "./scenario.ts";

/** As often GETs are asked for each time that the others are. */
const GETS = 3;
const MOST = 0x7fffffff;

/** What a script of the page at `ORIGIN` sends. */
const REQUEST_FIELDS = {
  "User-Agent":
    "Mozilla/5.0 (X11; Linux x64; rv:140.0) Gecko/20100101 Firefox/140.0",
  Accept: "application/json",
  "Accept-Language": "en-GB,en;q=0.7,de;q=0.3",
  "Accept-Encoding": "gzip, deflate, br",
  Authorization: "Bearer 0b5a4a52d2d9c2f1e7f6c7f3a1b8",
  Origin: ORIGIN,
  Referer: `${ORIGIN}/`,
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What middleware adds to each answer. */
const COMMON_FIELDS = {
  ...SECURITY_FIELDS,
  // Some put a blank after the semicolon.
  "content-security-policy": /^default-src 'self'; ?frame-ancestors 'self'$/,
  "x-request-id": UUID,
  "access-control-allow-origin": ORIGIN,
  "access-control-allow-credentials": "true",
  vary: /^origin$/i,
};

/** What a request costs in an app with what most apps have. */
export const stack: Scenario = {
  name: "stack",
  summary: "100 routes, with ids, CORS, security headers and metrics",
  app: "stack",
  servers: ["remuda", "fastify", "fastify-hooks", "hono"],
  exchanges: shuffled([
    ...PAGES.flatMap((route) => ofRoute(route, "", {})),
    ...GROUPS.flatMap(({ prefix, routes }) => {
      const fields = { "cache-control": CACHE_CONTROL };
      const at = PREFIX + prefix;
      return [
        ...routes.flatMap((route) => ofRoute(route, at, fields)),
        preflight(`${at}/7`),
      ];
    }),
  ]),
  pipelining: 1,
};

function ofRoute(
  route: ApiRoute,
  prefix: string,
  fields: ExpectedAnswer["fields"],
): Exchange[] {
  const ids = Array.from({ length: route.method === "GET" ? GETS : 1 });
  return ids.map((_, at) => {
    const params = { id: String(1_000 * (at + 1) + 7), part: "left" };
    const { path, used } = filled(prefix + route.pattern, params);
    const sent = hasBody(route) ? { name: "Bill", tags: ["fast", "calm"] } : {};
    const content = route.answer(used, sent);
    return {
      request: requestFor(route, path, sent),
      answer: {
        status: route.status,
        ...(content !== undefined && { contentType: "application/json" }),
        body: content === undefined ? "" : JSON.stringify(content),
        fields: {
          ...COMMON_FIELDS,
          ...fields,
          "access-control-expose-headers": "X-Request-Id",
        },
      },
    };
  });
}

function requestFor(route: ApiRoute, path: string, sent: object): BenchRequest {
  const { method } = route;
  if (!hasBody(route)) return { method, path, headers: REQUEST_FIELDS };
  const headers = { ...REQUEST_FIELDS, "Content-Type": "application/json" };
  return { method, path, headers, body: JSON.stringify(sent) };
}

/** What a browser asks before a PUT. */
function preflight(path: string): Exchange {
  const headers = {
    ...REQUEST_FIELDS,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization,content-type",
  };
  return {
    request: { method: "OPTIONS", path, headers },
    answer: {
      status: 204,
      body: "",
      fields: {
        ...COMMON_FIELDS,
        "access-control-allow-methods": /\bPUT\b/,
        "access-control-allow-headers": /^authorization, ?content-type$/i,
        "access-control-max-age": "600",
        vary: /\borigin\b/i,
      },
    },
  };
}

/** A path of a pattern, and those of the parameters that are in it. */
function filled(pattern: string, params: Readonly<Record<string, string>>) {
  const used: Record<string, string> = {};
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => {
    used[name] = params[name] as string;
    return used[name];
  });
  return { path, used };
}

/** In no order that would help anybody, and the same in each run. */
function shuffled<T>(values: readonly T[]): T[] {
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % MOST; // Park and Miller's
    return seed;
  };
  return values
    .map((value) => ({ value, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value);
}

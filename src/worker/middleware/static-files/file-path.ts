/** Runs per request: decides by the path alone, without looking at files. */
import type { HttpRequest } from "../../http/http-request.ts";

/**
 * Which names that begin with a dot are served: none, those in a folder
 * `.well-known` at the beginning of the path (RFC 8615), or all.
 */
export type DotfilePolicy = "refuse" | "wellKnown" | "allow";

// RFC 3986 §2.3: these need no escape, so a path that has one means to be
// taken for another: "/%70rivate/x" would pass by what guards "/private/".
const NEEDLESS_ESCAPE = /%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/i;
// "/" and NUL end names, "\" does on Windows.
const NOT_IN_NAME = /[/\\\0]/;

/**
 * What the route's wildcard stands for, as it was sent.
 *
 * @throws Error for a route without a wildcard
 */
export function wildcardTail(request: HttpRequest): string {
  const { route, path } = request;
  const wildcard = route?.lastIndexOf("/*") ?? -1;
  if (route === undefined || wildcard < 0) {
    throw new Error(
      "staticFiles() is a handler for a route that ends in a wildcard, as " +
        `app.get("/assets/*path", …)${route ? `, not for ${route}` : ""}`,
    );
  }
  let at = -1;
  for (let end = 0; end <= wildcard; end++) {
    if (route.charCodeAt(end) === SLASH) at = path.indexOf("/", at + 1);
  }
  return path.slice(at + 1);
}

const SLASH = 0x2f;

/**
 * The names on the way from the root to a file, decoded once; the last one is
 * "" where the path ends in a slash. Undefined for a path of which nothing is
 * served: with an empty name, "." or "..", with a name that `policy` refuses,
 * with an escape that is none, gives no UTF-8, is needless or stands for a
 * separator or NUL.
 *
 * @param tail as sent: "css/main.css"
 */
export function fileNames(
  tail: string,
  policy: DotfilePolicy,
): readonly string[] | undefined {
  if (NEEDLESS_ESCAPE.test(tail)) return undefined;
  const names = tail.split("/");
  for (let index = 0; index < names.length; index++) {
    const name = decoded(names[index] as string);
    if (name === undefined || NOT_IN_NAME.test(name)) return undefined;
    if (name === "" && index < names.length - 1) return undefined;
    if (name.startsWith(".") && !isServed(name, index, policy)) {
      return undefined;
    }
    names[index] = name;
  }
  return names;
}

function isServed(name: string, index: number, policy: DotfilePolicy): boolean {
  if (name === "." || name === "..") return false;
  if (policy === "wellKnown") return name === ".well-known" && index === 0;
  return policy === "allow";
}

function decoded(name: string): string | undefined {
  if (!name.includes("%")) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** Runs per request: decides by the path alone, without file access. */
import type { HttpRequest } from "../../http/http-request.ts";

/**
 * Which names with a leading dot are served: none, a leading `.well-known`
 * (RFC 8615), or all.
 */
export type DotfilePolicy = "refuse" | "wellKnown" | "allow";

// RFC 3986 §2.3: unreserved characters need no escape. A path that escapes them
// may bypass a guard that compares "/private/x" with "/%70rivate/x".
const NEEDLESS_ESCAPE = /%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/i;
// "/" and NUL end names, and so does "\" on Windows.
const NOT_IN_NAME = /[/\\\0]/;

/**
 * Returns the part of the path that matches the route's wildcard, not decoded.
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
 * Splits a path into names and decodes each once. The last name is "" if the
 * path ends in a slash. Returns undefined for a path that is never served: with
 * an empty name, "." or "..", a name that `policy` refuses, or an escape that
 * is malformed, not UTF-8, needless, or a separator or NUL.
 *
 * @param tail not decoded: "css/main.css"
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

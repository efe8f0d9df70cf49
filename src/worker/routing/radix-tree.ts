/**
 * Runs per request without a static route: compares the path in place, and
 * makes slices for parameters only.
 *
 * Only one way leads from the root to a node, so a search visits each node at
 * most once: for any path, the size of the tree bounds the work.
 */
import type { ParamPattern } from "./param-pattern.ts";
import { decodedSegment } from "./path-params.ts";
import type { ParsedPattern, PatternSegment } from "./pattern.ts";
import type { Route } from "./route.ts";

const SLASH = "/";

class RadixNode {
  /** Text of the edge from the parent. */
  text: string;
  route: Route | undefined = undefined;
  /** By the first character of their texts. */
  readonly children = new Map<number, RadixNode>();
  /** Parameters with a form, such as ":id(\\d+)". */
  readonly formed: { readonly form: ParamPattern; readonly node: RadixNode }[] =
    [];
  param: RadixNode | undefined = undefined;
  wildcard: Route | undefined = undefined;

  constructor(text: string) {
    this.text = text;
  }

  get hasParams(): boolean {
    return this.param !== undefined || this.formed.length > 0;
  }
}

/** The route of a path, and the values of its names, not decoded. */
export interface RadixMatch {
  readonly route: Route;
  readonly values: readonly string[];
}

/**
 * The routes of one method. In each segment static text takes precedence over
 * `:param(form)`, then `:param`, then `*wildcard`, regardless of the order of
 * registration. The search backtracks from dead ends.
 */
export class RadixTree {
  readonly #root = new RadixNode("");

  /**
   * @param replaces whether the route may replace an earlier one
   * @returns the earlier route, if the new one does not replace it
   */
  add(route: Route, replaces: (earlier: Route) => boolean): Route | undefined {
    const { node, isWildcard } = this.#place(route.pattern);
    const earlier = isWildcard ? node.wildcard : node.route;
    if (earlier && !replaces(earlier)) return earlier;
    if (isWildcard) node.wildcard = route;
    else node.route = route;
    return undefined;
  }

  /** @param path starts with "/". @throws HttpError 400 for a bad escape */
  find(path: string): RadixMatch | undefined {
    const values: string[] = [];
    const route = walk(this.#root, { path, values }, 0);
    return route && { route, values };
  }

  #place({ segments }: ParsedPattern) {
    let node = this.#root;
    for (const segment of segments) {
      node = descendText(node, SLASH);
      if (segment.type === "wildcard") return { node, isWildcard: true };
      node = descendSegment(node, segment);
    }
    return { node, isWildcard: false };
  }
}

interface Search {
  readonly path: string;
  readonly values: string[];
}

/** Continues from a node whose text matches the path up to `at`. */
function walk(node: RadixNode, search: Search, at: number): Route | undefined {
  const { path, values } = search;
  if (at === path.length) {
    if (node.route) return node.route;
  } else {
    const child = node.children.get(path.charCodeAt(at));
    if (child && path.startsWith(child.text, at)) {
      const route = walk(child, search, at + child.text.length);
      if (route) return route;
    }
    if (node.hasParams) {
      const route = walkParams(node, search, at);
      if (route) return route;
    }
  }
  if (node.wildcard) values.push(path.slice(at));
  return node.wildcard;
}

function walkParams(
  node: RadixNode,
  search: Search,
  at: number,
): Route | undefined {
  const { path, values } = search;
  const slash = path.indexOf(SLASH, at);
  const end = slash < 0 ? path.length : slash;
  // "/users/" does not match "/users/:id".
  if (end === at) return undefined;
  const value = path.slice(at, end);
  values.push(value);
  for (const { form, node: next } of node.formed) {
    if (!form.test(decodedSegment(value))) continue;
    const route = walk(next, search, end);
    if (route) return route;
  }
  const route = node.param && walk(node.param, search, end);
  if (!route) values.pop();
  return route;
}

// --- building

function descendSegment(
  node: RadixNode,
  segment: Exclude<PatternSegment, { type: "wildcard" }>,
): RadixNode {
  if (segment.type === "static") return descendText(node, segment.text);
  const { form } = segment;
  if (!form) {
    node.param ??= new RadixNode("");
    return node.param;
  }
  const known = node.formed.find((one) => one.form.source === form.source);
  if (known) return known.node;
  const fresh = new RadixNode("");
  node.formed.push({ form, node: fresh });
  // Sorted by text: the order of registration must not matter.
  node.formed.sort((a, b) => (a.form.source < b.form.source ? -1 : 1));
  return fresh;
}

/** Returns the node for `text`, and splits nodes on the way as needed. */
function descendText(from: RadixNode, text: string): RadixNode {
  let node = from;
  let rest = text;
  while (rest !== "") {
    const child = node.children.get(rest.charCodeAt(0));
    if (!child) {
      const fresh = new RadixNode(rest);
      node.children.set(rest.charCodeAt(0), fresh);
      return fresh;
    }
    const shared = sharedLength(child.text, rest);
    node = shared === child.text.length ? child : divided(node, child, shared);
    rest = rest.slice(shared);
  }
  return node;
}

/** Inserts a node for the first `length` characters between the two. */
function divided(
  above: RadixNode,
  child: RadixNode,
  length: number,
): RadixNode {
  const between = new RadixNode(child.text.slice(0, length));
  above.children.set(between.text.charCodeAt(0), between);
  child.text = child.text.slice(length);
  between.children.set(child.text.charCodeAt(0), child);
  return between;
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

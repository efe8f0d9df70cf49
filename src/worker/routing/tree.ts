/**
 * Runs per request whose path is no static route: makes one `PathSearch` and
 * slices of the path; no regular expression, no split(), no closure.
 *
 * A search goes down to a node once at most, because only one way leads from
 * the root to it: however a path is made, the work is bounded by the number of
 * registered segments.
 */
import { Endpoint } from "./endpoint.ts";
import type { ParsedPattern, PatternSegment } from "./pattern.ts";
import type { Route } from "./route.ts";

class TreeNode {
  // A Map, so that "__proto__" and "constructor" are ordinary segments.
  readonly statics = new Map<string, TreeNode>();
  param: TreeNode | undefined = undefined;
  wildcard: Endpoint | undefined = undefined;
  endpoint: Endpoint | undefined = undefined;
}

/** What a search is for, and what it has found so far. */
class PathSearch {
  readonly method: string;
  readonly path: string;
  /** What parameters and wildcard stand for, in order, as sent. */
  readonly values: string[] = [];
  /** Places that the path leads to, but which lack the method. */
  readonly others: Endpoint[] = [];
  route: Route | undefined = undefined;

  constructor(method: string, path: string) {
    this.method = method;
    this.path = path;
  }

  /** Whether the search ends here. */
  isAt(endpoint: Endpoint | undefined): boolean {
    if (!endpoint) return false;
    this.route = endpoint.routeFor(this.method);
    if (!this.route) this.others.push(endpoint);
    return this.route !== undefined;
  }
}

/** A search that is over; `others` says something if it has no route. */
export type SearchResult = Readonly<
  Pick<PathSearch, "route" | "values" | "others">
>;

/**
 * Patterns by segment. At every segment static text comes before `:param`,
 * and that before `*wildcard`, whatever was registered first; a way that ends
 * nowhere, or at a place without the method, is walked back.
 */
export class RouteTree {
  readonly #root = new TreeNode();

  /** The place of a pattern; the same one if only its names differ. */
  endpointOf(pattern: ParsedPattern): Endpoint {
    let node = this.#root;
    for (const segment of pattern.segments) {
      if (segment.type === "wildcard") {
        node.wildcard ??= new Endpoint();
        return node.wildcard;
      }
      node = childFor(node, segment);
    }
    node.endpoint ??= new Endpoint();
    return node.endpoint;
  }

  /** @param path starts with "/" */
  search(method: string, path: string): SearchResult {
    const search = new PathSearch(method, path);
    descend(this.#root, 1, search);
    return search;
  }
}

function childFor(
  node: TreeNode,
  segment: Exclude<PatternSegment, { type: "wildcard" }>,
): TreeNode {
  if (segment.type === "param") {
    node.param ??= new TreeNode();
    return node.param;
  }
  let child = node.statics.get(segment.text);
  if (!child) {
    child = new TreeNode();
    node.statics.set(segment.text, child);
  }
  return child;
}

/** Goes on from `node` with the segment that starts at `start`. */
function descend(node: TreeNode, start: number, search: PathSearch): boolean {
  const { path, values } = search;
  const slash = path.indexOf("/", start);
  const end = slash < 0 ? path.length : slash;
  const segment = path.slice(start, end);

  const fixed = node.statics.get(segment);
  if (fixed && arrive(fixed, end, search)) return true;

  // Parameters that ask for a form, as ":id(\\d+)", would be tried here.

  // "/users/" is not "/users/:id" with an id that is empty.
  if (node.param && segment !== "") {
    values.push(segment);
    if (arrive(node.param, end, search)) return true;
    values.pop();
  }
  if (node.wildcard) {
    values.push(path.slice(start));
    if (search.isAt(node.wildcard)) return true;
    values.pop();
  }
  return false;
}

/** `node` took the segment that ends at `end`. */
function arrive(node: TreeNode, end: number, search: PathSearch): boolean {
  if (end === search.path.length) return search.isAt(node.endpoint);
  return descend(node, end + 1, search);
}

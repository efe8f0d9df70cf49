/**
 * An API as they are: 100 routes, most of them with parameters. All servers of
 * the stack make theirs of this list, and answer what it says.
 */

/** The page from which a browser asks. */
export const ORIGIN = "https://app.example";

/** By name in lower case; what all servers are told to send. */
export const SECURITY_FIELDS = {
  "content-security-policy": "default-src 'self'; frame-ancestors 'self'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "strict-origin-when-cross-origin",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
};

/** Around the groups. */
export const PREFIX = "/api/v1";

/** What middleware of the group at `PREFIX` adds. */
export const CACHE_CONTROL = "no-store";

const KINDS = [
  "users",
  "teams",
  "orders",
  "products",
  "invoices",
  "payments",
  "shipments",
  "suppliers",
  "warehouses",
  "contracts",
  "messages",
  "documents",
];

/** Outside of the groups. */
export const PAGES = ["/", "/about", "/status", "/legal/imprint"].map(
  (pattern) => route("GET", pattern, () => ({ page: pattern })),
);

/** Each at `PREFIX` and its own prefix. */
export const GROUPS = KINDS.map((kind) => ({
  prefix: `/${kind}`,
  routes: [
    route("GET", "/list", () => [1, 2, 3, 4].map((id) => item(kind, id))),
    route("GET", "/search", () => ({ kind, found: 0, items: [] })),
    route("GET", "/:id", ({ id }) => item(kind, id)),
    route("GET", "/:id/history", ({ id }) => ({ kind, id, history: [] })),
    route("GET", "/:id/parts/:part", ({ id, part }) => ({ kind, id, part })),
    route("POST", "/list", (_params, body) => ({ kind, id: 1, ...body }), 201),
    route("PUT", "/:id", ({ id }, body) => ({ kind, id, ...body })),
    route("DELETE", "/:id", () => undefined, 204),
  ],
}));

/** Whether requests to a route have a body, in JSON. */
export function hasBody({ method }) {
  return method === "POST" || method === "PUT";
}

function route(method, pattern, answer, status = 200) {
  return { method, pattern, answer, status };
}

function item(kind, id) {
  const name = `the ${kind} of that number`;
  return { kind, id, name, isActive: true, price: 12.5, tags: ["a", "b"] };
}

import type { SiteName } from "./sample-apps.ts";

/** What is sent, and how many answers come; they are compared. */
export interface SiteCase {
  readonly title: string;
  readonly bytes: string;
  readonly methods: readonly string[];
  /** Default: all of them. */
  readonly sites?: readonly SiteName[];
}

const JSON_BODY = '{"name":"wörld","list":[1,2]}';

function get(target: string, ...fields: readonly string[]): string {
  return request("GET", target, fields, "");
}

function post(target: string, type: string, body: string): string {
  return request("POST", target, [`Content-Type: ${type}`], body);
}

function request(
  method: string,
  target: string,
  fields: readonly string[],
  body: string,
): string {
  const bytes = Buffer.from(body).toString("latin1");
  const length = body === "" ? [] : [`Content-Length: ${bytes.length}`];
  const lines = [`${method} ${target} HTTP/1.1`, "Host: h", ...fields];
  return `${[...lines, ...length].join("\r\n")}\r\n\r\n${bytes}`;
}

function one(title: string, bytes: string, sites?: SiteName[]): SiteCase {
  const methods = [bytes.slice(0, bytes.indexOf(" "))];
  return sites ? { title, bytes, methods, sites } : { title, bytes, methods };
}

const FORM = "application/x-www-form-urlencoded";
const CHUNKED = [
  "Transfer-Encoding: chunked",
  "Content-Type: text/plain",
  "Trailer: X-Sum",
].join("\r\n");

const BIG_UPLOAD = "x".repeat(300_000);

export const SITE_CASES: readonly SiteCase[] = [
  one("a plain GET", get("/")),
  one("a JSON POST", post("/json", "application/json", JSON_BODY)),
  one("JSON that is none", post("/json", "application/json", "{"), [
    "Express 5",
    "Fastify 5",
  ]),
  one("an urlencoded POST", post("/form", FORM, "a=1&b=%C3%B6+x")),
  one("a streamed answer", get("/stream")),
  one("a big answer", get("/big")),
  one("an error thrown", get("/throw"), ["Express 5", "Koa 3", "Fastify 5"]),
  one("a rejection", get("/reject"), ["Express 5"]),
  one("a path that is not there", get("/missing?q=1")),
  one("a path with dot segments", get("/a/../b"), [
    "a plain listener",
    "Express 5",
    "Koa 3",
    "Fastify 5",
  ]),
  one("a method that is not usual", request("PROPFIND", "/", [], "")),
  one("OPTIONS", request("OPTIONS", "/", [], "")),
  one("several cookies", get("/cookies", "Cookie: a=1", "Cookie: b=2")),
  one("a redirect", get("/moved")),
  one("HEAD", request("HEAD", "/", [], "")),
  one("HEAD of a file", request("HEAD", "/file", [], ""), [
    "Express 5",
    "Koa 3",
    "Fastify 5",
  ]),
  one("HEAD of what is not there", request("HEAD", "/missing", [], "")),
  one(
    "a conditional GET",
    get("/", 'If-None-Match: W/"12-hXyYBpoMryePTmhOZYnt1JlItOc", "v1"'),
    ["Express 5", "Koa 3"],
  ),
  one("a file", get("/file")),
  one("a range of a file", get("/file", "Range: bytes=3-9"), ["Express 5"]),
  one("a static file", get("/static/sample-apps.ts"), ["Express 5"]),
  one("a static file that is not there", get("/static/none"), ["Express 5"]),
  one(
    "an upload in chunks with trailers",
    `POST /trailers HTTP/1.1\r\nHost: h\r\n${CHUNKED}\r\n\r\n` +
      "5\r\nhello\r\n3\r\n yo\r\n0\r\nX-Sum: 42\r\nX-More: a\r\n\r\n",
  ),
  one("writeHead() and end()", get("/head-only"), [
    "a plain listener",
    "Express 5",
    "Fastify 5",
  ]),
  one("a request piped into its answer", post("/pipe", "text/plain", "abc")),
  one("a big one", post("/pipe", "text/plain", BIG_UPLOAD)),
  one(
    "an expectation",
    request(
      "POST",
      "/pipe",
      ["Content-Type: text/plain", "Expect: 100-continue"],
      "abc",
    ),
  ),
  {
    title: "several requests on one connection",
    bytes:
      get("/") +
      post("/json", "application/json", JSON_BODY) +
      request("HEAD", "/", [], "") +
      get("/stream") +
      get("/missing"),
    methods: ["GET", "POST", "HEAD", "GET", "GET"],
  },
  {
    title: "a body that nobody reads, and a request after it",
    bytes: post("/missing", "text/x-unread", "abc") + get("/"),
    methods: ["POST", "GET"],
  },
];

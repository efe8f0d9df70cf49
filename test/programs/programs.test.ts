/**
 * Programs with the packages that most have, as their authors run them with
 * `node`: none of them knows where it runs. Their packages are in a package of
 * its own, test/programs/package.json, because they are large.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { WebSocket, WebSocketServer } from "ws";
import {
  type Daemon,
  type DaemonOptions,
  startDaemon,
  stopAllDaemons,
} from "../support/daemon.ts";
import type { LogLine } from "../support/daemon-log.ts";
import { freePort } from "../support/free-port.ts";
import { exchange } from "../support/raw-exchange.ts";
import {
  type RequestSpec,
  startStrictClient,
} from "../support/strict-client.ts";
import { waitUntil } from "../support/wait-until.ts";

const fileOf = (name: string) => path.join(import.meta.dirname, name);

/** Of their own script, because they take two minutes. */
const skip =
  process.env.PROGRAMS === "true" ? false : "they run by: npm run programs";

const WORKERS = 2;
/** Of the daemon, of its reload and of its upgrade. */
const ALL_WORKERS = 3 * WORKERS;

const HELLO: RequestSpec = {
  method: "GET",
  path: "/",
  weight: 8,
  check: ({ body }) => {
    const text = body.toString();
    return text === '{"hello":"world"}' ? undefined : text;
  },
};
const SLOW: RequestSpec = { method: "GET", path: "/slow" };
const UPLOAD: RequestSpec = {
  method: "POST",
  path: "/upload",
  body: 1024 * 1024,
  check: ({ body }) => {
    const text = body.toString();
    return text === '{"bytes":1048576}' ? undefined : text;
  },
};

after(stopAllDaemons);

interface Program {
  readonly daemon: Daemon;
  /** Without a path. */
  readonly url: string;
}

/**
 * Starts the program before the tests of this suite.
 *
 * @param given its file, or more options, when the tests begin
 */
function program(
  given: string | (() => DaemonOptions | Promise<DaemonOptions>),
): Program {
  let started: Daemon | undefined;
  before(async () => {
    const isFile = typeof given === "string";
    const { env, ...options } = isFile ? { app: fileOf(given) } : await given();
    const workers = ["--workers", String(WORKERS)];
    const drain = ["--drain-linger-ms", "3000", "--drain-pre-stop-delay-ms"];
    started = await startDaemon({
      isProgram: true,
      args: [...workers, ...drain, "0"],
      env: { PORT: "0", ...env },
      ...options,
    });
  });
  return {
    get daemon() {
      assert.ok(started);
      return started;
    },
    get url() {
      return `http://127.0.0.1:${this.daemon.port}`;
    },
  };
}

/** Reloads, upgrades and stops the program. */
async function losesNoRequest(
  program: Program,
  mix: readonly RequestSpec[],
): Promise<void> {
  await answersAllThrough(program, mix);
  await endsWell(program);
}

/** A program may be told of it, and must not break by it. */
async function refusesMalformed({ address }: Daemon): Promise<void> {
  for (const [bytes, status] of [
    ["GET / HTTP/9.9\r\n\r\n", 505],
    ["GET / HTTP/1.1\r\nHost: h\r\nno field\r\n\r\n", 400],
  ] as const) {
    const { responses } = await exchange(address, bytes, { untilClosed: true });
    assert.equal(responses[0]?.status, status);
  }
}

/** Reloads and upgrades the program. */
async function answersAllThrough(
  { daemon }: Program,
  mix: readonly RequestSpec[],
): Promise<void> {
  const { address } = daemon;
  await refusesMalformed(daemon);
  const client = startStrictClient({
    ...address,
    connections: 8,
    keepAlive: true,
    pauseMs: { min: 0, max: 100 },
    requestTimeoutMs: 15_000,
    mix,
  });
  try {
    const more = async () => {
      const answered = client.report.answered + 50;
      await waitUntil(() => client.report.answered > answered, {
        what: "more answers",
      });
    };
    await more();
    let since = daemon.logs.length;
    daemon.signal("SIGHUP");
    await daemon.waitForLog("reloaded", { since });
    await more();
    since = daemon.logs.length;
    daemon.signal("SIGUSR2");
    await daemon.waitForLog("upgraded", { since });
    await more();
  } finally {
    await client.stop();
  }
  assert.deepEqual(client.report.failures, []);
}

async function endsWell({ daemon }: Program): Promise<void> {
  await daemon.stop();
  const left = daemon.logs.filter(({ msg }) => msg === "worker left");
  assert.deepEqual(
    left.map(({ code }) => code),
    Array(ALL_WORKERS).fill(0),
  );
  assert.deepEqual(daemon.logs.filter(isTrouble), []);
  assert.equal(daemon.stderr, "");
}

/**
 * Not what comes also without us: Node deprecates what a package calls, and a
 * busy machine holds up processes.
 */
function isTrouble({ level, err, heldUpMs }: LogLine): boolean {
  const { name } = (err ?? {}) as { readonly name?: string };
  if (name === "DeprecationWarning" || heldUpMs !== undefined) return false;
  return Number(level) > 30;
}

/** How often the program wrote that. */
function timesSaid({ daemon }: Program, text: string): number {
  return daemon.logs.filter(({ role, msg }) => {
    return role === "app" && String(msg).includes(text);
  }).length;
}

/** What a WebSocket sends back. */
async function echoOf(url: string, text: string): Promise<string> {
  const socket = new WebSocket(url.replace("http:", "ws:"));
  await once(socket, "open");
  socket.send(text);
  const [answer] = await once(socket, "message");
  socket.close();
  await once(socket, "close");
  return String(answer);
}

function jsonOf(url: string, options?: RequestInit): Promise<unknown> {
  return fetch(url, options).then((response) => response.json());
}

function post(body: unknown): RequestInit {
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

/** A package of test/programs, whose types are there only if it is. */
function installed<Package>(name: string): Promise<Package> {
  return import(name);
}

describe("an Express app with helmet, sessions and multer", { skip }, () => {
  const app = program("express.js");

  test("has the header fields of helmet, and its own error page", async () => {
    const response = await fetch(`${app.url}/error`);
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("X-Frame-Options"), "SAMEORIGIN");
    assert.equal(response.headers.get("X-Powered-By"), null);
    assert.deepEqual(await response.json(), { error: "broken on purpose" });
  });

  test("receives a file of 50 MB whole", async () => {
    const bytes = randomBytes(50 * 1000 * 1000);
    const form = new FormData();
    form.append("file", new Blob([bytes]), "large.bin");
    const options = { method: "POST", body: form };
    assert.deepEqual(await jsonOf(`${app.url}/upload`, options), {
      name: "large.bin",
      size: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
  });

  test("knows a visitor by the session's cookie", async () => {
    // The sessions of this store are those of one worker.
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    let cookie = "";
    for (let views = 1; views <= 3; views++) {
      const headers = cookie === "" ? {} : { Cookie: cookie };
      const request = http.get(`${app.url}/views`, { agent, headers });
      const [response] = await once(request, "response");
      const chunks = await response.setEncoding("utf8").toArray();
      assert.deepEqual(JSON.parse(chunks.join("")), { views });
      const [field] = response.headers["set-cookie"] ?? [];
      if (views === 1) cookie = field.split(";")[0];
      else assert.equal(field, undefined);
    }
    agent.destroy();
  });

  test("sends compressed files", async () => {
    const headers = { "Accept-Encoding": "gzip" };
    const response = await fetch(`${app.url}/source`, { headers });
    assert.equal(response.headers.get("Content-Encoding"), "gzip");
    assert.match(await response.text(), /sendFile/);
  });

  test("knows the number of its instance", () => {
    assert.equal(timesSaid(app, "instance 0 listens"), 1);
    assert.equal(timesSaid(app, "instance 1 listens"), 1);
  });

  test("loses no request at a reload and an upgrade", async () => {
    const boundary = "----boundary";
    const body = [
      `--${boundary}`,
      'Content-Disposition: form-data; name="file"; filename="some.bin"',
      "Content-Type: application/octet-stream\r\n",
      "x".repeat(256 * 1024),
      `--${boundary}--\r\n`,
    ].join("\r\n");
    await losesNoRequest(app, [
      HELLO,
      SLOW,
      { method: "GET", path: "/source" },
      {
        method: "POST",
        path: "/upload",
        headers: {
          "Content-Type": `multipart/form-data; boundary=${boundary}`,
        },
        body: Buffer.from(body),
        check: ({ body }) => {
          const text = body.toString();
          return text.includes('"size":262144') ? undefined : text;
        },
      },
    ]);
  });
});

describe("a Fastify app with a WebSocket", { skip }, () => {
  const app = program("fastify.js");

  test("echoes", async () => {
    assert.equal(await echoOf(`${app.url}/echo`, "hello"), "hello");
  });

  test("says what is wrong with a body", async () => {
    const options = { ...post({}), body: "{" };
    const response = await fetch(`${app.url}/json`, options);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /FST_ERR_CTP_INVALID_JSON_BODY/);
  });

  test("loses no request at a reload and an upgrade", async () => {
    await losesNoRequest(app, [HELLO, SLOW]);
  });

  test("is closed once in each worker", () => {
    assert.equal(timesSaid(app, "fastify is closed"), ALL_WORKERS);
  });
});

describe("a Koa app", { skip }, () => {
  const app = program("koa.js");

  test("answers with streams and with errors", async () => {
    const streamed = await fetch(`${app.url}/stream`);
    const lines = (await streamed.text()).trim().split("\n").map(Number);
    assert.deepEqual(lines, Array.from(Array(100).keys()));
    assert.ok(streamed.headers.has("X-Response-Time"));
    const missing = await fetch(`${app.url}/none`);
    assert.equal(missing.status, 404);
    assert.equal(await missing.text(), "no such page");
  });

  test("loses no request at a reload and an upgrade", async () => {
    const stream = { method: "GET", path: "/stream" };
    await losesNoRequest(app, [HELLO, SLOW, UPLOAD, stream]);
  });

  test("is closed once in each worker", () => {
    assert.equal(timesSaid(app, "koa is closed"), ALL_WORKERS);
  });
});

for (const file of ["hono.js", "hono-2.js"]) {
  describe(`a Hono app on its server for Node (${file})`, { skip }, () => {
    const app = program(file);

    test("streams events", async () => {
      const response = await fetch(`${app.url}/events`);
      assert.equal(response.headers.get("Content-Type"), "text/event-stream");
      assert.equal((await response.text()).match(/^data: /gm)?.length, 5);
    });

    test("loses no request at a reload and an upgrade", async () => {
      const events = { method: "GET", path: "/events" };
      await losesNoRequest(app, [HELLO, SLOW, UPLOAD, events]);
    });
  });
}

describe("a Hono app with its helper for WebSockets", { skip }, () => {
  const app = program("hono-websocket.js");

  test("echoes", async () => {
    assert.equal(await echoOf(`${app.url}/echo`, "hello"), "hello");
    const what = "the program's event of the closed socket";
    await waitUntil(() => timesSaid(app, "a socket is closed") === 1, { what });
  });

  test("loses no request at a reload and an upgrade", async () => {
    await losesNoRequest(app, [HELLO]);
  });
});

describe("Socket.IO over WebSockets", { skip }, () => {
  const app = program("socket-io.js");

  interface Client {
    on(event: string, listener: (...args: unknown[]) => void): this;
    emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
    disconnect(): void;
    readonly id: string;
  }

  interface Package {
    readonly io: (url: string, options: object) => Client;
  }

  async function connect(token: string): Promise<Client> {
    const { io } = await installed<Package>("socket.io-client");
    const transports = ["websocket"];
    const options = { transports, auth: { token }, reconnection: false };
    const client = io(app.url, options);
    await new Promise((resolve, reject) => {
      client.on("connect", () => resolve(undefined));
      client.on("connect_error", reject);
    });
    return client;
  }

  test("echoes, and sends to a room", async () => {
    const client = await connect("secret");
    const joined = new Promise((resolve) => client.on("joined", resolve));
    assert.equal(await client.emitWithAck("echo", "hello"), "hello");
    await client.emitWithAck("join", "room");
    assert.equal(await joined, client.id);
    client.disconnect();
  });

  test("refuses who is not authorized", async () => {
    await assert.rejects(connect("guessed"), { message: "not authorized" });
  });

  test("loses no request at a reload and an upgrade", async () => {
    await losesNoRequest(app, [HELLO]);
  });

  test("is closed once in each worker", () => {
    assert.equal(timesSaid(app, "socket.io is closed"), ALL_WORKERS);
  });
});

describe("a chat of Socket.IO with long polling", { skip }, () => {
  const app = program(() => ({
    app: fileOf("socket-io-chat.js"),
    args: [
      ...["--workers", String(WORKERS), "--sticky", "query:sid"],
      ...["--drain-pre-stop-delay-ms", "0", "--drain-linger-ms", "1000"],
      ...["--drain-deadline-ms", "6000"],
    ],
  }));

  interface Client {
    on(event: string, listener: (...args: never[]) => void): this;
    emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
    disconnect(): void;
    readonly connected: boolean;
  }

  interface Package {
    readonly io: (url: string, options: object) => Client;
  }

  const clients: Client[] = [];
  /** Of the workers that serve clients. */
  const pids = new Set<number>();
  const errors: Error[] = [];
  const heard: string[] = [];

  before(async () => {
    const { io } = await installed<Package>("socket.io-client");
    for (const transports of [["polling"], ["polling", "websocket"]]) {
      for (let count = 0; count < 6; count++) {
        const client = io(app.url, {
          ...{ transports, forceNew: true, retries: 5, ackTimeout: 5_000 },
          ...{ reconnectionDelay: 50, reconnectionDelayMax: 200 },
        });
        client.on("pid", (pid: number) => pids.add(pid));
        client.on("said", (text: string) => heard.push(text));
        client.on("connect_error", (error: Error) => errors.push(error));
        clients.push(client);
      }
    }
    await areAllConnected();
  });

  after(() => {
    for (const client of clients) client.disconnect();
  });

  async function areAllConnected(): Promise<void> {
    await waitUntil(() => clients.every(({ connected }) => connected), {
      what: "all clients to be connected",
    });
  }

  /** Until then its clients do not hear those of the new master. */
  async function oldWorkersLeft(): Promise<void> {
    const left = () => {
      const lines = app.daemon.logs.filter(({ msg }) => msg === "worker left");
      return lines.length === 2 * WORKERS;
    };
    await waitUntil(left, { what: "the old workers to leave" });
  }

  async function allHear(text: string): Promise<void> {
    await clients[0]?.emitWithAck("say", text);
    await waitUntil(() => heard.filter((one) => one === text).length === 12, {
      what: `all to hear ${text}`,
    });
  }

  test("reaches all clients in all workers", async () => {
    assert.equal(pids.size, WORKERS);
    await allHear("hello");
  });

  test("loses no message at a reload and an upgrade", async () => {
    let isOver = false;
    const acknowledged = await Promise.all([
      answersAllThrough(app, [HELLO])
        .then(() => oldWorkersLeft())
        .then(() => {
          isOver = true;
          return 0;
        }),
      ...clients.map(async (client, index) => {
        let count = 0;
        while (!isOver) {
          await client.emitWithAck("say", `${index}: ${++count}`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        return count;
      }),
    ]);
    await areAllConnected();
    await allHear("still here");
    assert.deepEqual(errors, []);
    assert.ok(acknowledged.slice(1).every((count) => count > 20));
    // Clients came to the workers of all three generations.
    assert.ok(pids.size > 2 * WORKERS, `${pids.size} workers`);
  });

  test("is closed once in each worker", async () => {
    for (const client of clients) client.disconnect();
    await endsWell(app);
    assert.equal(timesSaid(app, "the chat is closed"), ALL_WORKERS);
  });
});

describe("a NestJS app", { skip }, () => {
  const app = program("nest.js");

  test("answers with what its controller returns", async () => {
    const cats = `${app.url}/cats`;
    assert.deepEqual(await jsonOf(cats), ["Tom", "Felix"]);
    assert.deepEqual(await jsonOf(`${cats}/1`), { name: "Felix" });
    const cat = { name: "Garfield" };
    assert.deepEqual(await jsonOf(cats, post(cat)), cat);
  });

  test("loses no request at a reload and an upgrade", async () => {
    await losesNoRequest(app, [
      { method: "GET", path: "/cats", weight: 8 },
      { method: "GET", path: "/cats/1" },
      { method: "GET", path: "/none", expectStatus: 404 },
    ]);
  });

  test("is told once in each worker to end", () => {
    assert.equal(timesSaid(app, "the module is destroyed"), ALL_WORKERS);
    const shutDown = "the application is shut down by SIGTERM";
    assert.equal(timesSaid(app, shutDown), ALL_WORKERS);
  });
});

describe("a GraphQL server", { skip }, () => {
  const app = program("graphql.js");

  test("answers a query", async () => {
    const query = "query ($name: String!) { hello(name: $name) }";
    const asked = post({ query, variables: { name: "Ada" } });
    assert.deepEqual(await jsonOf(`${app.url}/graphql`, asked), {
      data: { hello: "hello Ada" },
    });
  });

  test("streams a subscription", async () => {
    const query = "subscription { countdown(from: 3) }";
    const { headers, ...asked } = post({ query });
    const accept = { ...headers, Accept: "text/event-stream" };
    const options = { ...asked, headers: accept };
    const response = await fetch(`${app.url}/graphql`, options);
    const text = await response.text();
    const counts = text.matchAll(/"countdown":(\d)/g);
    assert.deepEqual([...counts].map(([, count]) => count).join(""), "3210");
  });

  test("loses no request at a reload and an upgrade", async () => {
    const query = (text: string): RequestSpec => ({
      method: "POST",
      path: "/graphql",
      headers: { "Content-Type": "application/json" },
      body: Buffer.from(JSON.stringify({ query: text })),
      check: ({ body }) => {
        const answer = body.toString();
        return answer.startsWith('{"data":') ? undefined : answer;
      },
    });
    const hello = query('{ hello(name: "Ada") }');
    const slow = query("{ slow }");
    await losesNoRequest(app, [{ ...hello, weight: 8 }, slow]);
  });
});

describe("a tRPC server", { skip }, () => {
  const app = program("trpc.js");

  interface Procedure<Input, Output> {
    query(input: Input): Promise<Output>;
    mutate(input: Input): Promise<Output>;
  }

  interface Package {
    readonly httpBatchLink: (options: { url: string }) => unknown;
    readonly createTRPCClient: (options: { links: unknown[] }) => {
      readonly hello: Procedure<{ name: string }, string>;
      readonly add: Procedure<{ text: string }, number>;
    };
  }

  test("answers its client's queries and mutations", async () => {
    const { createTRPCClient, httpBatchLink } =
      await installed<Package>("@trpc/client");
    const links = [httpBatchLink({ url: app.url })];
    const client = createTRPCClient({ links });
    const names = ["Ada", "Grace"];
    const hellos = names.map((name) => client.hello.query({ name }));
    assert.deepEqual(await Promise.all(hellos), ["hello Ada", "hello Grace"]);
    assert.equal(await client.add.mutate({ text: "note" }), 1);
  });

  test("loses no request at a reload and an upgrade", async () => {
    const input = encodeURIComponent('{"name":"Ada"}');
    await losesNoRequest(app, [
      { method: "GET", path: `/hello?input=${input}`, weight: 8 },
      SLOW,
      { method: "GET", path: "/hello", expectStatus: 400 },
    ]);
  });
});

describe("http-proxy-middleware before another server", { skip }, () => {
  const target = http.createServer((request, response) => {
    let bytes = 0;
    request.on("data", (chunk) => {
      bytes += chunk.length;
    });
    request.on("end", () => {
      const { url } = request;
      const forwarded = request.headers["x-forwarded-for"];
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ url, forwarded, bytes }));
    });
  });
  const sockets = new WebSocketServer({ server: target });
  sockets.on("connection", (socket, { url }) => {
    socket.on("message", (data) => socket.send(`${url}: ${data}`));
  });

  before(async () => {
    target.listen(0, "127.0.0.1");
    await once(target, "listening");
  });

  after(() => {
    target.close();
    target.closeAllConnections();
  });

  const app = program(() => {
    const { port } = target.address() as AddressInfo;
    const env = { TARGET: `http://127.0.0.1:${port}` };
    return { app: fileOf("reverse-proxy.js"), env };
  });

  test("passes on requests with their bodies, and the answers", async () => {
    const options = { method: "POST", body: "x".repeat(1024 * 1024) };
    const response = await fetch(`${app.url}/api/x?y`, options);
    const { forwarded, ...others } = (await response.json()) as {
      readonly forwarded: string;
    };
    assert.match(forwarded, /127\.0\.0\.1$/);
    assert.deepEqual(others, { url: "/api/x?y", bytes: 1024 * 1024 });
  });

  test("passes on WebSockets", async () => {
    const answer = await echoOf(`${app.url}/api/echo`, "hello");
    assert.equal(answer, "/api/echo: hello");
  });

  test("loses no request at a reload and an upgrade", async () => {
    await losesNoRequest(app, [
      HELLO,
      { method: "GET", path: "/api/x", weight: 4 },
      { method: "POST", path: "/api/x", body: 256 * 1024 },
    ]);
  });
});

describe("a Next.js app", { skip }, () => {
  let folder = "";

  // Beside its packages: Next.js finds none in a folder elsewhere.
  before(async () => {
    folder = mkdtempSync(fileOf("built-next-"));
    cpSync(fileOf("next"), folder, { recursive: true });
    const next = fileOf("node_modules/next/dist/bin/next");
    await promisify(execFile)(process.execPath, [next, "build", folder], {
      env: {
        ...process.env,
        NEXT_OUTPUT: "standalone",
        NEXT_TELEMETRY_DISABLED: "1",
      },
    });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Its page, a file of that page, and a route. */
  async function answers({ url }: Program): Promise<void> {
    const page = await (await fetch(url)).text();
    assert.match(page, /hello from instance (<!-- -->)?[01]/);
    const [script] = /\/_next\/static\/[^"]+\.js/.exec(page) ?? [];
    const file = await fetch(`${url}${script}`);
    assert.equal(file.status, 200);
    assert.ok((await file.text()).length > 1000);
    const options = { method: "POST", body: "x".repeat(1024 * 1024) };
    const answer = await jsonOf(`${url}/api/upload`, options);
    assert.deepEqual(answer, { bytes: 1024 * 1024 });
  }

  const MIX: readonly RequestSpec[] = [
    { ...UPLOAD, path: "/api/upload" },
    { method: "GET", path: "/none", expectStatus: 404 },
    {
      ...{ method: "GET", path: "/", weight: 8 },
      check: ({ body }) => {
        const text = body.toString();
        return text.endsWith("</html>") ? undefined : text;
      },
    },
  ];

  describe("behind a server of its own", () => {
    const app = program(() => ({ app: path.join(folder, "custom-server.js") }));

    test("answers", () => answers(app));

    test("loses no request at a reload and an upgrade", async () => {
      await losesNoRequest(app, MIX);
    });
  });

  describe("with the server that it generates", () => {
    const app = program(async () => {
      const name = path.basename(folder);
      const standalone = path.join(folder, ".next/standalone", name);
      // As its documentation says.
      const files = path.join(standalone, ".next/static");
      cpSync(path.join(folder, ".next/static"), files, { recursive: true });
      // It takes port 0 for none.
      const port = String(await freePort());
      const env = { PORT: port, HOSTNAME: "127.0.0.1" };
      return { app: path.join(standalone, "server.js"), env };
    });

    test("answers", () => answers(app));

    test("loses no request at a reload and an upgrade", async () => {
      await losesNoRequest(app, MIX);
    });
  });
});

describe("a SvelteKit app on its adapter for Node", { skip }, () => {
  let folder = "";

  // Beside its packages, as that of Next.js.
  before(async () => {
    folder = mkdtempSync(fileOf("built-sveltekit-"));
    cpSync(fileOf("sveltekit"), folder, { recursive: true });
    const vite = fileOf("node_modules/vite/bin/vite.js");
    await promisify(execFile)(process.execPath, [vite, "build"], {
      cwd: folder,
    });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  // Without a type it takes a request for one without a body.
  const BINARY = { "Content-Type": "application/octet-stream" };

  describe("as it was built", () => {
    const app = program(() => ({
      app: path.join(folder, "build/index.js"),
      env: { BODY_SIZE_LIMIT: "2M", HOST: "127.0.0.1" },
    }));

    test("answers", async () => {
      const page = await (await fetch(app.url)).text();
      assert.match(page, /hello from instance [01]/);
      const [script] = /\/_app\/immutable\/[^"]+\.js/.exec(page) ?? [];
      const file = await fetch(`${app.url}${script}`);
      assert.equal(file.status, 200);
      const answer = await jsonOf(`${app.url}/upload`, {
        ...{ method: "POST", body: "x".repeat(1024 * 1024) },
        headers: BINARY,
      });
      assert.deepEqual(answer, { bytes: 1024 * 1024 });
    });

    test("loses no request at a reload and an upgrade", async () => {
      await losesNoRequest(app, [
        { ...UPLOAD, headers: BINARY },
        {
          ...{ method: "GET", path: "/", weight: 8 },
          check: ({ body }) => {
            const text = body.toString();
            return text.includes("hello from instance") ? undefined : text;
          },
        },
      ]);
    });
  });
});

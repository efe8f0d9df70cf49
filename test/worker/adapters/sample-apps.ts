/** The same small site, made with each of the frameworks for `node:http`. */
import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { json as asJson, text as asText } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import express from "express";
import Fastify from "fastify";
import Koa from "koa";
import type { NodeListener } from "../../../src/worker/adapters/node-handler.ts";

/** What the site tells of the clients that left. */
export interface SiteLog {
  readonly events: string[];
}

export const FILE = fileURLToPath(import.meta.url);
const FOLDER = fileURLToPath(new URL(".", import.meta.url));
export const BIG_PIECES = 256;
const BIG_PIECE = "0123456789abcdef".repeat(1024);

/** 4 MiB, no faster than they are read. */
export function bigBody(): Readable {
  return Readable.from(
    (function* () {
      for (let i = 0; i < BIG_PIECES; i++) yield BIG_PIECE;
    })(),
  );
}

async function* pieces() {
  for (const piece of ["one ", "two ", "three"]) {
    yield piece;
    await turn();
  }
}

/** As its page for the error, not where it was thrown. */
function failure(): Error {
  return Object.assign(new Error("broken"), { stack: "Error: broken" });
}

function watch(
  log: SiteLog,
  request: IncomingMessage,
  response: ServerResponse,
) {
  request.on("aborted", () => log.events.push("request aborted"));
  response.on("close", () => {
    log.events.push(`response closed, ended ${response.writableEnded}`);
  });
  log.events.push("hanging");
}

async function withTrailers(request: IncomingMessage) {
  const body = await asText(request);
  const { trailers, rawTrailers } = request;
  return { body, trailers, rawTrailers };
}

async function plainApp(log: SiteLog): Promise<NodeListener> {
  const routes: Record<
    string,
    (q: IncomingMessage, s: ServerResponse) => unknown
  > = {
    "GET /": (_, response) => {
      response.setHeader("Content-Type", "application/json");
      response.end('{"hello":"wörld"}');
    },
    "POST /json": async (request, response) => {
      const got = await asJson(request);
      response.writeHead(201, "Made", { "X-Made": "1" });
      response.end(JSON.stringify({ got }));
    },
    "POST /form": async (request, response) => {
      const form = new URLSearchParams(await asText(request));
      response.end(JSON.stringify(Object.fromEntries(form)));
    },
    "GET /stream": (_, response) => Readable.from(pieces()).pipe(response),
    "GET /big": async (_, response) => {
      for await (const piece of bigBody()) {
        if (!response.write(piece)) await once(response, "drain");
      }
      response.end();
    },
    "GET /cookies": (_, response) => {
      response.setHeader("Set-Cookie", ["a=1; Path=/", "b=2"]);
      response.appendHeader("Set-Cookie", "c=3");
      response.end();
    },
    "GET /moved": (_, response) => {
      response.writeHead(302, ["Location", "/elsewhere", "X-A", "1"]).end();
    },
    "GET /file": (_, response) => createReadStream(FILE).pipe(response),
    "GET /hang": (request, response) => watch(log, request, response),
    "POST /trailers": async (request, response) => {
      response.end(JSON.stringify(await withTrailers(request)));
    },
    "GET /head-only": (_, response) => {
      response.writeHead(200, { "X-Only": "1", "Content-Length": 2 });
      response.end("ok");
    },
    "POST /pipe": (request, response) => request.pipe(response),
  };
  return async (request, response) => {
    const { method = "", url = "" } = request;
    const route = routes[`${method === "HEAD" ? "GET" : method} ${url}`];
    if (route) await route(request, response);
    else response.writeHead(404).end("nothing here");
  };
}

async function expressApp(log: SiteLog): Promise<NodeListener> {
  const app = express();
  app.set("env", "test"); // its errors are not printed
  app.post("/trailers", async (request, response) => {
    response.json(await withTrailers(request));
  });
  app.post("/pipe", (request, response) => void request.pipe(response));
  app.use(express.json());
  app.use(express.urlencoded());
  app.use("/static", express.static(FOLDER));
  app.get("/", (_, response) => void response.json({ hello: "wörld" }));
  app.post("/json", (request, response) => {
    response.status(201).json({ got: request.body });
  });
  app.post("/form", (request, response) => void response.json(request.body));
  app.get("/stream", (_, response) => {
    Readable.from(pieces()).pipe(response.type("text"));
  });
  app.get("/big", (_, response) => void bigBody().pipe(response));
  app.get("/throw", () => {
    throw failure();
  });
  app.get("/reject", async () => {
    throw failure();
  });
  app.get("/cookies", (_, response) => {
    response.cookie("a", "1").cookie("b", "2", { path: "/x" }).send("set");
  });
  app.get("/moved", (_, response) => void response.redirect("/elsewhere"));
  app.get("/file", (_, response) => void response.sendFile(FILE));
  app.get("/hang", (request, response) => watch(log, request, response));
  app.get("/head-only", (_, response) => {
    response.writeHead(200, { "X-Only": "1" }).end("ok");
  });
  return app;
}

async function koaApp(log: SiteLog): Promise<NodeListener> {
  const app = new Koa();
  app.silent = true;
  const routes: Record<string, (ctx: Koa.Context) => unknown> = {
    "GET /": (ctx) => {
      ctx.etag = "v1";
      ctx.body = { hello: "wörld" };
      if (ctx.fresh) ctx.status = 304;
    },
    "POST /json": async (ctx) => {
      ctx.status = 201;
      ctx.body = { got: await asJson(ctx.req) };
    },
    "POST /form": async (ctx) => {
      const form = new URLSearchParams(await asText(ctx.req));
      ctx.body = Object.fromEntries(form);
    },
    "GET /stream": (ctx) => {
      ctx.body = Readable.from(pieces());
    },
    "GET /big": (ctx) => {
      ctx.body = bigBody();
    },
    "GET /throw": () => {
      throw failure();
    },
    "GET /cookies": (ctx) => {
      ctx.cookies.set("a", "1");
      ctx.cookies.set("b", "2", { path: "/x" });
      ctx.body = "set";
    },
    "GET /moved": (ctx) => ctx.redirect("/elsewhere"),
    "GET /file": (ctx) => {
      ctx.type = "ts";
      ctx.body = createReadStream(FILE);
    },
    "GET /hang": (ctx) => {
      ctx.respond = false;
      watch(log, ctx.req, ctx.res);
    },
    "POST /trailers": async (ctx) => {
      ctx.body = await withTrailers(ctx.req);
    },
    "POST /pipe": (ctx) => {
      ctx.body = ctx.req;
    },
  };
  app.use(async (ctx) => {
    const method = ctx.method === "HEAD" ? "GET" : ctx.method;
    await routes[`${method} ${ctx.path}`]?.(ctx);
  });
  return app.callback();
}

async function fastifyApp(log: SiteLog): Promise<NodeListener> {
  const app = Fastify({ exposeHeadRoutes: true });
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(body as string)));
    },
  );
  app.addContentTypeParser("text/plain", (_, payload, done) => {
    done(null, payload);
  });
  app.get("/", async () => ({ hello: "wörld" }));
  app.post("/json", async (request, reply) => {
    reply.code(201);
    return { got: request.body };
  });
  app.post("/form", async (request) => request.body);
  app.get("/stream", async () => Readable.from(pieces()));
  app.get("/big", async () => bigBody());
  app.get("/throw", async () => {
    throw failure();
  });
  app.get("/cookies", async (_, reply) => {
    reply.header("Set-Cookie", "a=1").header("Set-Cookie", "b=2; Path=/x");
    return "set";
  });
  app.get("/moved", async (_, reply) => reply.redirect("/elsewhere"));
  app.get("/file", async (_, reply) => {
    return reply.type("text/x-ts").send(createReadStream(FILE));
  });
  app.get("/hang", (request, reply) => {
    reply.hijack();
    watch(log, request.raw, reply.raw);
  });
  app.post("/trailers", async (request) => withTrailers(request.raw));
  app.post("/pipe", async (request) => request.body);
  app.get("/head-only", (_, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { "X-Only": "1" }).end("ok");
  });
  await app.ready();
  return app.routing;
}

export const SITES = {
  "a plain listener": plainApp,
  "Express 5": expressApp,
  "Koa 3": koaApp,
  "Fastify 5": fastifyApp,
} as const;

export type SiteName = keyof typeof SITES;

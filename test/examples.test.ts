import assert from "node:assert/strict";
import { once } from "node:events";
import {
  copyFileSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { type Daemon, startDaemon, stopAllDaemons } from "./support/daemon.ts";
import { projectFolder } from "./support/project-folder.ts";
import { exchange } from "./support/raw-exchange.ts";
import { connect } from "./support/server-address.ts";
import { waitUntil } from "./support/wait-until.ts";

const root = path.resolve(fileURLToPath(import.meta.url), "../..");
const example = (name: string) => path.join(root, "examples", name);

after(stopAllDaemons);

interface Call {
  readonly method?: string;
  /** In ASCII. */
  readonly body?: string;
  readonly contentType?: string;
  readonly token?: string;
}

/** One request on a connection of its own. */
async function call(daemon: Daemon, target: string, options: Call = {}) {
  const { method = "GET", body, contentType, token } = options;
  const head = `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n`;
  const length = body === undefined ? "" : `Content-Length: ${body.length}\r\n`;
  const type = contentType ? `Content-Type: ${contentType}\r\n` : "";
  const auth = token ? `Authorization: Bearer ${token}\r\n` : "";
  const bytes = `${head}${length}${type}${auth}\r\n${body ?? ""}`;
  const { responses } = await exchange(daemon.address, bytes, { responses: 1 });
  const [response] = responses;
  assert.ok(response, `no response to ${method} ${target}`);
  const field = (name: string) =>
    response.fields.find(([each]) => each.toLowerCase() === name)?.[1];
  const text = response.body.toString();
  return { status: response.status, text, field };
}

async function callJson(daemon: Daemon, target: string, options?: Call) {
  const { status, text } = await call(daemon, target, options);
  return { status, json: JSON.parse(text) };
}

describe("examples", () => {
  it("each say how to start them", () => {
    const names = readdirSync(path.join(root, "examples"));
    for (const name of names.filter((each) => each.endsWith(".js"))) {
      const source = readFileSync(example(name), "utf8");
      const command = `node dist/cli.js start examples/${name}`;
      // A variable may come before it.
      const isSaid = new RegExp(`^//   (?:[A-Z_]+=\\S+ )?${command}`, "m");
      assert.match(source, isSaid, `${name} has no "${command}"`);
    }
  });
});

describe("examples/hello.js", () => {
  it("greets", async () => {
    const daemon = await startDaemon({
      app: example("hello.js"),
      args: ["--workers", "1"],
    });
    const { status, json } = await callJson(daemon, "/hello/you");
    assert.equal(status, 200);
    assert.equal(json.message, "Hello you");
    assert.deepEqual(daemon.workerPids(), [json.pid]);
    await daemon.stop();
  });

  it("greets otherwise after a reload with changed code", async (test) => {
    const folder = projectFolder(test);
    const app = path.join(folder, "app.mjs");
    copyFileSync(example("hello.js"), app);
    const daemon = await startDaemon({ cwd: folder, app: "app.mjs" });
    const before = await callJson(daemon, "/");
    assert.deepEqual(before.json, { message: "Hello World" });

    const changed = readFileSync(app, "utf8").replace("World", "fresh workers");
    writeFileSync(app, changed);
    daemon.signal("SIGHUP");
    await daemon.waitForLog("reloaded");
    const afterwards = await callJson(daemon, "/");
    assert.deepEqual(afterwards.json, { message: "Hello fresh workers" });
    await daemon.stop();
  });
});

describe("examples/json-api.js", () => {
  const token = "giddy-up";
  const notes = "/api/v1/notes";

  const start = (test: TestContext, workers: number) =>
    startDaemon({
      app: example("json-api.js"),
      args: ["--workers", String(workers)],
      env: { NOTES_FOLDER: projectFolder(test), NOTES_TOKEN: token },
    });

  it("keeps notes where every worker finds them", async (test) => {
    const daemon = await start(test, 2);
    const body = '{"text":" feed the horses "}';
    const created = await call(daemon, notes, { method: "POST", body, token });
    assert.equal(created.status, 201);
    assert.equal(created.field("cache-control"), "no-store");
    const note = JSON.parse(created.text);
    assert.deepEqual(note, {
      id: note.id,
      text: "feed the horses",
      by: "owner",
    });
    const target = `${notes}/${note.id}`;
    assert.equal(created.field("location"), target);

    // Each on a connection of its own, so the workers take turns.
    for (let i = 0; i < 4; i++) {
      const [one, all] = await Promise.all([
        callJson(daemon, target, { token }),
        callJson(daemon, `${notes}?contains=horse`, { token }),
      ]);
      assert.deepEqual([one.json, all.json], [note, [note]]);
    }
    const none = await callJson(daemon, `${notes}?contains=cow`, { token });
    assert.deepEqual(none.json, []);

    const fresh = '{"text":"rest"}';
    await call(daemon, target, { method: "PUT", body: fresh, token });
    const { json } = await callJson(daemon, target, { token });
    assert.deepEqual(json, { ...note, text: "rest" });

    const removed = await call(daemon, target, { method: "DELETE", token });
    assert.equal(removed.status, 204);
    assert.equal((await call(daemon, target, { token })).status, 404);
    await daemon.stop();
  });

  it("says what is wrong with a note", async (test) => {
    const daemon = await start(test, 1);
    const post = (body: string) =>
      callJson(daemon, notes, { method: "POST", body, token });
    assert.equal((await post("{")).status, 400);
    for (const [body, ...paths] of [
      ["[]", ""],
      ['{"txt":"x"}', "text", ""],
      ['{"text":" "}', "text"],
    ] as const) {
      const { status, json } = await post(body);
      assert.equal(status, 422);
      const wrong = json.errors.map((issue: { path: string }) => issue.path);
      assert.deepEqual(wrong, paths, body);
    }
    const query = await call(daemon, `${notes}?color=brown`, { token });
    assert.equal(query.status, 400);
    const { status } = await call(daemon, `${notes}/..%2Fsecret`, { token });
    assert.equal(status, 400);
    assert.equal(
      (await call(daemon, `${notes}/no-uuid`, { token })).status,
      404,
    );
    await daemon.stop();
  });

  it("lets nobody in without the token", async (test) => {
    const daemon = await start(test, 1);
    const stranger = await call(daemon, notes);
    assert.equal(stranger.status, 401);
    assert.match(stranger.field("www-authenticate") ?? "", /^Bearer /);
    assert.equal((await call(daemon, notes, { token: "whoa" })).status, 401);
    await daemon.stop();
  });

  it("does not start without one", async () => {
    const env = { NOTES_TOKEN: "" };
    const starting = startDaemon({ app: example("json-api.js"), env });
    await assert.rejects(starting, ({ message, cause }: Error) => {
      assert.match(
        `${message}${cause}`,
        /NOTES_TOKEN must say who may come in/,
      );
      return true;
    });
  });
});

describe("examples/sse.js", () => {
  /** The seconds of the events that come, and a way to leave. */
  async function listen({ port }: Daemon, lastEventId?: number) {
    const leaving = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/prices`, {
      headers: lastEventId ? { "Last-Event-ID": String(lastEventId) } : {},
      signal: leaving.signal,
    });
    const type = response.headers.get("content-type");
    assert.equal(type, "text/event-stream");
    async function* seconds() {
      let text = "";
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk);
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) {
          const [, id] = /^id: (\d+)$/m.exec(block) ?? [];
          if (id) yield Number(id);
        }
      }
    }
    return { seconds: seconds(), leave: () => leaving.abort() };
  }

  const start = () =>
    startDaemon({ app: example("sse.js"), args: ["--workers", "2"] });

  it("goes on where a client that comes back has stopped", async () => {
    const daemon = await start();
    const now = Math.floor(Date.now() / 1_000);
    const again = await listen(daemon, now - 4);
    const come: number[] = [];
    for await (const second of again.seconds) {
      come.push(second);
      if (come.length === 4) break;
    }
    assert.deepEqual(come, [now - 3, now - 2, now - 1, now]);

    for (const lastEventId of [now - 3_600, now + 3_600]) {
      const other = await listen(daemon, lastEventId);
      const { value = 0 } = await other.seconds.next();
      assert.ok(value >= now && value <= now + 60, `${value} after ${now}`);
      other.leave();
    }
    await daemon.stop();
  });

  it("loses no event at a reload", async () => {
    const daemon = await start();
    const before = await listen(daemon);
    const { value: first = 0 } = await before.seconds.next();
    daemon.signal("SIGHUP");
    let last = first;
    // It ends as the worker does.
    for await (const second of before.seconds) last = second;
    // As browsers do, also where it is a worker that leaves next.
    let after = await listen(daemon, last);
    let next = await after.seconds.next();
    while (next.done) {
      after = await listen(daemon, last);
      next = await after.seconds.next();
    }
    assert.equal(next.value, last + 1);
    after.leave();
    await daemon.stop();
  });
});

describe("examples/streaming.js", () => {
  it("streams in both directions, and stops when the client leaves", async () => {
    const daemon = await startDaemon({
      app: example("streaming.js"),
      args: ["--workers", "1"],
    });
    const numbers = await call(daemon, "/numbers/3");
    assert.equal(numbers.text, "1\n2\n3\n");
    assert.equal(numbers.field("transfer-encoding"), "chunked");
    assert.equal((await call(daemon, "/numbers/none")).status, 400);

    const body = "x".repeat(300_000);
    const upload = await callJson(daemon, "/upload", { method: "PUT", body });
    assert.equal(upload.json.bytes, body.length);

    const request = "GET /clock HTTP/1.1\r\nHost: localhost\r\n\r\n";
    await assert.rejects(
      exchange(daemon.address, request, { responses: 1, timeoutMs: 300 }),
      /no end after 300 ms; got .*200 OK/,
    );
    // If the endless answer did not end with its client, this would not.
    await daemon.stop();
  });
});

describe("examples/upload.js", () => {
  async function start(test: TestContext) {
    const folder = projectFolder(test);
    const daemon = await startDaemon({
      app: example("upload.js"),
      args: ["--workers", "1", "--max-body-bytes", "6000000"],
      env: { UPLOAD_FOLDER: folder },
    });
    const contentOf = (id: string) => {
      return readFileSync(path.join(folder, id), "utf8");
    };
    return { daemon, folder, contentOf };
  }

  function formOf(title: string, photo: string): Call {
    const part = (parameters: string, content: string) =>
      `--b\r\nContent-Disposition: form-data; ${parameters}\r\n\r\n${content}\r\n`;
    const body =
      part('name="title"', title) +
      part('name="photo"; filename="../horse.jpg"', photo);
    const contentType = "multipart/form-data; boundary=b";
    return { method: "POST", body: `${body}--b--`, contentType };
  }

  it("keeps the files of a form", async (test) => {
    const { daemon, contentOf } = await start(test);
    const { status, json } = await callJson(
      daemon,
      "/photos",
      formOf("Horse", "pixels"),
    );
    assert.equal(status, 201);
    const [photo] = json.photos;
    assert.equal(json.title, "Horse");
    assert.deepEqual(photo, { id: photo.id, name: "horse.jpg", bytes: 6 });
    assert.equal(contentOf(photo.id), "pixels");

    const refused = [
      [formOf(" ", "pixels"), 422, "title must be a text that is not empty"],
      [formOf("a", "x".repeat(5_000_001)), 413, 'the file "photo" over'],
      [{ method: "POST", body: "a" }, 415, "a form is multipart/form-data"],
    ] as const;
    for (const [form, wanted, detail] of refused) {
      const answer = await callJson(daemon, "/photos", form);
      assert.equal(answer.status, wanted);
      assert.ok(answer.json.detail.startsWith(detail), answer.json.detail);
    }
    await daemon.stop();
  });

  it("keeps a file as it comes, and none of which half came", async (test) => {
    const { daemon, folder, contentOf } = await start(test);
    const body = "x".repeat(5_000_000);
    const { json } = await callJson(daemon, "/files", { method: "PUT", body });
    assert.equal(json.bytes, body.length);
    assert.equal(contentOf(json.id), body);

    const head = "PUT /files HTTP/1.1\r\nHost: localhost\r\n";
    const half = `${head}Content-Length: 1000000\r\n\r\n${"x".repeat(500_000)}`;
    const isPart = (name: string) => name.endsWith(".part");
    const client = connect(daemon.address);
    client.on("error", () => {});
    client.write(half);
    const what = "the upload to begin";
    await waitUntil(() => readdirSync(folder).some(isPart), { what });
    client.destroy();
    const gone = "half of the upload to be gone";
    await waitUntil(() => !readdirSync(folder).some(isPart), { what: gone });
    await daemon.stop();
  });
});

describe("examples/websocket-chat.js", () => {
  const start = () =>
    startDaemon({
      app: example("websocket-chat.js"),
      args: ["--workers", "1"],
    });
  const urlOf = ({ port }: Daemon, name: string) =>
    `ws://127.0.0.1:${port}/chat?name=${encodeURIComponent(name)}`;

  /** A client, and what it is told: with a promise of each line. */
  async function enter(daemon: Daemon, name: string) {
    const client = new WebSocket(urlOf(daemon, name));
    const told: string[] = [];
    client.on("message", (data) => {
      const { from = "", text } = JSON.parse(String(data));
      told.push(`${from}: ${text}`);
    });
    const hears = (line: string) => {
      return waitUntil(() => told.includes(line), { what: line });
    };
    await hears(`: ${name} is here`);
    return { client, hears };
  }

  async function refusal(daemon: Daemon, name: string, origin?: string) {
    const client = new WebSocket(urlOf(daemon, name), { origin });
    client.on("error", () => {});
    const [, response] = await once(client, "unexpected-response");
    response.resume();
    client.terminate();
    return response.statusCode;
  }

  it("tells everybody what one says, and who comes and leaves", async () => {
    const daemon = await start();
    const ann = await enter(daemon, "ann");
    const bob = await enter(daemon, "böb");
    await ann.hears(": böb is here");
    bob.client.send("<b>hello</b>");
    await ann.hears("böb: <b>hello</b>");
    await bob.hears("böb: <b>hello</b>");
    bob.client.send("x".repeat(5_000));
    const [code] = await once(bob.client, "close");
    assert.equal(code, 1009);
    await ann.hears(": böb has left");
    ann.client.close();
    await once(ann.client, "close");
    await daemon.stop();
  });

  it("lets in who has a name and does not come from another site", async () => {
    const daemon = await start();
    assert.equal(await refusal(daemon, ""), 400);
    assert.equal(await refusal(daemon, "x".repeat(31)), 400);
    assert.equal(await refusal(daemon, "eve", "https://example.com"), 403);
    assert.equal(await refusal(daemon, "eve", "null"), 403);
    const { text } = await call(daemon, "/");
    assert.match(text, /new URL\("\/chat"/);
    assert.equal((await call(daemon, "/chat")).status, 426);
    await daemon.stop();
  });

  it("sends its clients to the new worker at a reload", async () => {
    const daemon = await start();
    const { client } = await enter(daemon, "ann");
    const closed = once(client, "close");
    daemon.signal("SIGHUP");
    const [code] = await closed;
    assert.equal(code, 1001);
    const again = await enter(daemon, "ann");
    again.client.send("I am back");
    await again.hears("ann: I am back");
    again.client.terminate();
    await daemon.stop();
  });
});

describe("examples/static-site.js", () => {
  it("serves pages and assets", async () => {
    const daemon = await startDaemon({
      app: example("static-site.js"),
      args: ["--workers", "1"],
    });
    const home = await call(daemon, "/");
    assert.equal(home.status, 200);
    assert.match(home.text, /<title>The remuda<\/title>/);
    assert.equal(home.field("content-type"), "text/html; charset=utf-8");
    assert.equal(home.field("cache-control"), "max-age=0");
    assert.equal((await call(daemon, "/horses/7")).text, home.text);

    const folder = await call(daemon, "/care");
    assert.equal(folder.status, 301);
    assert.equal(folder.field("location"), "./care/");
    assert.match((await call(daemon, "/care/")).text, /<title>Care/);

    const [, style = ""] =
      /rel="stylesheet" href="([^"]+)"/.exec(home.text) ?? [];
    const css = await call(daemon, style);
    assert.equal(css.field("content-type"), "text/css; charset=utf-8");
    assert.equal(css.field("cache-control"), "max-age=86400");
    const [, icon = ""] = /rel="icon" href="([^"]+)"/.exec(home.text) ?? [];
    const svg = await call(daemon, icon);
    assert.equal(svg.field("content-type"), "image/svg+xml");

    assert.equal((await call(daemon, "/assets/old.css")).status, 404);
    assert.equal((await call(daemon, "/..%2fhello.js")).status, 400);
    await daemon.stop();
  });
});

describe("examples/express-app.js", () => {
  it("serves an Express app as it is", async () => {
    const daemon = await startDaemon({
      app: example("express-app.js"),
      args: ["--workers", "1"],
    });
    const hello = await call(daemon, "/hello/you");
    assert.deepEqual(JSON.parse(hello.text), { message: "Hello you" });
    assert.equal(hello.field("x-powered-by"), "Express");
    const body = "name=horse";
    const posted = await call(daemon, "/hello", {
      method: "POST",
      body,
      contentType: "application/x-www-form-urlencoded",
    });
    assert.equal(posted.status, 303);
    assert.equal(posted.field("location"), "/hello/again");
    assert.equal(posted.field("set-cookie"), "name=horse; Path=/");
    assert.equal((await call(daemon, "/none")).status, 404);
    await daemon.stop();
  });
});

describe("examples/hono-app.js", () => {
  it("serves a Hono app as it is", async () => {
    const daemon = await startDaemon({
      app: example("hono-app.js"),
      args: ["--workers", "1"],
    });
    const { json } = await callJson(daemon, "/hello/you");
    assert.deepEqual(json, { message: "Hello you", from: "127.0.0.1" });
    const count = await call(daemon, "/count");
    assert.equal(count.text, "one\ntwo\nthree\n");
    assert.equal(count.field("transfer-encoding"), "chunked");
    assert.equal((await call(daemon, "/none")).text, "404 Not Found");
    await daemon.stop();
  });
});

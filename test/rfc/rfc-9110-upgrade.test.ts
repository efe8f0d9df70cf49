/** RFC 9110 §7.8: `Upgrade`. */
import assert from "node:assert/strict";
import { App } from "../../src/worker/app/app.ts";
import { text } from "../../src/worker/http/response-helpers.ts";
import {
  connect,
  requestOf,
  settled,
} from "../worker/http1/test-connection.ts";
import { END } from "./chunked-body.ts";
import { eachDelivery } from "./each-delivery.ts";
import { rule } from "./rule.ts";

const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
const ASKED = ["Connection: Upgrade", "Upgrade: websocket"];
const PATH = "GET /chat";

/** An app with a chat that can be upgraded to, and what the chat was given. */
function chat() {
  const heads: string[] = [];
  const app = new App();
  app.upgrade("/chat", (_request, socket, head) => {
    socket.write(SWITCHED);
    heads.push(head.toString("latin1"));
    socket.on("data", (bytes: Buffer) => {
      heads.push(bytes.toString("latin1"));
    });
  });
  app.get("/chat", async (request) => {
    await request.bytes();
    return text("page");
  });
  app.post("/chat", async (request) => text(await request.text()));
  app.get("/other", () => text("other"));
  app.prepare();
  const made = connect((request) => app.handle(request));
  return { ...made, received: () => heads.join("") };
}

const asking: [what: string, fields: string[]][] = [
  ["the usual fields", ASKED],
  ["other case", ["connection: UPGRADE", "upgrade: WebSocket"]],
  ["lists", ["Connection: keep-alive, Upgrade", "Upgrade: h2c, websocket"]],
  ["several lines", ["Upgrade: a/1,", "Connection: x", ...ASKED]],
];
for (const [what, fields] of asking) {
  const bytes = "\x81\x00GET /next HTTP/1.1\r\n\r\n";
  rule(
    "connection/upgrade",
    `RFC 9110 §7.8 gives a route all bytes behind the head: ${what}`,
    () => {
      const wire = requestOf(PATH, fields) + bytes;
      const options = { trailing: "\x00more" };
      return eachDelivery(wire, options, async ({ pieces, trailingBytes }) => {
        const { client, observer, received } = chat();
        for (const piece of pieces) client.receive(piece);
        await settled();
        assert.equal(client.sent, SWITCHED);
        assert.equal(received(), trailingBytes ? `${bytes}\x00more` : bytes);
        assert.deepEqual(observer.events, ["request", "response 101"]);
      });
    },
  );
}
rule(
  "connection/upgrade",
  "§9.3.2 takes an upgrade after the answers before it",
  async () => {
    const { client } = chat();
    const other = requestOf("GET /other");
    client.receive(other + other + requestOf(PATH, ASKED));
    await settled();
    const [first, second] = client.writes;
    assert.equal(first?.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
    assert.equal(second, SWITCHED);
  },
);

const PAGE = ["page"];
const ignored: [what: string, wire: string, bodies: string[]][] = [
  ["that no route takes", requestOf("GET /other", ASKED), ["other"]],
  [
    "to a protocol that no route takes",
    requestOf(PATH, ["Connection: Upgrade", "Upgrade: h2c"]),
    PAGE,
  ],
  ["without Connection", requestOf(PATH, ["Upgrade: websocket"]), PAGE],
  [
    "with another Connection",
    requestOf(PATH, ["Connection: no-upgrade, x", "Upgrade: websocket"]),
    PAGE,
  ],
  ["without Upgrade", requestOf(PATH, ["Connection: Upgrade"]), PAGE],
  ["to nothing", requestOf(PATH, ["Connection: Upgrade", "Upgrade: , "]), PAGE],
  ["of a POST", requestOf("POST /chat", ASKED), [""]],
  ["behind a body", requestOf("POST /chat", ASKED, "body"), ["body"]],
  ["behind the body of a GET", requestOf(PATH, ASKED, "body"), PAGE],
  [
    "behind chunks",
    `${requestOf(PATH, [...ASKED, "Transfer-Encoding: chunked"])}${END}`,
    PAGE,
  ],
  [
    "to h2c with its settings",
    requestOf(PATH, [
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
    ]),
    PAGE,
  ],
];
for (const [what, wire, bodies] of ignored) {
  rule(
    "connection/upgrade-ignored",
    `RFC 9110 §7.8 goes on with HTTP for an upgrade ${what}`,
    () => {
      const options = { trailing: requestOf("GET /other") };
      return eachDelivery(wire, options, async ({ pieces, trailingBytes }) => {
        const { client, received } = chat();
        for (const piece of pieces) client.receive(piece);
        await settled();
        const responses = client.responses();
        assert.deepEqual(
          responses.map(({ status, body }) => [status, body.toString()]),
          [...bodies, ...(trailingBytes ? ["other"] : [])].map((body) => {
            return [200, body];
          }),
        );
        assert.equal(received(), "");
        assert.equal(client.ending, undefined);
      });
    },
  );
}
rule(
  "connection/upgrade-ignored",
  "RFC 9110 §7.8 goes on with HTTP for an upgrade in 1.0",
  async () => {
    const { client, received } = chat();
    const fields = "Connection: upgrade, keep-alive\r\nUpgrade: websocket\r\n";
    client.receive(`GET /chat HTTP/1.0\r\n${fields}\r\n`.repeat(2));
    await settled();
    assert.equal(client.responses().length, 2);
    assert.equal(received(), "");
  },
);

rule(
  "connection/upgrade-required",
  "RFC 9110 §15.5.22 answers 426 where there is nothing but an upgrade",
  async () => {
    const app = new App();
    app.upgrade("/", () => assert.fail("the upgrade"));
    app.upgrade("/", () => assert.fail("it"), { protocol: "Other/2" });
    app.prepare();
    const { client } = connect((request) => app.handle(request));
    client.receive(requestOf("GET /").repeat(2));
    await settled();
    const [response, next] = client.responses();
    assert.equal(response?.status, 426);
    assert.match(response?.headers.upgrade ?? "", /websocket/i);
    assert.match(response?.headers.upgrade ?? "", /other\/2/i);
    assert.match(response?.headers.connection ?? "", /upgrade/i);
    assert.equal(next?.status, 426);
  },
);

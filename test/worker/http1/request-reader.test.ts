import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ProtocolError } from "../../../src/worker/http1/protocol-error.ts";
import {
  ParserPool,
  RequestReader,
} from "../../../src/worker/http1/request-reader.ts";
import { deliveriesOf } from "../../support/wire-cases.ts";
import { LIMITS } from "./limits.ts";

const GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const POST = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKED =
  "PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nA: 1\r\n\r\n";

let pool: ParserPool;
let reader: RequestReader;

beforeEach(() => {
  pool = new ParserPool(LIMITS);
  reader = new RequestReader(pool);
});

/** Reads as a connection does: a chunk is valid until it has been read. */
class Reading {
  readonly requests: string[] = [];
  #request = "";
  #body = "";

  receive(piece: Buffer | string): void {
    const chunk = Buffer.from(piece as Buffer);
    reader.append(chunk);
    while (this.#step());
    reader.keepUnread();
    chunk.fill("?");
  }

  #step(): boolean {
    if (this.#request === "" && !this.#beginRequest()) return false;
    reader.readBody((chunk) => {
      this.#body += chunk;
    });
    if (!reader.isBodyDone) return false;
    const trailers = [...(reader.trailers ?? [])].join(" ");
    const parts = [this.#request, this.#body, trailers];
    this.requests.push(parts.filter((part) => part !== "").join(" "));
    this.#request = "";
    this.#body = "";
    reader.endBody();
    return true;
  }

  #beginRequest(): boolean {
    const head = reader.readHead();
    if (!head) return false;
    this.#request = `${head.method} ${head.target}`;
    reader.beginBody(head.framing);
    return true;
  }
}

describe("requests in a row", () => {
  test("§9.3.2 are found wherever the bytes are cut", () => {
    const wire = GET + POST + CHUNKED + POST + CHUNKED + GET + GET;
    const expected = [
      "GET /a",
      "POST /b hello",
      "PUT /c abcde a,1",
      "POST /b hello",
      "PUT /c abcde a,1",
      "GET /a",
      "GET /a",
    ];
    const options = { trailing: "", randomSplits: 200 };
    for (const { name, pieces } of deliveriesOf(wire, options)) {
      reader = new RequestReader(pool);
      const reading = new Reading();
      for (const piece of pieces) reading.receive(piece);
      assert.deepEqual(reading.requests, expected, name);
      assert.equal(reader.unreadBytes, 0);
    }
  });

  test("§2.2 may have empty lines between them", () => {
    for (const { name, pieces } of deliveriesOf(`${POST}\r\n${GET}`)) {
      reader = new RequestReader(pool);
      const reading = new Reading();
      for (const piece of pieces) reading.receive(piece);
      const own = reading.requests.slice(0, 2);
      assert.deepEqual(own, ["POST /b hello", "GET /a"], name);
    }
  });

  test("§2.2 have the limits of a head each", () => {
    const wire = `GET /${"a".repeat(8_000)} HTTP/1.1\r\nHost: h\r\n\r\n`;
    const reading = new Reading();
    reading.receive(wire.repeat(20));
    assert.equal(reading.requests.length, 20);
  });
});

describe("a reader", () => {
  test("knows whether a head has begun", () => {
    const reading = new Reading();
    assert.equal(reader.isInHead, false);
    for (const [piece, isInHead] of [
      ["\r", false],
      ["\n\r\n", false],
      ["G", true],
      ["ET /a HTTP/1.1\r\n", true],
      ["Host: h\r\n\r", true],
      ["\n", false],
      [`${POST}P`, true],
      ["OST", true],
    ] as const) {
      reading.receive(piece);
      assert.equal(reader.isInHead, isInHead, JSON.stringify(piece));
    }
  });

  test("knows how much it has not read", () => {
    reader.append(Buffer.from(GET + GET));
    assert.equal(reader.unreadBytes, 2 * GET.length);
    reader.readHead();
    assert.equal(reader.unreadBytes, GET.length);
    reader.append(Buffer.from("GET"));
    assert.equal(reader.unreadBytes, GET.length + 3);
    reader.readHead();
    assert.equal(reader.readHead(), undefined);
    assert.equal(reader.unreadBytes, 3);
  });

  test("knows how much of a body is to come", () => {
    reader.append(Buffer.from(POST.slice(0, -3)));
    assert.equal(reader.bodyRemainingBytes, 0);
    reader.beginBody(reader.readHead()?.framing ?? 0);
    assert.equal(reader.bodyRemainingBytes, 5);
    reader.readBody(() => {});
    assert.equal(reader.bodyRemainingBytes, 3);
    assert.equal(reader.isBodyDone, false);
  });

  test("§6.3 takes nothing of a body for a request", () => {
    const inner = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    const length = `Content-Length: ${inner.length}`;
    const reading = new Reading();
    reading.receive(`POST /b HTTP/1.1\r\nHost: h\r\n${length}\r\n\r\n`);
    reading.receive(inner + GET);
    assert.deepEqual(reading.requests, [`POST /b ${inner}`, "GET /a"]);
  });

  test("RFC 9110 §15.5.14 refuses a length over the limit", () => {
    const beginBody = () => reader.beginBody(LIMITS.maxBodyBytes + 1);
    assert.throws(beginBody, { status: 413, reason: "body_too_large" });
  });
});

describe("a head that comes byte by byte", () => {
  const HEAD_BYTES = 16_000;
  const HEADS = 20;
  const long = "x".repeat(HEAD_BYTES);
  const shortLines = "A: 1\r\n".repeat(90);
  const wires = {
    "a long name": `GET / HTTP/1.1\r\nHost: h\r\n${long}: 1\r\n\r\n`,
    "a long value": `GET / HTTP/1.1\r\nHost: h\r\nA: ${long}\r\n\r\n`,
    "many fields": `GET / HTTP/1.1\r\nHost: h\r\n${shortLines}\r\n`,
    "a long target": `GET /${"x".repeat(8_000)} HTTP/1.1\r\nHost: h\r\n\r\n`,
    "long trailers": CHUNKED.replace("A: 1", `A: ${long}`),
  };
  for (const [name, wire] of Object.entries(wires)) {
    // Copying all that has come with each byte costs 4 µs; this, 0.1 to 0.3.
    test(`§3 costs less than 2 µs for each byte, with ${name}`, () => {
      const pieces = Array.from(wire, (byte) => Buffer.from(byte));
      const bytes = HEADS * pieces.length;
      const before = process.cpuUsage();
      for (let head = 0; head < HEADS; head++) {
        const reading = new Reading();
        for (const piece of pieces) reading.receive(piece);
        assert.equal(reading.requests.length, 1);
      }
      const { user, system } = process.cpuUsage(before);
      assert.ok((user + system) / bytes < 2, `${(user + system) / bytes} µs`);
    });
  }
});

describe("parsers that connections share", () => {
  test("forget the head that was refused", () => {
    for (const bad of ["GET / HTTP/1.1\r\nHost: h\r\nA : 1", "G@T", "\r\r"]) {
      const broken = new RequestReader(pool);
      broken.append(Buffer.from(bad));
      assert.throws(() => broken.readHead(), ProtocolError);
      broken.close();
      const reading = new Reading();
      reading.receive(GET + GET);
      assert.deepEqual(reading.requests, ["GET /a", "GET /a"]);
    }
  });

  test("forget the fields of the head before", () => {
    const reading = new Reading();
    reading.receive(CHUNKED + POST);
    reading.receive("GET /d HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    reader.append(Buffer.from(GET));
    const head = reader.readHead();
    assert.equal(head?.framing, 0);
    assert.equal(head?.httpVersion, "1.1");
    reader.append(Buffer.from("GET /e HTTP/1.1\r\n\r\n"));
    assert.throws(() => reader.readHead(), { reason: "host" });
  });

  test("are not shared while a head is not whole", () => {
    const readers = [1, 2, 3].map(() => new RequestReader(pool));
    for (const byte of Buffer.from(GET)) {
      const heads = readers.map((each, index) => {
        each.append(Buffer.of(byte));
        const head = each.readHead();
        if (head) each.append(Buffer.from("GET /".slice(0, index)));
        return head?.target;
      });
      assert.ok(heads.every((head) => head === heads[0]));
    }
    assert.deepEqual(
      readers.map((each) => each.unreadBytes),
      [0, 1, 2],
    );
  });

  test("are not given back by a connection that ends within a head", () => {
    reader.append(Buffer.from("GET /x HTTP/1.1\r\nHost: x\r\nContent-Le"));
    reader.readHead();
    reader.close();
    assert.equal(reader.isInHead, false);
    assert.equal(reader.unreadBytes, 0);
    const next = new RequestReader(pool);
    next.append(Buffer.from(GET));
    assert.equal(next.readHead()?.headers.size, 1);
  });
});

describe("what a reader has read", () => {
  /** Whether the bytes that `read` is given are free once it returned. */
  async function isReleased(read: (chunk: Buffer) => void): Promise<boolean> {
    setFlagsFromString("--expose-gc");
    const collectGarbage: () => void = runInNewContext("gc");
    const reference = (() => {
      const chunk = Buffer.from(new ArrayBuffer(1_048_576)).fill("x");
      read(chunk);
      return new WeakRef(chunk.buffer);
    })();
    await nextTurn(); // a WeakRef holds until the turn ends
    collectGarbage();
    return reference.deref() === undefined;
  }

  test("is released: an idle connection holds nothing", async () => {
    const released = await isReleased((chunk) => {
      chunk.write(GET, chunk.length - GET.length);
      reader.append(chunk.subarray(chunk.length - GET.length));
      assert.ok(reader.readHead());
    });
    assert.ok(released);
    assert.equal(reader.unreadBytes, 0);
  });

  test("is released before the rest of a head has come", async () => {
    const released = await isReleased((chunk) => {
      reader.beginBody(chunk.length - 3);
      chunk.write("GET", chunk.length - 3);
      reader.append(chunk);
      reader.readBody(() => {});
      reader.endBody();
      assert.equal(reader.readHead(), undefined);
      reader.keepUnread();
    });
    assert.ok(released);
    assert.equal(reader.unreadBytes, 3);
  });

  test("is released when the connection closes", async () => {
    const released = await isReleased((chunk) => {
      reader.append(chunk);
      reader.close();
    });
    assert.ok(released);
  });
});

/** RFC 9112 §7.1: chunks. */
import assert from "node:assert/strict";
import { text } from "../../src/worker/http/response-helpers.ts";
import { cutInTwo } from "../support/wire-cases.ts";
import { connect, settled } from "../worker/http1/test-connection.ts";
import { accepts } from "./accepts.ts";
import { chunked, END } from "./chunked-body.ts";
import { KeepingHandler } from "./handled.ts";
import { refuses } from "./refuses.ts";
import { rule } from "./rule.ts";

// --- bodies

const bodies: [title: string, chunks: string, body: string][] = [
  ["may be empty", END, ""],
  ["is put together", `3\r\nabc\r\n2\r\nde\r\n${END}`, "abcde"],
  [
    "may have chunks of a byte",
    `${"1\r\nx\r\n".repeat(50)}${END}`,
    "x".repeat(50),
  ],
  ["may hold CRLF", `4\r\n\r\n\r\n\r\n${END}`, "\r\n\r\n"],
  ["may hold what looks like its end", `5\r\n${END}\r\n${END}`, END],
  [
    "may hold what looks like chunks",
    `8\r\n1\r\na\r\n0\r\r\n${END}`,
    "1\r\na\r\n0\r",
  ],
  ["may hold any byte", `4\r\n\x00\x80\xff\n\r\n${END}`, "\x00\x80\xff\n"],
  [
    "may have a long chunk",
    `1000\r\n${"x".repeat(4096)}\r\n${END}`,
    "x".repeat(4096),
  ],
];
for (const [title, chunks, body] of bodies) {
  accepts("framing/chunked", `§7.1 a body ${title}`, chunked(chunks), {
    body,
    trailers: [],
  });
}

rule("framing/chunked", "§7.1 a body may be cut anywhere", async () => {
  const wire = chunked("5;a=b\r\nhello\r\n1;c\r\n!\r\n0;d\r\nA: 1\r\n\r\n");
  const cuts = cutInTwo(wire);
  for (const pieces of cuts) {
    const handler = new KeepingHandler();
    const { client } = connect(handler.handle);
    for (const piece of pieces) {
      client.receive(piece);
      await settled();
    }
    const [request] = handler.requests;
    assert.equal(request?.body, "hello!");
    assert.deepEqual(request?.trailers, ["A: 1"]);
  }
});

rule("framing/chunked", "§7.1 a body ends with its last LF", async () => {
  const handler = new KeepingHandler();
  const { client } = connect(handler.handle);
  const wire = chunked(`3\r\nabc\r\n${END}`);
  for (const byte of wire.slice(0, -1)) client.receive(byte);
  await settled();
  assert.equal(client.sent, "");
  client.receive("\n");
  await settled();
  assert.equal(handler.requests[0]?.body, "abc");
});

rule(
  "framing/chunked",
  "§7.1 a body is the handler's piece by piece",
  async () => {
    const pieces: string[] = [];
    const { client } = connect(async (request) => {
      for await (const piece of request.body) pieces.push(piece.toString());
      return text("read");
    });
    const steps: [sent: string, pieces: string[]][] = [
      [chunked("5\r\nab"), ["ab"]],
      ["cde\r\n", ["ab", "cde"]],
      ["2\r\nfg\r\n0\r\n", ["ab", "cde", "fg"]],
    ];
    for (const [sent, expected] of steps) {
      client.receive(sent);
      await settled();
      assert.deepEqual(pieces, expected);
    }
    assert.equal(client.sent, "");
    client.receive("\r\n");
    await settled();
    assert.equal(client.responses().length, 1);
  },
);

// --- sizes

const sizes: [size: string, bytes: number][] = [
  ["a", 10],
  ["A", 10],
  ["1f", 31],
  ["1F", 31],
  ["fF", 255],
  ["0003", 3],
  ["0000000000000003", 3],
  ["00000000000000Aa", 170],
];
for (const [size, bytes] of sizes) {
  const body = "x".repeat(bytes);
  accepts(
    "framing/chunk-size",
    `§7.1 has ${bytes} bytes in a chunk of size ${size}`,
    chunked(`${size}\r\n${body}\r\n${END}`),
    { body },
  );
}
for (const zeros of [2, 15, 16]) {
  accepts(
    "framing/chunk-size",
    `§7.1 ends a body with ${zeros} zeros`,
    chunked(`1\r\na\r\n${"0".repeat(zeros)}\r\n\r\n`),
    { body: "a" },
  );
}

const badSizes = [
  "",
  " ",
  " 3",
  "3 ",
  "\t3",
  "3\t",
  "+3",
  "-3",
  "-0",
  "0x3",
  "0X3",
  "x3",
  "3h",
  "3L",
  "g",
  "1_0",
  "3.0",
  "3,3",
  "3 3",
  "3=",
  "%33",
  "\x003",
  "3\x00",
  "\x0b3",
  "3\x0c",
  "\xb2",
  "3\xa0",
  '"3"',
  "abc ",
  "20000000000000",
  "FFFFFFFFFFFFFFFF",
  "10000000000000003",
  "100000000000000000000003",
  "00000000000000003",
];
for (const size of badSizes) {
  refuses(
    "framing/chunk-size-syntax",
    `§7.1 refuses a size of ${JSON.stringify(size)}`,
    chunked(`${size}\r\nabc\r\n${END}`),
    { isInBody: true },
  );
}
for (const size of ["-1", "0x1", " 1", "1 ", "g", "", "\n1", "\r\n1"]) {
  refuses(
    "framing/chunk-size-syntax",
    `§7.1 refuses ${JSON.stringify(size)} behind a good chunk`,
    chunked(`1\r\na\r\n${size}\r\nb\r\n${END}`),
    { isInBody: true },
  );
}
for (const size of [" 0", "0 ", "-0", "+0", "0x0", "00000000000000000"]) {
  refuses(
    "framing/chunk-size-syntax",
    `§7.1 refuses ${JSON.stringify(size)} for the last size`,
    chunked(`1\r\na\r\n${size}\r\n\r\n`),
    { isInBody: true },
  );
}
refuses(
  "framing/chunk-size-syntax",
  "§7.1 refuses a size that never ends",
  chunked("0".repeat(1_000)),
  { isInBody: true },
);

// --- line ends

const lineEnds: [what: string, chunks: string][] = [
  ["a LF after a size", `3\nabc\r\n${END}`],
  ["a CR after a size", `3\rabc\r\n${END}`],
  ["CR CR LF after a size", `3\r\r\nabc\r\n${END}`],
  ["LF CR after a size", `3\n\rabc\r\n${END}`],
  ["a LF after data", `3\r\nabc\n${END}`],
  ["a CR after data", `3\r\nabc\r${END}`],
  ["CR CR LF after data", `3\r\nabc\r\r\n${END}`],
  ["a LF after an extension", `3;a\nabc\r\n${END}`],
  ["a CR after an extension", `3;a\rabc\r\n${END}`],
  ["CR CR LF after an extension", `3;a\r\r\nabc\r\n${END}`],
  ["a LF after the last size", "0\n\r\n"],
  ["LF LF after the last size", "0\n\n"],
  ["a CR after the last size", "0\r\r\n"],
];
for (const [what, chunks] of lineEnds) {
  const wire = chunked(chunks);
  const options = { isInBody: true };
  refuses("framing/chunk-line-end", `§7.1 refuses ${what}`, wire, options);
}

const wrongData: [what: string, chunks: string][] = [
  ["nothing after data", `3\r\nabc${END}`],
  ["a byte more than the size", `3\r\nabcd\r\n${END}`],
  ["other bytes after data", `3\r\nabcXX${END}`],
  ["a byte less than the size", `3\r\nab\r\n${END}`],
  ["an empty line after data", `3\r\nabc\r\n\r\n${END}`],
];
for (const [what, chunks] of wrongData) {
  const wire = chunked(chunks);
  const options = { isInBody: true };
  refuses("framing/chunk-data", `§7.1 refuses ${what}`, wire, options);
}

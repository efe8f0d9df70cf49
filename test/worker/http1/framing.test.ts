import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { itAccepts, itRefuses, parseHead } from "./parsed-head.ts";

const post = (lines: string, version = "HTTP/1.1") => {
  return `POST / ${version}\r\nHost: h\r\n${lines}\r\n`;
};

const LARGEST = String(Number.MAX_SAFE_INTEGER);

describe("the length of a request's body", () => {
  const fine: [title: string, head: string, framing: number | "chunked"][] = [
    ["§6.3 is 0 without a framing field", post(""), 0],
    ["§6.2 is said by Content-Length", post("Content-Length: 42\r\n"), 42],
    ["§6.2 may be 0", post("Content-Length: 0\r\n"), 0],
    ["§6.2 may have zeros before it", post("Content-Length: 007\r\n"), 7],
    ["§6.2 may have blanks around it", post("content-length:\t7 \r\n"), 7],
    ["§6.2 is said in 1.0 too", post("Content-Length: 7\r\n", "HTTP/1.0"), 7],
    [
      "§6.2 may be any safe integer",
      post(`Content-Length: ${LARGEST}\r\n`),
      Number.MAX_SAFE_INTEGER,
    ],
    [
      "§6.1 comes with the chunks",
      post("Transfer-Encoding: chunked\r\n"),
      "chunked",
    ],
    [
      "§6.1 knows chunked in any case",
      post("transfer-encoding: \tCHUNKED \r\n"),
      "chunked",
    ],
    [
      "§6.3 is said for GET too",
      `GET ${post("Content-Length: 3\r\n").slice(5)}`,
      3,
    ],
  ];
  for (const [title, head, framing] of fine) {
    itAccepts(title, head, (parsed) => assert.equal(parsed.framing, framing));
  }
});

describe("Content-Length", () => {
  const refused = [
    "",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x10",
    "1_000",
    "1 1",
    "1,1",
    "1, 1",
    "5;",
    "\xb2",
    "a",
    "9007199254740992",
    "18446744073709551617",
  ];
  for (const value of refused) {
    const head = post(`Content-Length: ${value}\r\n`);
    const title = `§6.3 ${JSON.stringify(value)} is refused`;
    itRefuses(title, head, "400 framing");
  }
  const twice: [title: string, lines: string][] = [
    ["twice", "Content-Length: 1\r\nContent-Length: 2\r\n"],
    ["twice and equal", "Content-Length: 1\r\nContent-Length: 1\r\n"],
    ["twice, and other case", "Content-Length: 1\r\nCONTENT-length: 1\r\n"],
    ["twice, the first empty", "Content-Length:\r\nContent-Length: 1\r\n"],
  ];
  for (const [title, lines] of twice) {
    itRefuses(`§6.3 ${title} is refused`, post(lines), "400 framing");
  }
});

describe("Transfer-Encoding", () => {
  const values: [value: string, status: number][] = [
    ["", 400],
    [",", 400],
    ["chunked,", 400],
    [",chunked", 400],
    ["chunked, chunked", 400],
    ["chunked, gzip, chunked", 400],
    ["chunked, identity", 400],
    ["identity", 400],
    ["gzip", 400],
    ["xchunked", 400],
    ["chunkedx", 400],
    ["chunked;q=1", 400],
    ["chunked ;a", 400],
    ['"chunked"', 400],
    ["'chunked'", 400],
    ["chunked\xa0", 400],
    ["\xa0chunked", 400],
    ["chun ked", 400],
    ["gzip, chunked", 501],
    ["identity, chunked", 501],
    ["x-unknown,chunked", 501],
  ];
  for (const [value, status] of values) {
    itRefuses(
      `§6.1 ${JSON.stringify(value)} gets ${status}`,
      post(`Transfer-Encoding: ${value}\r\n`),
      `${status} framing`,
    );
  }
  for (const [name, byte] of [
    ["VT", "\x0b"],
    ["FF", "\x0c"],
  ]) {
    const head = post(`Transfer-Encoding: ${byte}chunked\r\n`);
    itRefuses(`§6.1 with ${name} is refused`, head, "400 field");
  }

  const chunked = "Transfer-Encoding: chunked\r\n";
  const heads: [title: string, head: string, status: number][] = [
    ["§6.1 in 1.0", post(chunked, "HTTP/1.0"), 400],
    [
      "§6.1 in 1.0 with keep-alive",
      post(`Connection: keep-alive\r\n${chunked}`, "HTTP/1.0"),
      400,
    ],
    [
      "§6.1 before Content-Length",
      post(`${chunked}Content-Length: 3\r\n`),
      400,
    ],
    ["§6.1 after Content-Length", post(`Content-Length: 3\r\n${chunked}`), 400],
    [
      "§6.1 with an empty Content-Length",
      post(`Content-Length:\r\n${chunked}`),
      400,
    ],
    ["§6.1 chunked in two lines", post(chunked + chunked), 400],
    [
      "§6.1 chunked before another line",
      post(`${chunked}Transfer-Encoding: gzip\r\n`),
      400,
    ],
    [
      "§6.1 a coding in a line before",
      post(`Transfer-Encoding: gzip\r\n${chunked}`),
      501,
    ],
    [
      "§6.1 an empty line before",
      post(`Transfer-Encoding:\r\n${chunked}`),
      400,
    ],
  ];
  for (const [title, head, status] of heads) {
    itRefuses(`${title} gets ${status}`, head, `${status} framing`);
  }

  test("§6.1 with a head full of blanks is refused as fast", () => {
    const value = `gzip${" ".repeat(16_000)}x`;
    const head = Buffer.from(post(`Transfer-Encoding: ${value}\r\n`));
    const startedAt = performance.now();
    for (let count = 0; count < 100; count++) {
      assert.equal(parseHead([head]), "400 framing");
    }
    // Less than a tenth of that, unless blanks are looked at again and again.
    assert.ok(performance.now() - startedAt < 2_000);
  });
});

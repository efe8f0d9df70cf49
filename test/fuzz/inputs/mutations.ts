import fc from "fast-check";

/** A change of bytes, as text in Latin-1. */
export type Mutation = (wire: string) => string;

/** What means something somewhere, or nearly does. */
const PIECES = [
  ...'\r\n\0\t :;,="\\/?#@[]{}()<>+-_.0159afFxX\x7f\x80\x85\xa0\xff',
  "\r\n",
  "\r\n\r\n",
  "\n\n",
  "\n\r",
  "\r\r\n",
  "\r\n ",
  " \r\n",
  "0\r\n\r\n",
  "0\r\n",
  "\r\n0",
  "5\r\nhello\r\n",
  ";a=b",
  ';a="\\"',
  "chunked",
  ", chunked",
  ",",
  "gzip, ",
  "identity",
  "close",
  "keep-alive",
  "100-continue",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/2.0",
  " HTTP/1.1\r\n",
  "http://h",
  "https://u@h/",
  "*",
  "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
  "POST /smuggled HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n",
  "x".repeat(20),
  "9".repeat(17),
  "0".repeat(17),
];

const FIELD_LINES = [
  "Content-Length: 0",
  "Content-Length: 5",
  "Content-Length: +5",
  "Content-Length: 5, 5",
  "Content-Length:",
  "Content-Length : 5",
  "Content-Length: 9007199254740992",
  "content_length: 5",
  "Transfer-Encoding: chunked",
  "transfer-encoding:\tChunked\t",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding:",
  "Transfer-Encoding: chunked;q=1",
  "Transfer-Encoding: \x0bchunked",
  "Transfer-Encoding: chunked\xa0",
  "Transfer_Encoding: chunked",
  " Transfer-Encoding: chunked",
  "Host: h",
  "Host: a, b",
  "Host: u@h",
  "Host: h:99999",
  "Host:",
  "Connection: close",
  "Connection: close\xa0",
  "Connection: Keep-Alive, x",
  "Connection: upgrade",
  "Upgrade: websocket",
  "Expect: 100-continue",
  "Expect: 200-ok",
  "X: a\0b",
  "X: \xff\xa0",
  " folded",
  ": nameless",
  "no colon",
];

const at = fc.nat(10_000);
const piece = fc.constantFrom(...PIECES);
const byte = fc.nat(255).map((code) => String.fromCharCode(code));

const splice = (wire: string, from: number, to: number, put: string) =>
  wire.slice(0, from) + put + wire.slice(to);

/** `count` lines, from a line on, replaced. */
function changeLines(
  wire: string,
  index: number,
  change: (line: string, all: readonly string[]) => readonly string[],
): string {
  const lines = wire.split("\r\n");
  const line = index % lines.length;
  lines.splice(line, 1, ...change(lines[line] as string, lines));
  return lines.join("\r\n");
}

/** Changes one of the places that match. */
function changeMatch(
  wire: string,
  pattern: RegExp,
  index: number,
  change: (match: string) => string,
): string {
  const matches = [...wire.matchAll(pattern)];
  const match = matches[index % (matches.length || 1)];
  if (!match) return wire;
  const put = change(match[0]);
  return splice(wire, match.index, match.index + match[0].length, put);
}

const setByte = fc.tuple(at, fc.oneof(byte, piece)).map(([place, put]) => {
  return (wire: string) => {
    const from = place % (wire.length || 1);
    return splice(wire, from, from + 1, put);
  };
});
const flipBit = fc.tuple(at, fc.nat(7)).map(([place, bit]) => {
  return (wire: string) => {
    const from = place % (wire.length || 1);
    const code = wire.charCodeAt(from) ^ (1 << bit);
    return splice(wire, from, from + 1, String.fromCharCode(code & 0xff));
  };
});
const insert = fc.tuple(at, fc.oneof(piece, byte)).map(([place, put]) => {
  return (wire: string) => {
    const from = place % (wire.length + 1);
    return splice(wire, from, from, put);
  };
});
const remove = fc.tuple(at, fc.integer({ min: 1, max: 20 })).map((given) => {
  const [place, count] = given;
  return (wire: string) => {
    const from = place % (wire.length || 1);
    return splice(wire, from, from + count, "");
  };
});
const duplicate = fc.tuple(at, fc.integer({ min: 1, max: 80 })).map((given) => {
  const [place, count] = given;
  return (wire: string) => {
    const from = place % (wire.length || 1);
    return splice(wire, from, from, wire.slice(from, from + count));
  };
});
const cutOff = at.map((place) => (wire: string) => {
  return wire.slice(0, place % (wire.length + 1));
});
const duplicateLine = at.map((index) => (wire: string) => {
  return changeLines(wire, index, (line) => [line, line]);
});
const removeLine = at.map((index) => (wire: string) => {
  return changeLines(wire, index, () => []);
});
const copyLine = fc.tuple(at, at).map(([index, from]) => (wire: string) => {
  return changeLines(wire, index, (line, all) => {
    return [line, all[from % all.length] as string];
  });
});
const addLine = fc
  .tuple(at, fc.constantFrom(...FIELD_LINES))
  .map(([index, added]) => (wire: string) => {
    return changeLines(wire, index, (line) => [line, added]);
  });
/** Most of what is refused is in a head: a field line goes into one. */
const addField = fc
  .tuple(at, fc.constantFrom(...FIELD_LINES))
  .map(([index, added]) => (wire: string) => {
    return changeMatch(wire, /HTTP\/\d\.\d\r\n/g, index, (end) => {
      return `${end}${added}\r\n`;
    });
  });
const lineEnd = fc
  .tuple(at, fc.constantFrom("\n", "\r", "\r\r\n", "\n\r", "", "\r\n\t", "\0"))
  .map(([index, put]) => (wire: string) => {
    return changeMatch(wire, /\r\n/g, index, () => put);
  });
const SIZES: readonly ((size: string) => string)[] = [
  (size) => String(Number(size) + 1),
  (size) => String(Number(size) - 1),
  (size) => `+${size}`,
  (size) => `-${size}`,
  (size) => `0x${size}`,
  (size) => `0${size}`,
  (size) => `${size} `,
  (size) => ` ${size}`,
  (size) => `${size}.0`,
  (size) => `${size}_0`,
  (size) => `${size}, ${size}`,
  (size) => `${size}${"0".repeat(16)}`,
  (size) => `${"0".repeat(16)}${size}`,
  () => "",
  () => "0",
];
const changeSize = fc
  .tuple(at, fc.constantFrom(...SIZES))
  .map(([index, change]) => (wire: string) => {
    return changeMatch(wire, /[\da-f]+(?=[;\r])/g, index, change);
  });
const changeCase = at.map((index) => (wire: string) => {
  return changeMatch(wire, /[A-Za-z]+/g, index, (word) => {
    const upper = word.toUpperCase();
    return word === upper ? word.toLowerCase() : upper;
  });
});
const repeatMuch = fc
  .tuple(at, fc.constantFrom("a", "X: y\r\n", ";a", "\r\n", "\t"))
  .chain(([place, put]) => {
    return fc.constantFrom(10, 64, 120, 1_000, 17_000).map((length) => {
      return (wire: string) => {
        const from = place % (wire.length + 1);
        return splice(wire, from, from, put.repeat(length / put.length));
      };
    });
  });

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  setByte,
  flipBit,
  insert,
  remove,
  duplicate,
  cutOff,
  duplicateLine,
  removeLine,
  copyLine,
  addLine,
  addField,
  addField,
  lineEnd,
  changeSize,
  changeCase,
  repeatMuch,
);

/** Tokens of the grammar in any order, for what no mutation comes to. */
export const soup: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      piece,
      fc.constantFrom(...FIELD_LINES).map((line) => `${line}\r\n`),
      fc.constantFrom("GET ", "POST ", "/", "/a?b ", "HTTP/1.1\r\n"),
      fc.constantFrom("POST / HTTP/1.1\r\nHost: h\r\n"),
      fc.constantFrom("Transfer-Encoding: chunked\r\n\r\n"),
    ),
    { maxLength: 14, size: "max" },
  )
  .map((pieces) => pieces.join(""));

export const garbage: fc.Arbitrary<string> = fc.string({
  unit: byte,
  maxLength: 60,
  size: "max",
});

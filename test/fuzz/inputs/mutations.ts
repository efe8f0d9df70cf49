import fc from "fast-check";
import {
  EXTENSIONS,
  FIELD_LINES,
  METHODS,
  PIECES,
  TARGETS,
} from "./suspects.ts";

/** A change of bytes; text is Latin-1. */
export type Mutation = (wire: string) => string;

const at = fc.nat(10_000);
const piece = fc.constantFrom(...PIECES);
const byte = fc.nat(255).map((code) => String.fromCharCode(code));

const splice = (wire: string, from: number, to: number, put: string) =>
  wire.slice(0, from) + put + wire.slice(to);

/** Replaces `count` lines from a given line. */
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

/**
 * Changes one match. A pattern states what precedes a match; otherwise it would
 * scan a long run of bytes from each offset.
 */
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
/** Inserts a field line, because most faults that are refused are in heads. */
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
    return changeMatch(wire, /(?<![\da-f])[\da-f]+(?=[;\r])/g, index, change);
  });
const addExtension = fc
  .tuple(at, fc.constantFrom(...EXTENSIONS))
  .map(([index, extension]) => (wire: string) => {
    return changeMatch(wire, /(?<=\n)[\da-f]+(?=[;\r])/g, index, (size) => {
      return `${size}${extension}`;
    });
  });
const changeTarget = fc
  .tuple(at, fc.constantFrom(...TARGETS))
  .map(([index, target]) => (wire: string) => {
    return changeMatch(wire, /(?<= )\S*(?= HTTP)/g, index, () => target);
  });
const changeMethod = fc
  .tuple(at, fc.constantFrom(...METHODS))
  .map(([index, method]) => (wire: string) => {
    return changeMatch(wire, /(?<=^|\n)\S*(?= \S+ HTTP)/g, index, () => method);
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

/** A mutation that ignores the meaning of the bytes. */
export const byteMutation: fc.Arbitrary<Mutation> = fc.oneof(
  setByte,
  flipBit,
  insert,
  remove,
  duplicate,
  cutOff,
  changeCase,
);

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
  addExtension,
  changeTarget,
  changeMethod,
  changeCase,
  repeatMuch,
);

/** Grammar tokens in any order, for inputs that mutations do not reach. */
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

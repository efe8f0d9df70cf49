import fc from "fast-check";
import { byteMutation, garbage } from "./mutations.ts";

/** A form body and the boundary in its Content-Type. */
export interface FormWire {
  readonly boundary: string;
  /** Text in Latin-1. */
  readonly wire: string;
}

const BOUNDARIES = ["b", "b-b", "--", "a b", "-".repeat(70), "WebKit0aZ"];

const boundary = fc.constantFrom(...BOUNDARIES);

const NAMES = [
  "name",
  '"a"',
  '"a b"',
  '""',
  '"a%22%0D%0a%41"',
  '"a\\"b"',
  '"\xc3\xa9"',
  '"\xff"',
  '"C:\\dir\\x"',
  '"../.."',
  '"\xef\xbb\xbfx"',
  '"__proto__"',
  `"${"n".repeat(9)}"`,
  '"a',
];
const TYPES = [
  "text/plain",
  "image/PNG",
  "text/plain; charset=UTF-8",
  'text/plain; charset="\\uTF8"',
  "text/plain;charset=latin1",
  "text/plain; charset=a; charset=b",
  "",
  "\xe9",
];
const FIELDS = [
  "X: y",
  "X:",
  "X : y",
  ": y",
  " folded",
  "\tfolded",
  "bad",
  "X: a\nb",
  "X: a\rb",
  "X: \0",
  'Content-Disposition: form-data; name="z"',
  "content-disposition: attachment; name=z",
  "Content-Disposition: form-data;\r\n name=z",
  "Content-Disposition: FORM-DATA ; name=z ;; x=y; ",
  "Content-Disposition: form-data; name=z; filename*=utf-8''a",
  "Content-Disposition: form-data",
  "Content-Disposition: form-datas; name=z",
  "Content-Transfer-Encoding: base64",
  "Content-Transfer-Encoding: 8BIT",
];
const CONTENTS = [
  "",
  "x",
  "\r",
  "\n",
  "\r\n",
  "\r\n-",
  "\r\n--",
  "\r\r\n--",
  "--",
  "\r\n\r\n",
  "\xc3\xa9",
  "\xc3",
  "\xef\xbb\xbfx",
  "\xff\x00",
  "123456789",
];

const disposition = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.option(fc.constantFrom(...NAMES), { nil: undefined }),
  )
  .map(([name, filename]) => {
    const file = filename === undefined ? "" : `; filename=${filename}`;
    return `Content-Disposition: form-data; name=${name}${file}`;
  });

const fieldLine = fc.oneof(
  fc.constantFrom(...FIELDS),
  fc.constantFrom(...TYPES).map((type) => `Content-Type: ${type}`),
);

const head = fc.oneof(
  { weight: 6, arbitrary: disposition.map((line) => [line]) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(disposition, fieldLine)
      .map(([line, field]) => [line, field]),
  },
  { weight: 1, arbitrary: fc.array(fieldLine, { maxLength: 3 }) },
);

const content = fc
  .array(fc.oneof(fc.constantFrom(...CONTENTS), garbage), { maxLength: 3 })
  .map((pieces) => pieces.join(""));

const padding = fc.oneof(
  { weight: 8, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.constantFrom(" ", "\t ", "  ") },
);

const part = fc.tuple(head, content, padding);

const around = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.constantFrom("\r\n", "text\r\n", "a--b\r\n") },
);

const madeForm: fc.Arbitrary<FormWire> = fc
  .record({
    boundary,
    parts: fc.array(part, { maxLength: 4 }),
    before: around,
    behind: fc.oneof(padding, around, fc.constantFrom("\r\n--b\r\n", "\r")),
  })
  .map(({ boundary, parts, before, behind }) => {
    const line = `--${boundary}`;
    const inside = parts.map(([head, content, blanks]) => {
      const lines = head.map((field) => `${field}\r\n`).join("");
      return `${line}${blanks}\r\n${lines}\r\n${content}\r\n`;
    });
    const wire = `${before}${inside.join("")}${line}--${behind}`;
    return { boundary, wire };
  });

/** Inserts a string with a syntactic meaning in forms, at any offset. */
const insertion = fc
  .tuple(
    fc.nat(10_000),
    fc.constantFrom("\r\n", "\r", "\n", "--", "-", " ", "\r\n\r\n", ":", '"'),
  )
  .map(([place, put]) => (wire: string) => {
    const at = place % (wire.length + 1);
    return wire.slice(0, at) + put + wire.slice(at);
  });

/** Inserts a boundary at any offset, whole or in part. */
const delimiterAt = fc
  .tuple(fc.nat(10_000), fc.nat(80), fc.constantFrom("", "\r\n", "--"))
  .map(([place, length, behind]) => ({ boundary, wire }: FormWire) => {
    const at = place % (wire.length + 1);
    const put = `\r\n--${boundary}`.slice(0, length + 1) + behind;
    return { boundary, wire: wire.slice(0, at) + put + wire.slice(at) };
  });

const longAt = fc
  .tuple(fc.nat(10_000), fc.constantFrom("a", "\r\n", "\r\n ", "X: y\r\n", "-"))
  .map(([place, put]) => (wire: string) => {
    const at = place % (wire.length + 1);
    return wire.slice(0, at) + put.repeat(4_200 / put.length) + wire.slice(at);
  });

const bytewise = fc
  .oneof(
    { weight: 4, arbitrary: byteMutation },
    { weight: 4, arbitrary: insertion },
    { weight: 1, arbitrary: longAt },
  )
  .map((change) => ({ boundary, wire }: FormWire) => {
    return { boundary, wire: change(wire) };
  });

const changes = fc.array(fc.oneof(bytewise, delimiterAt), {
  minLength: 1,
  maxLength: 4,
});

const mutatedForm = fc.tuple(madeForm, changes).map(([form, all]) => {
  return all.reduce((changed, change) => change(changed), form);
});

/** Tokens of the syntax in any order. */
const soup: fc.Arbitrary<FormWire> = fc
  .array(
    fc.oneof(
      fc.constantFrom("--b", "--b\r\n", "\r\n--b", "--b--", "\r\n", "-", "\r"),
      fieldLine.map((line) => `${line}\r\n`),
      fc.constant("Content-Disposition: form-data; name=a\r\n\r\n"),
      fc.constantFrom(...CONTENTS),
    ),
    { maxLength: 12, size: "max" },
  )
  .map((pieces) => ({ boundary: "b", wire: `--b\r\n${pieces.join("")}` }));

const noise = fc.tuple(boundary, garbage).map(([boundary, wire]) => {
  return { boundary, wire };
});

/** Valid, nearly valid and invalid forms. */
export const anyForm: fc.Arbitrary<FormWire> = fc.oneof(
  { weight: 30, arbitrary: madeForm },
  { weight: 60, arbitrary: mutatedForm },
  { weight: 20, arbitrary: soup },
  { weight: 3, arbitrary: noise },
);

/** RFC 9112 §5: field lines. */
import { accepts } from "./accepts.ts";
import { refuses } from "./refuses.ts";

function withFields(lines: string): string {
  return `GET / HTTP/1.1\r\nHost: h\r\n${lines}\r\n`;
}

/** A head of so many bytes. */
function headOf(bytes: number): string {
  const empty = withFields("A: \r\n");
  return withFields(`A: ${"a".repeat(bytes - empty.length)}\r\n`);
}

function keeps(
  id: Parameters<typeof accepts>[0],
  title: string,
  lines: string,
  fields: readonly string[],
): void {
  accepts(id, title, withFields(lines), { fields: ["Host: h", ...fields] });
}

const kept: [title: string, lines: string, fields: string[]][] = [
  ["§5.1 needs no space after the colon", "A:1\r\n", ["A: 1"]],
  ["§5.1 drops blanks around a value", "A: \t 1 \t \r\n", ["A: 1"]],
  ["§5.1 keeps blanks within a value", "A: 1 \t 2\r\n", ["A: 1 \t 2"]],
  ["§5 lets a value be empty", "A:\r\nB: \r\nC:\t\r\n", ["A: ", "B: ", "C: "]],
  ["§5 lets a value hold colons", "A: b:c::d\r\n", ["A: b:c::d"]],
  ["§5 lets a value begin with a colon", "A::b\r\n", ["A: :b"]],
  ["§5 lets a value hold quotes", 'A: "b, \\"c"\r\n', ['A: "b, \\"c"']],
  [
    "§5 lets any token be a name",
    "!#$%&'*+-.^_`|~09Az: 1\r\n",
    ["!#$%&'*+-.^_`|~09Az: 1"],
  ],
];
for (const [title, lines, fields] of kept) {
  keeps("fields/well-formed", title, lines, fields);
}

keeps(
  "fields/obs-text",
  "§5 leaves obs-text as it is",
  "A: \x80\xc3\xa9\xff\r\n",
  ["A: \x80\xc3\xa9\xff"],
);
keeps(
  "fields/obs-text",
  "§5.1 drops no NEL and no no-break space",
  "A: \x85a\xa0\r\n",
  ["A: \x85a\xa0"],
);

const ordinaryNames = ["__proto__", "constructor", "toString", "valueOf"];
for (const name of ordinaryNames) {
  keeps(
    "fields/ordinary-names",
    `§5.1 has ${name} as an ordinary name`,
    `${name}: a\r\n${name}: b\r\n`,
    [`${name}: a`, `${name}: b`],
  );
}

accepts(
  "fields/underscores",
  "§5.1 does not take an underscore for a hyphen",
  withFields("Content_Length: 5\r\nTransfer_Encoding: chunked\r\n"),
  { body: "" },
);
refuses(
  "fields/host-missing",
  "§5.1 does not take another name for Host",
  "GET / HTTP/1.1\r\nH\x6fst_: h\r\n\r\n",
);

keeps(
  "fields/repeated",
  "§5 keeps the order of lines",
  "B: 1\r\nA: 2\r\nb: 3\r\n",
  ["B: 1", "A: 2", "b: 3"],
);
keeps(
  "fields/repeated",
  "RFC 6265 §3 keeps each Set-Cookie and Cookie",
  "Set-Cookie: a\r\nCookie: c\r\nSet-Cookie: b\r\nCookie: d\r\n",
  ["Set-Cookie: a", "Cookie: c", "Set-Cookie: b", "Cookie: d"],
);

// --- what is no field

const lineEnds: [what: string, lines: string][] = [
  ["a LF at the end", "A: 1\nB: 2\r\n"],
  ["a LF as all of the end", "A: 1\n\n"],
  ["a CR at the end", "A: 1\rB: 2\r\n"],
  ["CR CR LF at the end", "A: 1\r\r\n"],
  ["a LF in the name", "A\n: 1\r\n"],
  ["a CR in the name", "A\r: 1\r\n"],
  ["a LF after the colon", "A:\n1\r\n"],
  ["a CR after the colon", "A:\r1\r\n"],
  ["a LF for the empty line", "A: 1\r\n\nB: 2\r\n"],
  ["a CR for the empty line", "A: 1\r\n\rB: 2\r\n"],
  ["a field hidden behind a LF", "A: 1\nTransfer-Encoding: chunked\r\n"],
  ["a field hidden behind a CR", "A: 1\rTransfer-Encoding: chunked\r\n"],
];
for (const [what, lines] of lineEnds) {
  refuses("fields/line-end", `§2.2 refuses ${what}`, withFields(lines));
}
refuses(
  "fields/line-end",
  "§2.2 refuses a LF after Host",
  "GET / HTTP/1.1\r\nHost: h\n\r\n",
);

for (const name of ["A", "Host", "Content-Length", "Transfer-Encoding"]) {
  refuses(
    "fields/blank-before-colon",
    `§5.1 refuses a blank between ${name} and its colon`,
    [" ", "\t", " \t "].map((blank) => withFields(`${name}${blank}: 1\r\n`)),
  );
}

for (const [what, blank] of [
  ["a space", " "],
  ["a TAB", "\t"],
] as const) {
  refuses(
    "fields/leading-blank",
    `§2.2 refuses ${what} before the first field`,
    `GET / HTTP/1.1\r\n${blank}Host: h\r\n\r\n`,
  );
  refuses(
    "fields/leading-blank",
    `§2.2 refuses ${what} where there is no field`,
    `GET / HTTP/1.1\r\n${blank}\r\n\r\n`,
  );
  refuses(
    "fields/folding",
    `§5.2 refuses a line folded by ${what}`,
    withFields(`A: 1\r\n${blank}2\r\n`),
  );
  refuses(
    "fields/folding",
    `§5.2 refuses a line folded to nothing by ${what}`,
    withFields(`A: 1\r\n${blank}\r\n`),
  );
}
refuses(
  "fields/folding",
  "§5.2 refuses a folded Transfer-Encoding",
  withFields("Transfer-Encoding:\r\n chunked\r\n"),
);

const names: [what: string, lines: string][] = [
  ["no colon", "A\r\n"],
  ["no name", ": 1\r\n"],
  ["a colon alone", ":\r\n"],
  ["a space in the name", "A B: 1\r\n"],
  ["obs-text in the name", "\xe9: 1\r\n"],
  ["a no-break space in the name", "Content-Length\xa0: 1\r\n"],
  ["a NUL in the name", "A\x00: 1\r\n"],
  ["a VT in the name", "A\x0b: 1\r\n"],
  ["DEL in the name", "A\x7f: 1\r\n"],
  ["a second request line", "GET / HTTP/1.1\r\n"],
];
for (const [what, lines] of names) {
  refuses("fields/name-syntax", `§5 refuses ${what}`, withFields(lines));
}
for (const byte of '"(),/;<=>?@[\\]{}') {
  refuses(
    "fields/name-syntax",
    `§5 refuses ${JSON.stringify(byte)} in a name`,
    withFields(`A${byte}B: 1\r\n`),
  );
}

// LF and CR end a line, or what should have been one.
const controls = [...Array(32).keys(), 0x7f].filter((code) => {
  return code !== 0x09 && code !== 0x0a && code !== 0x0d;
});
for (const code of controls) {
  const hex = code.toString(16).padStart(2, "0");
  const byte = String.fromCharCode(code);
  refuses(
    "fields/value-characters",
    `RFC 9110 §5.5 refuses 0x${hex} in a value`,
    withFields(`A: a${byte}b\r\n`),
  );
}
for (const [where, value] of [
  ["before a value", "\x00a"],
  ["after a value", "a\x00"],
  ["as a value", "\x00"],
] as const) {
  refuses(
    "fields/value-characters",
    `RFC 9110 §5.5 refuses a NUL ${where}`,
    withFields(`A: ${value}\r\n`),
  );
}

// --- the size of a head

accepts(
  "fields/limits",
  "RFC 9110 §5.4 takes a head of exactly its limit",
  headOf(16_384),
  {},
  { randomSplits: 1 },
);
accepts(
  "fields/limits",
  "RFC 9110 §5.4 takes as many fields as are allowed",
  withFields("A: 1\r\n".repeat(99)),
  { fields: ["Host: h", ...Array<string>(99).fill("A: 1")] },
);
accepts(
  "fields/limits",
  "RFC 9110 §5.4 counts each head of a pipeline for itself",
  headOf(40),
  {},
  { limits: { maxHeadBytes: 40, maxFields: 2 } },
);
accepts(
  "fields/limits",
  "RFC 9110 §5.4 counts no empty lines before a head",
  `\r\n\r\n${headOf(64)}`,
  {},
  { limits: { maxHeadBytes: 64, maxRequestLineBytes: 64 } },
);

refuses(
  "fields/too-large",
  "RFC 6585 §5 refuses a head of a byte more than 16 KiB",
  headOf(16_385),
  { randomSplits: 1 },
);
const start = "GET / HTTP/1.1\r\n";
const tooLarge: [what: string, wire: string][] = [
  ["a head of a byte more than its limit", headOf(65)],
  ["a larger head before its end", headOf(68).slice(0, -4)],
  ["an endless name", start + "a".repeat(64)],
  ["an endless value", `${start}A: ${"a".repeat(64)}`],
  ["endless blanks", `${start}A:${" ".repeat(64)}`],
];
for (const [what, wire] of tooLarge) {
  const options = { limits: { maxHeadBytes: 64 } };
  refuses("fields/too-large", `RFC 6585 §5 refuses ${what}`, wire, options);
}
refuses(
  "fields/too-many",
  "RFC 6585 §5 refuses one field more than are allowed",
  withFields("A: 1\r\n".repeat(100)),
);
refuses(
  "fields/too-many",
  "RFC 6585 §5 counts empty fields too",
  withFields("A:\r\nB:\r\nC:\r\n"),
  { limits: { maxFields: 3 } },
);

/** RFC 9112 §7.1.1: chunk extensions. */
import { accepts } from "./accepts.ts";
import { chunked, END } from "./chunked-body.ts";
import { refuses } from "./refuses.ts";

const inFirst = (extension: string) => `3${extension}\r\nabc\r\n${END}`;
const inAll = (extension: string) => {
  return `3${extension}\r\nabc\r\n0${extension}\r\n\r\n`;
};
const inLast = (extension: string) => `3\r\nabc\r\n0${extension}\r\n\r\n`;

const valid = [
  ";a",
  ";a=b",
  ";a=b;c=d",
  ";a;b;c",
  ';a="b"',
  ';a=""',
  ';a="b;c=d, e"',
  ';a="\\""',
  ';a="\\\\"',
  ';a="\\a"',
  ';a="\t \xe9"',
  ';a="0"',
  "; a",
  ";\ta",
  ";a = b",
  ";a\t=\tb",
  ';a = "b" ; c',
  ";a ;b",
  " ;a",
  "\t;a",
  " \t ;a=b \t; c",
  ";!#$%&'*+-.^_`|~=~",
];
for (const extension of valid) {
  accepts(
    "framing/chunk-extension",
    `§7.1.1 reads over ${JSON.stringify(extension)}`,
    chunked(inAll(extension)),
    { body: "abc", trailers: [] },
  );
}

const invalid = [
  ";",
  "; ",
  ";;",
  ";a;",
  ";a;;b",
  ";=b",
  ";a=",
  ";a= ",
  ";a==b",
  ";a=b=c",
  ";a ",
  ";a=b ",
  ';a="b" ',
  ";a b",
  ";a=b c",
  ';a="',
  ';a="b',
  ';a="b"c',
  ';a="b\\"',
  ';a=b"c"',
  ';"a"=b',
  ";a,b",
  ";a=b,c",
  ";a/b",
  ";\xe9",
  ";a=\xe9",
  ";a\x00",
  ";\x00",
  ";a=\x00",
  ';a="\x00"',
  ';a="\\\x00"',
  ';a="\x7f"',
  ';a="\x0b"',
  ";a\x0b",
  ";a\xa0",
  " a",
  " ;",
  " ;a ",
  " =a",
  " \xa0;a",
];
for (const extension of invalid) {
  refuses(
    "framing/chunk-extension-syntax",
    `§7.1.1 refuses ${JSON.stringify(extension)}`,
    chunked(inFirst(extension)),
    { isInBody: true },
  );
}
for (const extension of [";", ";a=", ';a="b', ";\x00"]) {
  refuses(
    "framing/chunk-extension-syntax",
    `§7.1.1 refuses ${JSON.stringify(extension)} after the last size`,
    chunked(inLast(extension)),
    { isInBody: true },
  );
}

const lineEnds = [
  ";a\nb",
  ";a\rb",
  ";\n",
  ";a=\n",
  ";a=\r\n",
  ";a\n",
  ';a="\n"',
  ';a="\r"',
  ';a="\r\n"',
  ';a="\\\r\n"',
  ';a="b"\n',
  ";a=b\n",
];
for (const extension of lineEnds) {
  refuses(
    "framing/chunk-extension-line-end",
    `§7.1.1 refuses ${JSON.stringify(extension)}`,
    chunked(inFirst(extension)),
    { isInBody: true },
  );
}

// --- their size

const limits = { maxChunkExtensionBytes: 10 };
const small = { limits, isInBody: true };
accepts(
  "framing/chunk-extension",
  "§7.1.1 reads over as much as the limit allows",
  chunked(`1;abcd\r\nx\r\n1;efgh\r\ny\r\n${END}`),
  { body: "xy" },
  { limits },
);
accepts(
  "framing/chunk-extension",
  "§7.1.1 counts the extensions of each body for itself",
  chunked(`1;abcdefghi\r\nx\r\n${END}`),
  { body: "x" },
  { limits },
);
refuses(
  "framing/chunk-extensions-size",
  "§7.1.1 counts the extensions of a body together",
  chunked(`1;abcd\r\nx\r\n1;efgh\r\ny\r\n0;\r\n\r\n`),
  small,
);
refuses(
  "framing/chunk-extensions-size",
  "§7.1.1 does not wait for the end of an extension",
  chunked("1;abcdefghij"),
  small,
);
refuses(
  "framing/chunk-extensions-size",
  "§7.1.1 counts blanks in extensions too",
  chunked(`1;${" ".repeat(10)}`),
  small,
);
refuses(
  "framing/chunk-extensions-size",
  "CVE-2024-22019 refuses many small extensions",
  chunked("1;a=bc\r\nx\r\n".repeat(3_500)),
  { isInBody: true, randomSplits: 1 },
);
refuses(
  "framing/chunk-extensions-size",
  "CVE-2024-22019 refuses one large extension",
  chunked(`1;a="${"b".repeat(16_384)}"\r\nx\r\n${END}`),
  { isInBody: true, randomSplits: 1 },
);

import { describe } from "node:test";
import { itDecodes, itRefusesBody } from "./decoded-body.ts";

const body = (extension: string) => `3${extension}\r\nabc\r\n0\r\n\r\n`;

describe("a chunk extension", () => {
  const fine = [
    ";a",
    ";a=b",
    ";a=b;c=d",
    ";a;b;c",
    ';a="b"',
    ';a=""',
    ';a="b;c=d"',
    ';a="\\""',
    ';a="\\\\"',
    ';a="\t \xe9"',
    "; a",
    ";\ta",
    ";a = b",
    ';a = "b" ; c',
    ";a ;b",
    ";!#$%&'*+-.^_`|~=~",
  ];
  for (const extension of fine) {
    const title = `§7.1.1 ${JSON.stringify(extension)} is read over`;
    itDecodes(title, body(extension), "abc");
  }
  itDecodes("§7.1.1 may follow the last size", "0;a=b\r\n\r\n", "");

  const refused = [
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
    ";a=\x00",
    ';a="\x00"',
    ';a="\\\x00"',
    ';a="\x7f"',
    ";a\x0b",
    " a",
  ];
  for (const extension of refused) {
    const title = `§7.1.1 ${JSON.stringify(extension)} is refused`;
    itRefusesBody(title, body(extension), "400 chunk");
  }
});

describe("the extensions of a body", () => {
  const limits = { maxChunkExtensionBytes: 10 };
  const tooLarge = "431 chunk_extensions_too_large";
  itDecodes(
    "§7.1.1 at their limit are fine",
    `1;abcd\r\nx\r\n1;efgh\r\ny\r\n0\r\n\r\n`,
    "xy",
    { limits },
  );
  itRefusesBody(
    "§7.1.1 are counted together",
    "1;abcd\r\nx\r\n1;efgh\r\ny\r\n0;\r\n\r\n",
    tooLarge,
    { limits },
  );
  itRefusesBody(
    "§7.1.1 are counted before they end",
    "1;abcdefghij",
    tooLarge,
    { limits },
  );
  itRefusesBody("§7.1.1 may be forbidden", "1;a\r\nx\r\n", tooLarge, {
    limits: { maxChunkExtensionBytes: 0 },
  });
  itRefusesBody(
    "§7.1.1 over 16 KiB get 431",
    `1;a="${"b".repeat(16_384)}"\r\nx\r\n0\r\n\r\n`,
    tooLarge,
  );
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RequestBody } from "../../../../src/worker/http/body/request-body.ts";
import type { FormDataOptions } from "../../../../src/worker/http/forms/form-limits.ts";
import {
  HttpError,
  RequestAborted,
} from "../../../../src/worker/http/http-error.ts";
import { HttpRequest } from "../../../../src/worker/http/http-request.ts";

const MULTIPART = "multipart/form-data; boundary=b";
const URLENCODED = "application/x-www-form-urlencoded";

function requestOf(contentType: string | undefined, body: string | Uint8Array) {
  const headers = contentType ? { "Content-Type": contentType } : {};
  return new HttpRequest({ method: "POST", headers, body });
}

/** A part with these lines as its head. */
function part(head: string | string[], content = "x"): string {
  const lines = [head].flat().map((line) => `${line}\r\n`);
  return `--b\r\n${lines.join("")}\r\n${content}\r\n`;
}

const named = (parameters: string) =>
  `Content-Disposition: form-data; ${parameters}`;
const end = "--b--\r\n";

function formOf(body: string, options?: FormDataOptions): Promise<FormData> {
  return requestOf(MULTIPART, body).formData(options);
}

/** Entries with files as [name, type, content]. */
async function entriesOf(form: FormData) {
  const entries: [string, string | [string, string, string]][] = [];
  for (const [name, value] of form) {
    if (typeof value === "string") entries.push([name, value]);
    else entries.push([name, [value.name, value.type, await value.text()]]);
  }
  return entries;
}

function refusal(status: number, detail: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof HttpError, String(error));
    assert.equal(error.status, status, error.message);
    assert.match(error.message, detail);
    return true;
  };
}

/** A body that comes in pieces of so many bytes. */
function inPieces(bytes: Buffer, size: number): RequestBody {
  const body = new RequestBody();
  for (let at = 0; at < bytes.length; at += size) {
    body.push(bytes.subarray(at, at + size));
  }
  body.end();
  return body;
}

describe("a form of texts and files", () => {
  const content =
    part(named('name="title"'), "Röß\r\n-\r\n--x\r\n") +
    part(named('name="empty"'), "") +
    part([named('name="a"; filename="1.png"'), "Content-Type: image/PNG"]) +
    part(named('name="title"'), "again") +
    part(named('name="a"; filename=""'), "") +
    end;
  const expected = [
    ["title", "Röß\r\n-\r\n--x\r\n"],
    ["empty", ""],
    ["a", ["1.png", "image/png", "x"]],
    ["title", "again"],
    ["a", ["", "text/plain", ""]],
  ];

  it("RFC 7578 §5.2 keeps order and repeated names", async () => {
    const form = await formOf(content);
    assert.ok(form instanceof FormData);
    assert.ok(form.get("a") instanceof File);
    assert.deepEqual(await entriesOf(form), expected);
    assert.deepEqual(form.getAll("title"), [expected[0]?.[1], "again"]);
  });

  it("RFC 2046 §5.1.1 is the same however its bytes are cut", async () => {
    const bytes = Buffer.from(`preamble\r\n${content}epilogue\r\n--b\r\n`);
    const headers = { "Content-Type": MULTIPART };
    for (let size = 1; size <= bytes.length; size++) {
      const body = inPieces(bytes, size);
      const form = await new HttpRequest({ headers, body }).formData();
      assert.deepEqual(await entriesOf(form), expected, `pieces of ${size}`);
    }
  });

  it("gives its bytes as they are", async () => {
    const sent = Buffer.alloc(300_000, Buffer.from([0, 255, 13, 10, 45, 45]));
    const head = part(named('name="f"; filename="f"'), "").slice(0, -2);
    const bytes = Buffer.concat([
      Buffer.from(head),
      sent,
      Buffer.from(`\r\n${end}`),
    ]);
    const form = await requestOf(MULTIPART, bytes).formData();
    const file = form.get("f");
    assert.ok(file instanceof File);
    assert.ok(sent.equals(Buffer.from(await file.arrayBuffer())));
  });

  it("may be empty", async () => {
    assert.deepEqual([...(await formOf(end))], []);
  });

  it("is what Fetch makes of it, whatever is in it", async () => {
    const name = fc.string({ unit: "grapheme", maxLength: 20 });
    const file = fc.record({
      name: fc.string({ unit: "grapheme", maxLength: 20 }),
      type: fc.constantFrom("", "text/plain", "image/png"),
      content: fc.uint8Array({ maxLength: 200 }),
    });
    const value = fc.oneof(fc.string({ unit: "grapheme" }), file);
    const entries = fc.array(fc.tuple(name, value), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 99 }), sameAsFetch),
      { numRuns: 150 },
    );
  });

  type Entry = [
    string,
    string | { name: string; type: string; content: Uint8Array },
  ];

  async function sameAsFetch(entries: Entry[], size: number): Promise<void> {
    const sent = new FormData();
    for (const [given, value] of entries) {
      // Here a backslash may escape, and divides folders, which Fetch keeps.
      const name = given.replaceAll("\\", "");
      if (typeof value === "string") sent.append(name, value);
      else {
        // Node's Fetch takes an empty name for none.
        const base = value.name.replace(/[/\\]/g, "");
        const fileName = base.replace(/^\.+$/, "") || "f";
        const { type, content } = value;
        sent.append(name, new File([Buffer.from(content)], fileName, { type }));
      }
    }
    const encoded = new Response(sent);
    const headers = {
      "Content-Type": encoded.headers.get("content-type") ?? "",
    };
    const bytes = Buffer.from(await encoded.arrayBuffer());
    const request = new HttpRequest({ headers, body: inPieces(bytes, size) });
    const got = await entriesOf(await request.formData());
    const again = new Response(bytes, { headers });
    assert.deepEqual(got, await entriesOf(await again.formData()));
  }
});

describe("the name of a part", () => {
  const names: [sent: string, name: string][] = [
    ['name="a b;c=d"', "a b;c=d"],
    ["name=token", "token"],
    ["NAME=a", "a"],
    ['name="%22%0D%0A%0d"', '"\r\n\r'],
    ['name="100%25 %2"', "100%25 %2"],
    ['name="a\\"b\\\\c"', 'a"b\\c'],
    ['name="C:\\dir"', "C:\\dir"],
    ['name="größe"', "größe"],
    ['name=""', ""],
    ['name="__proto__"', "__proto__"],
    ['name="constructor"', "constructor"],
  ];
  for (const [sent, name] of names) {
    it(`RFC 7578 §4.2 is ${JSON.stringify(name)} for ${sent}`, async () => {
      const form = await formOf(part(named(sent), "1") + end);
      assert.deepEqual([...form], [[name, "1"]]);
      assert.equal(form.get(name), "1");
    });
  }

  const fileNames: [sent: string, name: string][] = [
    ["horse.jpg", "horse.jpg"],
    ["../../etc/passwd", "passwd"],
    ["C:\\photos\\horse.jpg", "horse.jpg"],
    ["/", ""],
    ["..", ""],
    ["a/..", ""],
    ["a%22b.txt", 'a"b.txt'],
    ["ß.txt", "ß.txt"],
  ];
  for (const [sent, name] of fileNames) {
    it(`RFC 7578 §4.2 of a file is ${name || "empty"} for ${sent}`, async () => {
      const head = named(`name="f"; filename="${sent}"`);
      const file = (await formOf(part(head) + end)).get("f");
      assert.ok(file instanceof File);
      assert.equal(file.name, name);
    });
  }
});

describe("a form that is not valid", () => {
  const ok = named('name="a"');
  const cases: [what: string, body: string, detail: RegExp][] = [
    ["empty", "", /ends before its final boundary/],
    ["without any boundary", "a=1", /ends before its final boundary/],
    ["without its final boundary", part(ok), /ends before its final/],
    ["with half of its final boundary", `${part(ok)}--b-`, /ends before its/],
    ["that ends in a head", `--b\r\n${ok}`, /ends before its final/],
    ["that ends in a part", `--b\r\n${ok}\r\n\r\nx`, /ends before its final/],
    [
      "with a head that has no end",
      `--b\r\n${ok}\r\n${end}`,
      /ends before its final/,
    ],
    ["with a part without a head", part([]) + end, /without Content-Disp/],
    ["with no disposition", part("A: b") + end, /without Content-Disposition/],
    ["with two", part([ok, ok]) + end, /two content-disposition lines/],
    ["with a line without a colon", part(["bad", ok]) + end, /a field line/],
    ["with a bare LF", part(`A: b\n${ok}`) + end, /a field line/],
    [
      "with another boundary",
      part(ok) + part(ok).replace("--b", "--bc") + end,
      /begins with the boundary and goes on/,
    ],
    [
      "with an attachment",
      part("Content-Disposition: attachment; name=a") + end,
      /is not form-data/,
    ],
    ["with a part without a name", part(named("x=y")) + end, /without a name/],
    [
      "with a name that has no end",
      part(named('name="a')) + end,
      /is not form-data/,
    ],
    [
      "with a control character in a name",
      part(named('name="a\0"')) + end,
      /a field line/,
    ],
    ["with two names", part(named("name=a; name=b")) + end, /is not form-data/],
    [
      "with an extended name",
      part(named("name=a; filename*=utf-8''b")) + end,
      /filename\* is not for forms/,
    ],
    [
      "with two types",
      part([ok, "Content-Type: a/b", "Content-Type: c/d"]) + end,
      /two content-type/,
    ],
  ];
  for (const [what, body, detail] of cases) {
    it(`RFC 7578 §4 gets 400: ${what}`, async () => {
      await assert.rejects(formOf(body), refusal(400, detail));
      const headers = { "Content-Type": MULTIPART };
      const cut = inPieces(Buffer.from(body), 1);
      const request = new HttpRequest({ headers, body: cut });
      await assert.rejects(request.formData(), refusal(400, detail));
    });
  }

  it("RFC 7578 §5.1 gets 400 for bytes that are not UTF-8", async () => {
    const latin1 = (body: string) => {
      return requestOf(MULTIPART, Buffer.from(body, "latin1")).formData();
    };
    const value = latin1(part(ok, "\xff") + end);
    await assert.rejects(value, refusal(400, /field "a" is not valid UTF-8/));
    const name = latin1(part(named('name="\xff"')) + end);
    await assert.rejects(name, refusal(400, /a name .* is not valid UTF-8/));
    const file = named('name="f"; filename="f"');
    const form = await latin1(part(file, "\xff") + end);
    assert.equal((form.get("f") as File).size, 1);
    const urlencoded = requestOf(URLENCODED, Buffer.from([0x61, 0xff]));
    await assert.rejects(urlencoded.formData(), refusal(400, /valid UTF-8/));
  });
});

describe("the type of a form", () => {
  const body = part(named('name="a"'), "1") + end;
  const accepted = [
    'Multipart/Form-Data;Boundary="b"',
    "multipart/form-data; charset=UTF-8; boundary=b",
    'multipart/form-data; x="; boundary=c"; boundary="\\b" ;',
  ];
  for (const contentType of accepted) {
    it(`RFC 9110 §8.3.1 may be ${contentType}`, async () => {
      const form = await requestOf(contentType, body).formData();
      assert.deepEqual([...form], [["a", "1"]]);
    });
  }

  it("RFC 2046 §5.1.1 may have a boundary in quotes", async () => {
    const contentType = 'multipart/form-data; boundary="=_?(a b):/"';
    const other = body.replaceAll("--b", "--=_?(a b):/");
    const form = await requestOf(contentType, other).formData();
    assert.deepEqual([...form], [["a", "1"]]);
  });

  const refused: [contentType: string | undefined, status: number, RegExp][] = [
    [undefined, 415, /is multipart\/form-data or .*urlencoded, not no Content/],
    ["text/plain", 415, /not text\/plain/],
    ["multipart/mixed; boundary=b", 415, /not multipart\/mixed/],
    ["multipart/form-data; boundary=b; charset=latin1", 415, /not in latin1/],
    [`${URLENCODED}; charset=utf-16`, 415, /not in utf-16/],
    ["multipart/form-data", 400, /has no boundary/],
    ['multipart/form-data; boundary=""', 400, /an invalid boundary/],
    ['multipart/form-data; boundary="b "', 400, /an invalid boundary/],
    [`multipart/form-data; boundary=${"b".repeat(71)}`, 400, /invalid bound/],
    ["multipart/form-data; boundary=b; boundary=c", 400, /no media type/],
    ["multipart/form-data; boundary", 400, /no media type/],
    ['multipart/form-data; boundary="b', 400, /no media type/],
    ["form", 400, /no media type/],
  ];
  for (const [contentType, status, detail] of refused) {
    it(`RFC 9110 §15.5.16 gets ${status} for ${contentType}`, async () => {
      const form = requestOf(contentType, body).formData();
      await assert.rejects(form, refusal(status, detail));
    });
  }

  it("RFC 9110 §12.5.1 is listed in the response to another type", async () => {
    const form = requestOf("text/plain", body).formData();
    await assert.rejects(form, ({ headers }: HttpError) => {
      assert.deepEqual(headers, {
        Accept: `multipart/form-data, ${URLENCODED}`,
      });
      return true;
    });
  });

  it("RFC 7578 §4.4 gets 415 for a field in another charset", async () => {
    const typed = (type: string, file = "") =>
      formOf(part([named(`name="a"${file}`), `Content-Type: ${type}`]) + end);
    const latin1 = "text/plain; charset=ISO-8859-1";
    await assert.rejects(typed(latin1), refusal(415, /in iso-8859-1/));
    const form = await typed("text/plain; charset=us-ascii");
    assert.equal(form.get("a"), "x");
    const file = (await typed(latin1, "; filename=a")).get("a") as File;
    assert.equal(file.type, latin1.toLowerCase());
  });

  it("RFC 7578 §4.7 gets 415 for an encoded part", async () => {
    const encoded = (encoding: string) => {
      const field = `Content-Transfer-Encoding: ${encoding}`;
      return formOf(part([named("name=a"), field]) + end);
    };
    await assert.rejects(encoded("base64"), refusal(415, /Transfer-Encoding/));
    assert.equal((await encoded("8BIT")).get("a"), "x");
  });
});

describe("a form's limits", () => {
  const field = (name: string, value = "1") =>
    part(named(`name="${name}"`), value);
  const file = (content: string) =>
    part(named('name="f"; filename="f"'), content);

  it("are kept to exactly", async () => {
    const exact = `${field("ab", "123")}${file("1234")}${end}`;
    const limits = {
      maxParts: 2,
      maxNameBytes: 2,
      maxFieldBytes: 3,
      maxFileBytes: 4,
    };
    assert.equal([...(await formOf(exact, limits))].length, 2);
    const over: [string, RegExp][] = [
      [field("a").repeat(3), /more than 2 fields and files/],
      [field("é1"), /a name in the form over 2 bytes/],
      [field("a", "1234"), /the field "a" over 3 bytes/],
      [file("12345"), /the file "f" over 4 bytes/],
    ];
    for (const [body, detail] of over) {
      await assert.rejects(formOf(body + end, limits), refusal(413, detail));
    }
  });

  it("are those of an urlencoded form too", async () => {
    const limits = { maxParts: 2, maxNameBytes: 2, maxFieldBytes: 3 };
    const read = (body: string) => requestOf(URLENCODED, body).formData(limits);
    assert.equal([...(await read("ab=123&&c="))].length, 2);
    await assert.rejects(read("a&b&c"), refusal(413, /more than 2 fields/));
    await assert.rejects(read("%C3%A91=1"), refusal(413, /over 2 bytes/));
    await assert.rejects(read("a=1234"), refusal(413, /"a" over 3 bytes/));
  });

  it("have defaults", async () => {
    const many = field("a").repeat(1_000);
    assert.equal([...(await formOf(many + end))].length, 1_000);
    await assert.rejects(formOf(many.repeat(50) + end), refusal(413, /1000/));
    const long = field("a".repeat(257));
    await assert.rejects(formOf(long + end), refusal(413, /over 256 bytes/));
    const large = field("a", "x".repeat(1_048_577));
    await assert.rejects(formOf(large + end), refusal(413, /over 1048576/));
  });

  it("are there for the head of a part", async () => {
    const lines = Array.from({ length: 17 }, (_, at) => `X-${at}: y`);
    const many = part([named("name=a"), ...lines]);
    await assert.rejects(formOf(many + end), refusal(413, /16 field lines/));
    for (const bytes of [4_100, 20_000, 200_000]) {
      const wide = part([`X: ${"y".repeat(bytes)}`, named("name=a")]);
      await assert.rejects(formOf(wide + end), refusal(413, /4096 bytes/));
    }
    const folded = part(["X: y", ...Array(9_000).fill(" "), named("name=a")]);
    await assert.rejects(formOf(folded + end), refusal(413, /4096 bytes/));
  });

  it("are refused where they are none", async () => {
    const wrong: [object, RegExp][] = [
      [{ maxPart: 1 }, /has no maxPart, but maxParts, /],
      [{ maxParts: "1" }, /maxParts is a number from 0, not 1/],
      [{ maxFileBytes: Number.NaN }, /maxFileBytes is a number from 0, not/],
      [{ maxFieldBytes: -1 }, /maxFieldBytes is a number from 0, not -1/],
    ];
    for (const [options, message] of wrong) {
      await assert.rejects(formOf(end, options), {
        name: "TypeError",
        message,
      });
    }
  });
});

describe("an urlencoded form", () => {
  it("has its fields in order, decoded", async () => {
    const body = "a=1&b=%C3%A9+x&a=2&__proto__=3&c";
    const form = await requestOf(URLENCODED, body).formData();
    assert.deepEqual(
      [...form],
      [
        ["a", "1"],
        ["b", "é x"],
        ["a", "2"],
        ["__proto__", "3"],
        ["c", ""],
      ],
    );
  });

  it("may be empty", async () => {
    const limits = { maxParts: 0 };
    const form = await requestOf(URLENCODED, "").formData(limits);
    assert.deepEqual([...form], []);
  });
});

describe("reading a form", () => {
  const content = part(named("name=a"), "1") + end;

  it("again gives the same", async () => {
    const request = requestOf(MULTIPART, content);
    const form = await request.formData();
    assert.equal(await request.formData(), form);
    await assert.rejects(request.bytes(), /has been read already/);
  });

  it("works after the body was read whole", async () => {
    const request = requestOf(MULTIPART, content);
    assert.equal((await request.bytes()).length, content.length);
    assert.deepEqual([...(await request.formData())], [["a", "1"]]);
  });

  it("is a TypeError once chunks were taken", async () => {
    const request = requestOf(MULTIPART, content);
    for await (const _ of request.body) break;
    const form = request.formData();
    await assert.rejects(form, { name: "TypeError", message: /read already/ });
  });

  it("holds the client back, and lets the rest go once it is refused", async () => {
    let reads = 0;
    const body = new RequestBody({ onBodyRead: () => reads++ });
    const headers = { "Content-Type": MULTIPART };
    const form = new HttpRequest({ headers, body }).formData({ maxParts: 0 });
    body.push(Buffer.from(content));
    await assert.rejects(form, refusal(413, /more than 0/));
    assert.equal(reads, 2, "one chunk asked for, then the rest discarded");
    body.push(Buffer.from(content));
    assert.equal(body.bufferedBytes, 0);
  });

  it("fails with its client", async () => {
    const body = new RequestBody();
    const headers = { "Content-Type": MULTIPART };
    const request = new HttpRequest({ headers, body });
    const form = request.formData();
    body.push(Buffer.from(content.slice(0, 50)));
    const gone = new RequestAborted("the client left");
    request.abort(gone);
    await assert.rejects(form, gone);
  });
});

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { settingsSchema } from "../../../src/shared/config/settings.ts";
import {
  readTlsFiles,
  TlsFilesError,
} from "../../../src/shared/files/tls-files.ts";
import { projectFolder } from "../../support/project-folder.ts";
import { readTlsFixture, tlsFixture } from "../../support/tls-fixtures.ts";

function read(certFile: string, keyFile: string, clientCaFile?: string) {
  const given = { certFile, keyFile, clientCaFile };
  return readTlsFiles(settingsSchema.parse({ tls: given }).tls);
}

/** What is wrong with the files, by setting. */
function problemsOf(...files: Parameters<typeof read>) {
  try {
    read(...files);
  } catch (error) {
    assert.ok(error instanceof TlsFilesError, String(error));
    return Object.fromEntries(
      error.problems.map(({ setting, reason }) => [setting, reason]),
    );
  }
  return {};
}

const CERT = tlsFixture("server.pem");
const KEY = tlsFixture("server.key");

describe("the files of TLS", () => {
  test("are none where no setting names them", () => {
    assert.equal(readTlsFiles(settingsSchema.parse({}).tls), undefined);
  });

  test("are read with the whole chain", () => {
    const material = read(CERT, KEY, tlsFixture("ca.pem"));
    assert.equal(material?.cert.split("BEGIN CERTIFICATE").length, 3);
    assert.match(material?.key ?? "", /BEGIN PRIVATE KEY/);
    assert.equal(material?.ca?.length, 1);
    assert.equal(read(CERT, KEY)?.ca, undefined);
  });

  test("may have text around what counts", (t) => {
    const file = path.join(projectFolder(t), "with-text.pem");
    const pem = readTlsFixture("server.pem");
    writeFileSync(file, `Subject: CN = me\n${pem}\nthe end`);
    assert.equal(read(file, KEY)?.cert.split("BEGIN").length, 3);
  });

  test("must exist, and be files", () => {
    const folder = path.dirname(CERT);
    assert.deepEqual(problemsOf(path.join(folder, "no.pem"), folder), {
      "tls.certFile": "does not exist",
      "tls.keyFile": "is not a file",
    });
  });

  test("must be PEM, each of its own kind", () => {
    const problems = problemsOf(KEY, CERT, KEY);
    const setting = /^has no certificate in it; it must be PEM/;
    assert.match(problems["tls.certFile"] ?? "", setting);
    assert.match(problems["tls.clientCaFile"] ?? "", setting);
    const key = /^has no private key in it; it must be PEM/;
    assert.match(problems["tls.keyFile"] ?? "", key);
  });

  test("must be whole", (t) => {
    const folder = projectFolder(t);
    const cutLine = (name: string, line: number) => {
      const lines = readTlsFixture(name).split("\n");
      const file = path.join(folder, name);
      writeFileSync(file, lines.toSpliced(line, 2).join("\n"));
      return file;
    };
    assert.deepEqual(
      problemsOf(cutLine("server.pem", 13), cutLine("server.key", 1)),
      {
        "tls.certFile": "is damaged: certificate 2 of 2 cannot be read",
        "tls.keyFile": "is damaged: its private key cannot be read",
      },
    );
  });

  test("must be a key without a passphrase", () => {
    const { "tls.keyFile": reason } = problemsOf(
      CERT,
      tlsFixture("encrypted.key"),
    );
    assert.match(reason ?? "", /^is encrypted; it must be a key without a/);
  });

  test("must fit together", () => {
    const other = tlsFixture("renewed.key");
    assert.deepEqual(problemsOf(CERT, other), {
      "tls.keyFile":
        "does not fit; it must be the key of the first certificate " +
        `in ${CERT}`,
    });
  });

  test("may have a key of tickets, of 48 bytes", (t) => {
    const file = path.join(projectFolder(t), "ticket.key");
    const given = { certFile: CERT, keyFile: KEY, ticketKeyFile: file };
    const { tls } = settingsSchema.parse({ tls: given });
    const bytes = Buffer.from(Array.from({ length: 48 }, (_, i) => i * 5));
    writeFileSync(file, bytes);
    assert.deepEqual(readTlsFiles(tls)?.ticketKey, bytes);
    writeFileSync(file, bytes.toString("base64"));
    assert.throws(() => readTlsFiles(tls), {
      message:
        `tls.ticketKeyFile "${file}" has 64 bytes; it must have 48 random ` +
        "ones: openssl rand 48",
    });
    assert.equal(read(CERT, KEY)?.ticketKey, undefined);
  });

  test("are told of in lines with setting and path", () => {
    assert.throws(() => read("/no/cert.pem", "/no/key.pem"), {
      message:
        'tls.certFile "/no/cert.pem" does not exist\n' +
        'tls.keyFile "/no/key.pem" does not exist',
    });
  });
});

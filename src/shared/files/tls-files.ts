/**
 * Reads the files for TLS. All of them are checked before a connection uses
 * them, and each problem names its file.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import tls from "node:tls";
import type { Settings } from "../config/settings.ts";
import { readSmallFile } from "./read-small-file.ts";

/** A problem of one file. */
export interface TlsFileProblem {
  /** The setting that names the file: `tls.certFile`. */
  readonly setting: string;
  readonly file: string;
  /** Predicate of a sentence whose subject is the file. */
  readonly reason: string;
}

/** The files cannot be used; the message has one line for each problem. */
export class TlsFilesError extends Error {
  override readonly name = "TlsFilesError";
  readonly problems: readonly TlsFileProblem[];

  constructor(problems: readonly TlsFileProblem[]) {
    const lines = problems.map(({ setting, file, reason }) => {
      return `${setting} "${file}" ${reason}`;
    });
    super(lines.join("\n"));
    this.problems = problems;
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;

/** For comparison: all authorities of a system have about 250 KB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is not a file",
  EACCES: "cannot be read: permission denied",
};

/** Content of the files, for `tls.createSecureContext`. */
export interface TlsMaterial {
  /** The server's own certificate first, then its chain. */
  readonly cert: string;
  readonly key: string;
  /** Authorities for client certificates; undefined if clients need none. */
  readonly ca: string[] | undefined;
  /** Key of session tickets; undefined if the master creates it. */
  readonly ticketKey: Buffer | undefined;
}

/** Size in Node.js: a name, a key for signing and one for encryption. */
export const TICKET_KEY_BYTES = 48;

/**
 * Reads the files; returns undefined if the settings name none.
 *
 * @throws TlsFilesError with all problems at once
 */
export function readTlsFiles(
  settings: Settings["tls"],
): TlsMaterial | undefined {
  const { certFile, keyFile, clientCaFile, ticketKeyFile } = settings;
  if (certFile === undefined || keyFile === undefined) return undefined;
  const problems: TlsFileProblem[] = [];
  const tryTo = <Result>(
    setting: string,
    file: string,
    read: () => Result,
  ): Result | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push({ setting, file, reason: (error as Error).message });
      return undefined;
    }
  };

  const certificates = tryTo("tls.certFile", certFile, () => {
    return readCertificates(certFile);
  });
  const key = tryTo("tls.keyFile", keyFile, () => {
    const read = readKey(keyFile);
    if (certificates) assertFit(read, certificates, certFile);
    return read.export({ type: "pkcs8", format: "pem" }).toString();
  });
  const ca =
    clientCaFile === undefined
      ? undefined
      : tryTo("tls.clientCaFile", clientCaFile, () => {
          return readCertificates(clientCaFile);
        });
  const ticketKey =
    ticketKeyFile === undefined
      ? undefined
      : tryTo("tls.ticketKeyFile", ticketKeyFile, () => {
          return readTicketKey(ticketKeyFile);
        });
  const cert = certificates?.join("\n");
  if (cert && key && problems.length === 0) {
    // OpenSSL has further checks, for example of the key length.
    tryTo("tls.certFile", certFile, () => assertUsable({ cert, key, ca }));
    if (problems.length === 0) return { cert, key, ca, ticketKey };
  }
  throw new TlsFilesError(problems);
}

/** Returns the certificates of a PEM file, in the order of the file. */
function readCertificates(file: string): string[] {
  const found = readText(file).match(CERTIFICATE);
  if (!found) {
    throw new Error(
      "has no certificate in it; it must be PEM (-----BEGIN CERTIFICATE-----)",
    );
  }
  for (const [index, pem] of found.entries()) {
    try {
      new X509Certificate(pem);
    } catch {
      const ordinal = `certificate ${index + 1} of ${found.length}`;
      throw new Error(`is damaged: ${ordinal} cannot be read`);
    }
  }
  return found;
}

function readKey(file: string): KeyObject {
  const text = readText(file);
  if (!text.includes("PRIVATE KEY-----")) {
    throw new Error(
      "has no private key in it; it must be PEM (-----BEGIN PRIVATE KEY-----)",
    );
  }
  // "BEGIN ENCRYPTED PRIVATE KEY", or the field "Proc-Type: 4,ENCRYPTED".
  if (text.includes("ENCRYPTED")) {
    throw new Error(
      "is encrypted; it must be a key without a passphrase, guarded by the " +
        "file's permissions",
    );
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error("is damaged: its private key cannot be read");
  }
}

function assertFit(
  key: KeyObject,
  certificates: readonly string[],
  certFile: string,
): void {
  const [own = ""] = certificates;
  if (new X509Certificate(own).checkPrivateKey(key)) return;
  throw new Error(
    `does not fit; it must be the key of the first certificate in ${certFile}`,
  );
}

function readTicketKey(file: string): Buffer {
  const key = Buffer.from(readText(file), "latin1");
  if (key.length === TICKET_KEY_BYTES) return key;
  throw new Error(
    `has ${key.length} bytes; it must have ${TICKET_KEY_BYTES} random ones: ` +
      `openssl rand ${TICKET_KEY_BYTES}`,
  );
}

function assertUsable(material: Omit<TlsMaterial, "ticketKey">): void {
  try {
    tls.createSecureContext(material);
  } catch (error) {
    throw new Error(`cannot be used: ${(error as Error).message}`);
  }
}

function readText(file: string): string {
  try {
    return readSmallFile(file, MAX_FILE_BYTES).content.toString("latin1");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new Error(FILE_ERRORS[code] ?? `cannot be read: ${message}`);
  }
}

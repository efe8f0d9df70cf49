import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { beforeEach, describe, test } from "node:test";
import { setProcessLogger } from "../../../src/shared/logging/logger.ts";
import { emitClientError } from "../../../src/worker/adapters/client-error.ts";
import { ProtocolError } from "../../../src/worker/http1/protocol-error.ts";
import { memoryLogger } from "../memory-logger.ts";

const REFUSED = new ProtocolError(505, "version", "HTTP/9 is not served here");

type Listener = (error: Error, socket: Socket) => void;

/** A listener that throws, or an error without a listener, fails the test. */
function refuseBeside(listener: Listener): Server {
  const server = createServer().on("clientError", listener);
  emitClientError(server, REFUSED, undefined);
  return server;
}

describe('a listener for "clientError"', () => {
  let logged: ReturnType<typeof memoryLogger>;

  beforeEach(() => {
    logged = memoryLogger();
    setProcessLogger(logged.logger);
  });

  test("gets an error as of Node's parser", () => {
    let seen: Error | undefined;
    refuseBeside((error) => {
      seen = error;
    });
    const { message, code } = seen as NodeJS.ErrnoException;
    assert.equal(message, "Parse Error: HTTP/9 is not served here");
    assert.equal(code, "HPE_INVALID_VERSION");
  });

  test("may destroy the socket with it, as Fastify does", async () => {
    let socket: Socket | undefined;
    refuseBeside((error, given) => {
      socket = given;
      if (given.writable) given.write("never");
      given.destroy(error);
    });
    // An error without a listener would come before that.
    await new Promise(setImmediate);
    assert.equal(socket?.destroyed, true);
  });

  test("that throws is logged, and harms nobody", () => {
    refuseBeside(() => {
      throw new Error("no log here");
    });
    assert.match(JSON.stringify(logged.lines), /no log here/);
  });
});

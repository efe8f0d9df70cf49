import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** A span, with what a test looks at. */
export interface ReceivedSpan {
  /** Name of the library that made it: "remuda". */
  readonly scope: string;
  readonly name: string;
  /** `SpanKind` of OTLP: 2 is SERVER, 3 is CLIENT. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly status: { readonly code: number };
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: number;
}

interface OtlpSpan extends Omit<ReceivedSpan, "scope" | "attributes"> {
  readonly attributes: readonly { key: string; value: OtlpValue }[];
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly OtlpSpan[];
    }[];
  }[];
}

/**
 * Receives spans by OTLP over HTTP, as JSON. On other paths it is a server that
 * apps call, and keeps the `traceparent` of each call.
 */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly calls: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<OtlpReceiver> {
    const server = createServer((request, response) => {
      receiver.#receive(request).then(
        (text) => response.end(text),
        () => response.writeHead(500).end(),
      );
    });
    const receiver = new OtlpReceiver(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return receiver;
  }

  /** Variables for a process that sends its spans here. */
  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      UPSTREAM_URL: `${url}/upstream`,
    };
  }

  childOf({ spanId }: ReceivedSpan): ReceivedSpan | undefined {
    return this.spans.find(({ parentSpanId }) => parentSpanId === spanId);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #receive(request: IncomingMessage): Promise<string> {
    if (request.url !== "/v1/traces") {
      this.calls.push(String(request.headers.traceparent));
      return "upstream";
    }
    const { resourceSpans } = (await json(request)) as OtlpTraces;
    for (const { scopeSpans } of resourceSpans) {
      for (const { scope, spans } of scopeSpans) {
        for (const span of spans) this.spans.push(received(span, scope.name));
      }
    }
    return "{}";
  }
}

function received(span: OtlpSpan, scope: string): ReceivedSpan {
  const { name, kind, traceId, spanId, parentSpanId, status } = span;
  const attributes = Object.fromEntries(
    span.attributes.map(({ key, value }) => {
      return [key, value.stringValue ?? value.intValue];
    }),
  );
  const ids = { traceId, spanId, parentSpanId };
  return { scope, name, kind, ...ids, status, attributes };
}

import { HttpHeaders } from "./fields/http-headers.ts";
import { HttpResponse, type ResponseBody } from "./http-response.ts";

/**
 * Builds a response step by step:
 *
 *     new ResponseBuilder().status(201).header("ETag", '"7"').json(user)
 *
 * The last call returns the response. Errors are those of `HttpResponse`.
 */
export class ResponseBuilder {
  #status = 200;
  #reason: string | undefined;
  readonly #headers = new HttpHeaders();

  /** @param reason default: the registered phrase */
  status(status: number, reason?: string): this {
    this.#status = status;
    this.#reason = reason;
    return this;
  }

  /** Sets a field, replacing lines of the same name. */
  header(name: string, value: string): this {
    this.#headers.set(name, value);
    return this;
  }

  /** Adds a field line, for example Set-Cookie. */
  append(name: string, value: string): this {
    this.#headers.append(name, value);
    return this;
  }

  json(value: unknown): HttpResponse {
    const body = JSON.stringify(value);
    if (body === undefined) {
      throw new TypeError(`a ${typeof value} has no JSON form`);
    }
    return this.#typed("application/json", body);
  }

  text(content: string): HttpResponse {
    return this.#typed("text/plain; charset=utf-8", content);
  }

  html(content: string): HttpResponse {
    return this.#typed("text/html; charset=utf-8", content);
  }

  /** Any body; set its type with `header("Content-Type", …)`. */
  body(content: ResponseBody): HttpResponse {
    const reason = this.#reason === undefined ? {} : { reason: this.#reason };
    return new HttpResponse(content, {
      status: this.#status,
      headers: new HttpHeaders(this.#headers),
      ...reason,
    });
  }

  empty(): HttpResponse {
    return this.body(null);
  }

  #typed(contentType: string, content: string): HttpResponse {
    if (!this.#headers.has("Content-Type")) {
      this.#headers.set("Content-Type", contentType);
    }
    return this.body(content);
  }
}

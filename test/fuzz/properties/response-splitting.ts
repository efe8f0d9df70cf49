import assert from "node:assert/strict";
import fc from "fast-check";
import { HttpHeaders } from "../../../src/worker/http/fields/http-headers.ts";
import { HttpResponse } from "../../../src/worker/http/http-response.ts";
import { ResponseBuilder } from "../../../src/worker/http/response-builder.ts";
import {
  created,
  redirect,
  unauthorized,
} from "../../../src/worker/http/response-helpers.ts";
import { exactly, TCHAR, VCHAR } from "../../support/reference-grammar.ts";
import { fuzzProperty } from "../fuzz-property.ts";

const NAME = exactly(`${TCHAR}+`);
const VALUE = exactly(`${VCHAR}*`);

const unit = fc.oneof(
  fc.constantFrom(
    ..."aZ9-:; \t\r\n\0\x0b\x7f\x80\xa0\xff\u0100\u010a\u2028\ud800",
  ),
  fc.nat(0xffff).map((code) => String.fromCharCode(code)),
);
const any = fc.string({ unit, maxLength: 8 });

export const responseSplitting = fuzzProperty({
  name: "response-splitting",
  sentence: "no name, value or reason can split a response",
  inputs: fc.record({ name: any, value: any }),
  inputsPerTurn: 1_000,
  check: ({ name, value }) => {
    const takesName = (make: () => unknown) => {
      assertTakes(make, NAME.test(name));
    };
    takesName(() => new HttpResponse(null, { headers: { [name]: "v" } }));
    takesName(() => new HttpResponse(null, { headers: [[name, "v"]] }));
    takesName(() => new HttpResponse().with(name, "v"));
    takesName(() => new HttpHeaders().append(name, "v"));
    takesName(() => new ResponseBuilder().header(name, "v"));
    takesName(() => new ResponseBuilder().append(name, "v"));
    const takesValue = (make: () => unknown) => {
      assertTakes(make, VALUE.test(value));
    };
    takesValue(() => new HttpResponse(null, { headers: { X: value } }));
    takesValue(() => new HttpResponse(null, { headers: { X: ["v", value] } }));
    takesValue(() => new HttpResponse(null, { reason: value }));
    takesValue(() => new HttpResponse().with("X", value));
    takesValue(() => new HttpHeaders().set("X", value));
    takesValue(() => new ResponseBuilder().header("X", value));
    takesValue(() => new ResponseBuilder().append("X", value));
    takesValue(() => new ResponseBuilder().status(200, value).empty());
    takesValue(() => created(undefined, value));
    takesValue(() => redirect(value));
    takesValue(() => unauthorized(value));
  },
});

function assertTakes(make: () => unknown, isTaken: boolean): void {
  if (isTaken) make();
  else assert.throws(make, TypeError);
}

/** Properties that fail on purpose, to test the handling of failures. */
import fc from "fast-check";
import { type FuzzProperty, fuzzProperty } from "./fuzz-property.ts";

const inputs = fc.array(fc.nat(9), { maxLength: 20 });

export const properties: readonly FuzzProperty[] = [
  fuzzProperty({ name: "holds", sentence: "it holds", inputs, check() {} }),
  fuzzProperty({
    name: "throws",
    sentence: "no number is 7",
    inputs,
    check: (numbers) => {
      if (numbers.includes(7)) throw new Error("there is a 7");
    },
  }),
  fuzzProperty({
    name: "throws-later",
    sentence: "no callback throws",
    inputs,
    check: async (numbers) => {
      queueMicrotask(() => {
        if (numbers.length > 2) throw new Error("too many");
      });
      await new Promise(setImmediate);
    },
  }),
  fuzzProperty({
    name: "hangs",
    sentence: "it comes to an end",
    inputs,
    check: (numbers) => {
      while (numbers.length === 5);
    },
  }),
  fuzzProperty({
    name: "waits",
    sentence: "it does not wait for ever",
    inputs,
    check: async (numbers) => {
      if (numbers.length === 3) await new Promise(() => {});
    },
  }),
  fuzzProperty({
    name: "exits",
    sentence: "it does not end the thread",
    inputs,
    check: (numbers) => {
      if (numbers.length === 4) process.exit();
    },
  }),
];

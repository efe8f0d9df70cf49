import fc from "fast-check";
import { ParserPool } from "../../../src/worker/http1/request-reader.ts";
import { readReference } from "../../support/reference-reader.ts";
import { fuzzProperty } from "../fuzz-property.ts";
import { anyWire, cutAt, cuts, limitsName, limitsOf } from "../inputs/wire.ts";
import { Player } from "../play.ts";
import { assertAsRead } from "./reference.ts";

export const sharedParsers = fuzzProperty({
  name: "shared-parsers",
  sentence: "connections that share parsers know nothing of each other",
  inputs: fc.record({
    clients: fc.array(fc.record({ wire: anyWire, cuts }), {
      minLength: 2,
      maxLength: 4,
    }),
    limits: limitsName,
  }),
  inputsPerTurn: 50,
  check: async ({ clients, limits }) => {
    const parsers = new ParserPool(limitsOf(limits));
    const playing = clients.map(({ wire, cuts }) => {
      const player = new Player(limits, parsers);
      return { player, wire, pieces: cutAt(wire, cuts) };
    });
    const mostPieces = Math.max(...playing.map(({ pieces }) => pieces.length));
    for (let index = 0; index < mostPieces; index++) {
      for (const { player, pieces } of playing) {
        const piece = pieces[index];
        if (piece !== undefined) player.receive(piece);
      }
    }
    for (const { player, wire } of playing) {
      const reading = readReference(wire, limitsOf(limits));
      const outcome = await player.end("silence");
      assertAsRead(outcome, reading, { ending: "silence" });
    }
  },
});

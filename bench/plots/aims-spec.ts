import { type AimOutcome, aimText } from "../aims.ts";
import { OURS_COLOR } from "./bar-panel.ts";

const REACHED_COLOR = "#2b8a3e";
const STEP = 30;
const WIDTH = 300;

/**
 * Each ratio by its aim, so that all of them share an axis: 1 is the aim, and
 * to the right is better, whether more or less was wanted.
 */
export function aimsSpec(outcomes: readonly AimOutcome[]): object {
  const values = outcomes.map(({ aim, ratio, isReached }) => {
    const ends = [ratio.min, ratio.max].map((value) => marginOf(aim, value));
    return {
      title: aim.title,
      margin: marginOf(aim, ratio.median),
      low: Math.min(...ends),
      high: Math.max(...ends),
      isReached,
      text: `${figure(ratio.median)} (aim ${aimText(aim)})`,
    };
  });
  const color = {
    condition: { test: "datum.isReached", value: REACHED_COLOR },
    value: OURS_COLOR,
  };
  const all = values.flatMap(({ low, high }) => [low, high, 1]);
  const domain = [Math.min(...all) * 0.9, Math.max(...all) * 1.1];
  const x = {
    type: "quantitative",
    scale: { type: "log", domain, nice: false },
    title: "times better than the aim (logarithmic; right of 1: reached)",
    axis: { tickCount: 6, format: "~g" },
  };
  return {
    title: {
      text: "Remuda and its aims",
      frame: "bounds",
      subtitle: "dot: median of all rounds, line: the lowest and the highest",
    },
    width: WIDTH,
    height: { step: STEP },
    data: { values },
    encoding: {
      y: {
        field: "title",
        type: "nominal",
        sort: null,
        title: null,
      },
    },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, color },
      },
      {
        mark: { type: "circle", size: 70, opacity: 1 },
        encoding: { x: { ...x, field: "margin" }, color },
      },
      {
        data: { values: [{ aim: 1 }] },
        mark: { type: "rule", color: "#212529", strokeDash: [4, 3] },
        encoding: { x: { ...x, field: "aim" }, y: null },
      },
      {
        mark: { type: "text", align: "left", fontSize: 11 },
        encoding: {
          x: { value: WIDTH + 8 },
          text: { field: "text" },
          color,
        },
      },
    ],
  };
}

function marginOf(aim: AimOutcome["aim"], ratio: number): number {
  return "atMost" in aim ? aim.atMost / ratio : ratio / aim.atLeast;
}

function figure(ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : 1);
}

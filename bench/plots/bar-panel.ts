/** Bars of servers beside each other, the best one on top. */
export interface BarPanel {
  readonly title: string;
  readonly axis: string;
  /** Digits after the point of the figure at each bar. */
  readonly digits: number;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Whether it is the one that this is about. */
  readonly isOurs: boolean;
}

export const OURS_COLOR = "#c2410c";
export const PEER_COLOR = "#adb5bd";
const RANGE_COLOR = "#343a40";
const STEP = 22;
/** From here on an axis says 50k instead of 50,000. */
const MANY = 20_000;
/** Room for the figure at the longest bar. */
const ROOM = 1.22;

/** As a part of a Vega-Lite spec. */
export function barPanel(panel: BarPanel, width: number): object {
  const { title, axis, digits, bars } = panel;
  const values = bars.map((bar) => ({
    ...bar,
    // Beside the bar, or its range where that is longer.
    end: Math.max(bar.median, bar.max),
    text: grouped(bar.median, digits),
  }));
  const most = Math.max(...values.map(({ end }) => end));
  const y = { field: "label", type: "nominal", sort: null, title: null };
  const x = {
    type: "quantitative",
    title: axis,
    scale: { domain: [0, most * ROOM], nice: false },
    axis: { tickCount: 5, format: most < MANY ? ",~f" : "~s" },
  };
  const ours = { test: "datum.isOurs", value: OURS_COLOR };
  return {
    title: { text: title },
    width,
    height: { step: STEP },
    data: { values },
    encoding: { y },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.72 } },
        encoding: {
          x: { ...x, field: "median" },
          color: { condition: ours, value: PEER_COLOR },
        },
      },
      {
        mark: { type: "rule", color: RANGE_COLOR },
        encoding: { x: { ...x, field: "min" }, x2: { field: "max" } },
      },
      ...["min", "max"].map((field) => ({
        mark: { type: "tick", color: RANGE_COLOR, size: 8, thickness: 1 },
        encoding: { x: { ...x, field } },
      })),
      {
        mark: {
          type: "text",
          align: "left",
          dx: 5,
          color: "#212529",
          fontSize: 11,
          fontWeight: { expr: "datum.isOurs ? 'bold' : 'normal'" },
        },
        encoding: {
          x: { ...x, field: "end" },
          text: { field: "text" },
        },
      },
    ],
  };
}

/** With thin spaces between thousands. */
function grouped(value: number, digits: number): string {
  const [whole = "", ...rest] = value.toFixed(digits).split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, "\u2009"), ...rest].join(".");
}

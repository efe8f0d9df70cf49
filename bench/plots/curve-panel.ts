import type { InstanceCurve } from "../scaling/instance-curves.ts";
import { uslRate } from "../scaling/usl-fit.ts";
import { OURS_COLOR, PEER_COLOR } from "./bar-panel.ts";

const WIDTH = 250;
const HEIGHT = 230;
/** Points of a drawn curve between two instances. */
const STEPS = 4;
const IDEAL_COLOR = "#212529";

/** Throughput by instances: dots measured, lines fitted, dashes ideal. */
export function curvePanel(
  title: string,
  curves: readonly InstanceCurve[],
): object {
  const measured = curves.flatMap(({ server, points }) =>
    points.map((point) => ({ server, ...point })),
  );
  const most = Math.max(...measured.map(({ instances }) => instances));
  const fitted = curves.flatMap(({ server, fit }) =>
    countsTo(most).map((instances) => ({
      server,
      instances,
      rate: uslRate(fit, instances),
    })),
  );
  const ideal = curves.flatMap(({ server, points }) =>
    [0, most].map((instances) => ({
      server,
      instances,
      rate: instances * (points[0]?.median ?? 0),
    })),
  );
  const domain = curves.map(({ server }) => server);
  const range = domain.map((server) => {
    return server.startsWith("remuda") ? OURS_COLOR : PEER_COLOR;
  });
  const color = {
    field: "server",
    type: "nominal",
    scale: { domain, range },
    legend: { title: null, orient: "top-left", fillColor: "white" },
  };
  const x = {
    field: "instances",
    type: "quantitative",
    title: "instances",
    axis: { tickCount: most, format: "d" },
  };
  const y = {
    type: "quantitative",
    title: "req/s (more is better)",
    axis: { tickCount: 5, format: ",~f" },
  };
  return {
    title: { text: title },
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values: ideal },
        mark: {
          type: "line",
          color: IDEAL_COLOR,
          strokeDash: [3, 3],
          strokeWidth: 1,
        },
        encoding: {
          x,
          y: { ...y, field: "rate" },
          detail: { field: "server" },
        },
      },
      {
        data: { values: fitted },
        mark: { type: "line", strokeWidth: 2 },
        encoding: { x, y: { ...y, field: "rate" }, color },
      },
      {
        data: { values: measured },
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { x, y: { ...y, field: "min" }, y2: { field: "max" }, color },
      },
      {
        data: { values: measured },
        mark: { type: "circle", size: 60, opacity: 1 },
        encoding: { x, y: { ...y, field: "median" }, color },
      },
    ],
  };
}

function countsTo(most: number): number[] {
  const count = (most - 1) * STEPS + 1;
  return Array.from({ length: count }, (_, step) => 1 + step / STEPS);
}

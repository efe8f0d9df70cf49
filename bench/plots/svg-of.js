// JavaScript with types of its own: nothing but the plots needs the packages,
// so checking types must not need them.
import * as vega from "vega";
import { compile } from "vega-lite";

const CONFIG = {
  // What is for readers of the page is said once, by the text beside it.
  aria: false,
  axisY: { minExtent: 90 },
  background: "white",
  font: "Helvetica, Arial, sans-serif",
  padding: 12,
  axis: {
    domain: false,
    gridColor: "#e9ecef",
    labelColor: "#343a40",
    labelFontSize: 11,
    ticks: false,
    // No two machines agree on how wide a text is: it is cut nowhere.
    labelLimit: 0,
    titleColor: "#495057",
    titleFontSize: 11,
    titleFontWeight: "normal",
  },
  title: {
    anchor: "start",
    frame: "group",
    color: "#212529",
    fontSize: 13,
    subtitleColor: "#495057",
    subtitleFontSize: 11,
    offset: 8,
  },
  view: { stroke: null },
};

/** A Vega-Lite spec as a picture; the same one gives the same bytes. */
export async function svgOf(spec) {
  const { spec: compiled } = compile({ ...spec, config: CONFIG });
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

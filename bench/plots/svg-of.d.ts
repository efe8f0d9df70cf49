/** A Vega-Lite spec as a picture; the same one gives the same bytes. */
export function svgOf(spec: object): Promise<string>;

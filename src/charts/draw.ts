import { renderAsync } from "@resvg/resvg-js";
import type { DrawChart } from "./chart.ts";
import { clockOf } from "./clock.ts";
import { COLOURS } from "./colours.ts";
import { loadFont } from "./font.ts";
import { PICTURE } from "./frame.ts";
import { encodePng } from "./png.ts";
import { chartSvg } from "./svg.ts";

/**
 * Makes the function that draws charts: PNG, 1200 × 560 pixels, meant to be shown 600 wide. Equal charts give
 * equal bytes on every system: only the shipped fonts are used. Rendering and compression run off the event loop.
 */
export function createChartDrawer(): DrawChart {
  const font = loadFont();
  const options = {
    font: { loadSystemFonts: false, fontFiles: font.files, defaultFontFamily: "Inter" },
    fitTo: { mode: "zoom" as const, value: PICTURE.density },
    logLevel: "off" as const,
  };
  return async (chart, look) => {
    const svg = chartSvg(chart, COLOURS[look], clockOf(chart.zone), font);
    const image = await renderAsync(svg, options);
    return encodePng(image.pixels, image.width, image.height);
  };
}

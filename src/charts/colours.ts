/** Colours of one look. Orange means "not normal", blue is data, grey is context: told apart by every eye. */
export interface Colours {
  paper: string;
  ink: string;
  muted: string;
  grid: string;
  axis: string;
  line: string;
  area: string;
  band: string;
  bandEdge: string;
  alarm: string;
  alarmInk: string;
  alarmFill: string;
  mark: string;
}

/**
 * Blue against orange stays apart in the three common kinds of colour blindness, and lightness differs too.
 * Fills are opaque mixes where they can be, because the palette of the PNG then stays small. Text has at
 * least 4.5 : 1 against the paper.
 */
export const COLOURS: Record<"light" | "dark", Colours> = {
  light: {
    paper: "#ffffff",
    ink: "#1c2128",
    muted: "#5f6874",
    grid: "#e9ecef",
    axis: "#b4bcc6",
    line: "#1f5fd6",
    area: "#1f5fd6",
    band: "#8493a8",
    bandEdge: "#8a97a9",
    alarm: "#e8590c",
    alarmInk: "#b8400a",
    alarmFill: "#f76707",
    mark: "#4a5361",
  },
  dark: {
    paper: "#1a1d21",
    ink: "#eceef1",
    muted: "#a3acb9",
    grid: "#2b3037",
    axis: "#525b67",
    line: "#6ea8fe",
    area: "#6ea8fe",
    band: "#8d9bb0",
    bandEdge: "#76839a",
    alarm: "#ff8a3d",
    alarmInk: "#ffa366",
    alarmFill: "#ff8a3d",
    mark: "#b3bcc9",
  },
};

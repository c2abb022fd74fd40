/** How readily a service's logs count as odd. */
export const SENSITIVITIES = ["low", "normal", "high"] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/**
 * What each adds to the score that an episode needs (`Rules.shift`): the score is log10 of the weeks until chance gives one
 * like it, so low wants it ten times as rare. High takes but a quarter away, 1.8 instead of 3 weeks: below that most of
 * what is found is chance.
 */
export const SENSITIVITY_SHIFT = { low: 1, normal: 0, high: -0.25 } as const satisfies Record<
  Sensitivity,
  number
>;

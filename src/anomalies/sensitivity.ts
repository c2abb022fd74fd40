/** How much it takes for an alert. */
export const SENSITIVITIES = ["low", "normal", "high"] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/**
 * Added to the score that an episode needs, which is log10 of the weeks until chance gives one like it: low asks for
 * what is ten times as rare, high is content with what comes about twice as often.
 */
export const SHIFT: Readonly<Record<Sensitivity, number>> = { low: 1, normal: 0, high: -0.25 };

/** The numbers a detector is tuned by. */
export const T: Record<string, number> = {
  pow: 0.75,
  scaleShare: 0.9,
  scaleDays: 7,
  fitDays: 1,
  minLines: 5,
  seasonAlike: 1,
  useSeason: 1,
  minZ: 1,
  learnDays: 1,
  learnPoints: 24,
  sScale: 1,
  sil: 1,
  relMin: 0,
};

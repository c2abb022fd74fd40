/** Tests run as native ES modules; @swc/jest only strips the types. */
export default {
  testEnvironment: "<rootDir>/test/support/environment.js",
  testSequencer: "<rootDir>/test/support/sequencer.js",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "es6" } },
    ],
  },
  reporters: ["default", "<rootDir>/test/support/countReporter.js"],
  // One more than CI has processors: the slow files wait a third of their time, for locks to run out and programs to start.
  maxWorkers: 3,
  // Node 20 keeps most modules of a test file for ever: a worker came to 2.5 GB, and then collected it for minutes.
  workerIdleMemoryLimit: "700MB",
  // No assertion: one that hangs is told, and none is told because the machine is busy.
  testTimeout: 240_000,
};

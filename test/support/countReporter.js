/** Prints the one line that a script can read: how many tests passed, failed and were skipped. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    // A file that cannot even be loaded has no tests to count, and must not pass unseen.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    process.stdout.write(`\n${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}

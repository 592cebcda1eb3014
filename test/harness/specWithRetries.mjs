import mocha from 'mocha';

const { reporters, Runner } = mocha;

/** Mocha's spec reporter, which also says why a test is tried again: what only the last try says may follow from the first. */
export default class SpecWithRetries extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on(Runner.constants.EVENT_TEST_RETRY, (test, error) => {
      console.log(`    tried again: ${test.title}\n${String(error?.stack ?? error).replace(/^/gm, '      ')}`);
    });
  }
}

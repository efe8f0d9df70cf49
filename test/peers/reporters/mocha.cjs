const append = require("./append.cjs");

module.exports = class Reporter {
  constructor(runner) {
    runner.on("pass", (test) => {
      append({ path: test.titlePath(), passed: true });
    });
    runner.on("fail", (test, error) => {
      append({ path: test.titlePath(), passed: false, error });
    });
  }
};

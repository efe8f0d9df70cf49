import append from "./append.cjs";

export default class Reporter {
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    if (state === "skipped") return;
    append({
      path: [test.module.relativeModuleId, test.fullName],
      passed: state === "passed",
      error: errors?.[0],
    });
  }
}

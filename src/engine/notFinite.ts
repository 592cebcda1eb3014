/**
 * Why a run ended at a step whose numbers are not finite, and the way out.
 * @param wanted the learning rate that the file's optimiser has at that step
 */
export function notFinite(step: number, loss: number, learningRate: number, wanted: number): string {
  const what = Number.isNaN(loss)
    ? 'The loss is not a number (NaN)'
    : Number.isFinite(loss)
      ? 'The gradient is not finite'
      : 'The loss is infinite';
  // A tenth, but nothing absurd where the rate was.
  const lower = learningRate > wanted ? wanted : Math.min(learningRate / 10, 0.01);
  return `${what} at step ${step}. The learning rate ${shortNumber(learningRate)} is probably too large: lower it to ${shortNumber(lower)} and train again, and check that pixel values are scaled to 0…1. The last good weights are those of step ${step - 1}.`;
}

function shortNumber(x: number): string {
  const rounded = Number(x.toPrecision(3));
  return rounded >= 1e6 ? rounded.toExponential() : String(rounded);
}

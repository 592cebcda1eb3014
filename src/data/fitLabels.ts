import type { DatasetInfo } from '../common/dataSpec';

/**
 * How many classes a model's last layer and loss tell apart: one sigmoid unit two, n softmax units n. Null when it is no classifier
 * (a regression, say).
 */
export function classCountOf(outputUnits: number, lossName: string, lastActivation: string | null): number | null {
  if (outputUnits > 1) return outputUnits;
  return isRegression(lossName) && lastActivation !== 'sigmoid' && lastActivation !== 'tanh' ? null : 2;
}

/**
 * Checks that a data set's class labels fit a model's last layer and loss.
 * @param outputUnits units of the last layer
 * @param lossName Keras's snake-case name
 * @param lastActivation Keras's name of the last layer's activation, null if it has none
 * @returns null when they fit, else what is wrong and the way out
 */
export function checkLabelsFit(info: DatasetInfo, outputUnits: number, lossName: string, lastActivation: string | null): string | null {
  const classes = info.classNames.length;
  const has = `${info.name} has ${classes} classes`;
  const softmaxOf = (units: number): string => `Dense(${units}, activation='softmax') and loss='${sparse(lossName)}'`;
  if (outputUnits === 1) {
    if (lastActivation === 'softmax')
      return `the last layer is a softmax over one unit, which is always 1; use Dense(1, activation='sigmoid') for two classes, or ${softmaxOf(classes)}`;
    if (isCategorical(lossName))
      return `${lossName} needs one output unit per class, the last layer has 1; use ${softmaxOf(classes)}${classes === 2 ? ", or Dense(1, activation='sigmoid') with loss='binary_crossentropy'" : ''}`;
    if (classes > 2 && (lossName === 'binary_crossentropy' || lastActivation === 'sigmoid'))
      return `${has}, the last layer has 1 unit, which tells only 2 apart; use ${softmaxOf(classes)}, or choose data with 2 classes`;
    return null;
  }
  if (classes > outputUnits)
    return `${has}, the last layer only ${outputUnits} units; give it ${classes} units, or choose data with at most ${outputUnits} classes`;
  return null;
}

/**
 * What a classifier's last layer of more units than the data has classes comes to; null where there are as many, or where it is none.
 * Such a model trains, as Keras does it, but its author may have meant other data.
 */
export function spareUnitsNote(info: DatasetInfo, outputUnits: number, lossName: string): string | null {
  const classes = info.classNames.length;
  if (classes === 0 || outputUnits <= Math.max(1, classes) || !isCategorical(lossName)) return null;
  const spare = outputUnits - classes === 1 ? `unit ${classes} only learns` : `units ${classes} to ${outputUnits - 1} only learn`;
  return `${info.name} has ${classes} ${classes === 1 ? 'class' : 'classes'}, the last layer ${outputUnits} units: ${spare} never to be the answer. Give the layer ${Math.max(2, classes)} units, or choose data with ${outputUnits} classes.`;
}

function isCategorical(lossName: string): boolean {
  return (
    lossName === 'categorical_crossentropy' ||
    lossName === 'sparse_categorical_crossentropy' ||
    lossName === 'categorical_focal_crossentropy'
  );
}

/** Whether a loss measures how far numbers are from numbers, one by one. */
export function isRegression(lossName: string): boolean {
  return /^(mse|mae|mape|msle|mean_|huber|log_?cosh)/.test(lossName);
}

function sparse(lossName: string): string {
  return lossName === 'sparse_categorical_crossentropy' ? lossName : 'categorical_crossentropy';
}

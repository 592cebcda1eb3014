import type { LayerInfo, Shape } from '../common/modelSpec';
import { measuredMs, shareOfStep, type StepProfile } from '../common/stepProfile';
import type { LayerState } from './layerHealth';

/** `26 × 26 × 32` without the batch; `?` where a size is not fixed, or the layer could not be built. */
export function shapeText(shape: Shape): string {
  return shape.length <= 1
    ? '?'
    : shape
        .slice(1)
        .map((n) => n ?? '?')
        .join(' × ');
}

export function countText(n: number): string {
  return n.toLocaleString('en-US');
}

/** A ratio around 1e-3, with two digits. */
export function ratioText(ratio: number): string {
  return ratio === 0 ? '0' : ratio.toExponential(1).replace('+', '');
}

/**
 * The grey text behind a layer's name. A side bar of the usual width cuts it off after some thirty characters: what changes comes before
 * the count, and what is the same for every layer (`training`) stands above them all.
 */
export function layerDescription(layer: LayerInfo, state: LayerState, profile: StepProfile | null = null): string {
  const parts = [shapeText(layer.outputShape).replaceAll(' × ', '×')];
  if (state.word === 'frozen') parts.push(state.word);
  if (state.updateRatio !== null && Number.isFinite(state.updateRatio))
    parts.push(`Δ/w ${state.updateRatio === 0 ? '0' : state.updateRatio.toExponential(0)}`);
  if (state.silentFilters) parts.push(`${state.silentFilters} without gradient`);
  const share = profile && shareOfStep(profile, layer.name);
  if (share !== null) parts.push(`${percent(share)} of a step`);
  if (layer.params > 0) parts.push(`${countText(layer.params)} params`);
  return parts.join(' · ');
}

/** The same for screen readers, with nothing left to the eye. */
export function layerLabel(layer: LayerInfo, state: LayerState, profile: StepProfile | null = null): string {
  const parts = [layer.name, layer.className, layerDescription(layer, state, profile)];
  if (state.word && state.word !== 'frozen') parts.push(state.word);
  return parts.join(', ');
}

/** Markdown; layer names come from the person's file and are shown as code. */
export function layerTooltip(layer: LayerInfo, state: LayerState, profile: StepProfile | null = null): string {
  const lines = [`**${layer.className}** \`${layer.name.replace(/`/g, "'")}\``, `Output ${shapeText(layer.outputShape)}`];
  for (const w of layer.weights)
    lines.push(`${w.name} \`[${w.shape.join(', ')}]\`, ${w.initializer.className}${w.trainable ? '' : ', not trained'}`);
  if (layer.params === 0) lines.push('No weights.');
  if (state.step !== null && state.updateRatio !== null)
    lines.push(`Step ${state.step}: mean|ΔW| / mean|W| = ${ratioText(state.updateRatio)}`);
  if (state.silentFilters !== null) lines.push(`${state.silentFilters} filters had an exactly zero gradient in that batch.`);
  const time = profile?.layers.find((l) => l.layer === layer.name);
  if (time) lines.push(`In a step: forward ${time.forward.toFixed(2)} ms, backward ${time.backward.toFixed(2)} ms`);
  return lines.join('\n\n');
}

/** What is said of a measured step above the layers. */
export function profileMessage(profile: StepProfile): string {
  const total = measuredMs(profile);
  const loss = shareOfStep(profile, 'loss') ?? 0;
  const how = profile.isPlanned ? 'as one program' : 'call by call';
  return `A step takes ${profile.step.toFixed(1)} ms ${how}: layers ${percent(1 - loss - profile.update / total)}, loss ${percent(loss)}, optimizer ${percent(profile.update / total)}.`;
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** A codicon name. */
export function layerIcon(layer: LayerInfo): string {
  const c = layer.className;
  if (/Conv/.test(c)) return 'symbol-array';
  if (/Pool/.test(c)) return 'fold-down';
  if (/Dense|LSTM|GRU|RNN/.test(c)) return 'symbol-operator';
  if (/Dropout|Noise/.test(c)) return 'circle-slash';
  if (/Normalization/.test(c)) return 'symbol-ruler';
  if (/Input/.test(c)) return 'symbol-interface';
  return 'symbol-misc';
}

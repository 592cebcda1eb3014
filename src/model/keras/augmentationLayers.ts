import type { AugmentationSpec } from '../../common/dataSpec';
import type { JsonObject, JsonValue } from '../../common/json';
import type { Note } from '../../common/modelSpec';
import type { Layer } from './layer';
import { KerasModel } from './model';

/** Layers that change images in training only, and keep their shape: the data set does the same to its images instead. */
const AUGMENTING = new Set(['RandomFlip', 'RandomRotation', 'RandomZoom', 'RandomTranslation']);

/** Whether a layer, or every layer of a nested model, only augments images. */
export function isAugmenting(layer: Layer): boolean {
  if (!(layer instanceof KerasModel)) return AUGMENTING.has(layer.className);
  const parts = layer.layers.filter((l) => l.className !== 'InputLayer');
  return !layer.isOpaque && layer.inputs.length === 1 && parts.length > 0 && parts.every(isAugmenting);
}

/** What the augmenting layers of a model ask of the data, and notes of what nobody does for them. */
export function augmentationOf(model: KerasModel): { augmentation: AugmentationSpec; notes: Note[] } {
  const augmentation: AugmentationSpec = {};
  const notes: Note[] = [];
  const visit = (layer: Layer): void => {
    if (layer instanceof KerasModel) layer.layers.forEach(visit);
    else if (AUGMENTING.has(layer.className)) {
      const range = layer.source ?? model.source;
      const part = rangesOf(layer.className, layer.config);
      if (part) Object.assign(augmentation, part);
      if (!range) return;
      if (part) {
        const message = `${layer.className} is done to the images of the training data, as they are read.`;
        notes.push({ severity: 'info', code: 'augmentation-layer', message, range });
      } else {
        const message = `${layer.className} is left out in training here.`;
        notes.push({ severity: 'warning', code: 'augmentation-left-out', message, range });
      }
    }
  };
  visit(model);
  return { augmentation, notes };
}

/** A factor: one number for both directions, or the larger of two. */
function sizeOf(value: JsonValue | undefined): number {
  if (Array.isArray(value)) return Math.max(...value.map((v) => Math.abs(Number(v))));
  return Math.abs(Number(value ?? 0));
}

function rangesOf(className: string, config: JsonObject): AugmentationSpec | null {
  switch (className) {
    case 'RandomFlip': {
      const mode = String(config.mode);
      return { ...(/horizontal/.test(mode) && { horizontalFlip: true }), ...(/vertical/.test(mode) && { verticalFlip: true }) };
    }
    case 'RandomRotation':
      return { rotationRange: sizeOf(config.factor) * 360, fillMode: String(config.fill_mode) };
    case 'RandomZoom':
      return { zoomRange: sizeOf(config.height_factor), fillMode: String(config.fill_mode) };
    case 'RandomTranslation':
      return {
        heightShiftRange: sizeOf(config.height_factor),
        widthShiftRange: sizeOf(config.width_factor),
        fillMode: String(config.fill_mode),
      };
    default:
      return null;
  }
}

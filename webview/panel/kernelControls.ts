import type { AtlasMode } from '../../src/common/kernelLayout';
import { FILTERS, SORTS, type FilterKey, type SortKey } from '../kernels/kernelOrder';
import { FIELD_LABELS, type Field } from '../run/fields';
import { flattenedMap, type WeightView } from '../run/layerView';
import { choice, commandButton, toggle } from '../ui/controls';
import { element, setHidden } from '../ui/dom';
import { segmented } from '../ui/segmented';
import type { PanelContext } from './context';

const FIELD_HINTS: Record<Field, string> = {
  weight: 'The numbers the layer computes with',
  gradient: 'How the batch’s loss changes with each weight',
  update: 'What the optimiser really changed in this step',
  change: 'Weight now minus weight at the start',
};

const MODES: { value: AtlasMode; label: string }[] = [
  { value: 'channels', label: 'All channels' },
  { value: 'strongest', label: 'Strongest only' },
  { value: 'mean', label: 'Signed mean' },
  { value: 'norm', label: 'L2 norm' },
];

/** What of a layer is shown, and how: field, weight, channels, order, filter, size. */
export class KernelControls {
  readonly root = element('div', { class: 'kernel-controls' });
  private readonly field;
  private readonly weight;
  private readonly mode;
  private readonly sort;
  private readonly filter;
  private readonly unfold;

  constructor(context: PanelContext) {
    const { change } = context;
    const fields = (Object.keys(FIELD_LABELS) as Field[]).map((f) => ({ value: f, label: FIELD_LABELS[f], hint: FIELD_HINTS[f] }));
    this.field = segmented<Field>('What is shown', fields, (field) => change({ field }));
    this.weight = segmented<string>('Which weight of the layer', [], (name) => {
      if (context.layer) change({ weights: { ...context.intent.weights, [context.layer.name]: name }, open: null, place: 0 });
    });
    this.mode = choice<AtlasMode>('Channels', MODES, (mode) => change({ mode }));
    this.sort = choice<SortKey>('Sort by', SORTS, (sort) => change({ sort }));
    this.filter = choice<FilterKey>('Show', FILTERS, (filter) => change({ filter }));
    this.unfold = toggle(
      'Unfold',
      'Show each unit’s weights over the map that Flatten made flat, instead of a plain heat map',
      (isUnfolded) => change({ isUnfolded }),
    );
    const zoom = (label: string, text: string, by: number) =>
      element('button', {
        class: 'zoom',
        text,
        title: label,
        attributes: { type: 'button', 'aria-label': label },
        on: { click: () => change({ zoom: Math.max(-4, Math.min(6, context.intent.zoom + by)) }) },
      });
    const source = commandButton({
      label: 'Go to the layer’s line in the source',
      kind: 'icon',
      icon: 'source',
      onPress: () => context.layer && void context.perform('revealSource', { layer: context.layer.name }),
    });
    this.root.append(
      element('div', { class: 'control-row' }, this.field.root, this.weight.root),
      element(
        'div',
        { class: 'control-row quiet' },
        this.sort.root,
        this.filter.root,
        this.mode.root,
        this.unfold.root,
        element('div', { class: 'zoom-pair' }, zoom('Smaller tiles', '−', -1), zoom('Larger tiles', '+', 1)),
        source.root,
      ),
    );
  }

  set({ intent, layer, weight, run }: PanelContext, view: WeightView): void {
    if (!layer || !weight || !run.model) return;
    this.field.set(intent.field);
    setHidden(this.weight.root, layer.weights.length < 2);
    this.weight.set(
      weight.name,
      layer.weights.map((w) => ({ value: w.name, label: w.name.replaceAll('_', ' '), hint: `${w.name} [${w.shape.join(', ')}]` })),
    );
    const channels =
      view.kind === 'depthwise' || view.shape.length < 3 ? 1 : view.shape[view.shape.length - (view.kind === 'transpose' ? 1 : 2)];
    this.mode.setHidden(channels === 1);
    const modes = channels === 3 ? [...MODES, { value: 'rgb' as const, label: 'Colour picture' }] : MODES;
    const auto: AtlasMode = channels <= 64 ? 'channels' : 'norm';
    const isFitting = intent.mode !== 'auto' && (intent.mode !== 'rgb' || channels === 3);
    this.mode.set(isFitting ? intent.mode : auto, modes);
    const hasTiles = view.item === 'kernel' || view.unfolded !== null;
    this.sort.setHidden(!hasTiles);
    this.filter.setHidden(!hasTiles);
    this.sort.set(intent.sort);
    this.filter.set(intent.filter);
    setHidden(this.unfold.root, flattenedMap(run.model, layer, weight) === null);
    this.unfold.set(intent.isUnfolded);
  }
}

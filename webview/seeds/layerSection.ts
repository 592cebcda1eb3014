import type { ColorTheme } from '../../src/common/colorMap';
import { sharedByChance, type LayerAcrossSeeds } from '../../src/common/seedComparison';
import type { ComparedKernels } from '../../src/common/seedsProtocol';
import { Legend } from '../kernels/legend';
import type { Tooltip } from '../kernels/tooltip';
import { plainButton } from '../ui/nativeControls';
import { element, replaceChildren, uniqueId } from '../ui/dom';
import { kernelTile, tileScale } from './kernelTile';

/** Rows shown before somebody asks for all: pictures of 512 kernels of 10 runs take a while to draw. */
const FIRST_ROWS = 24;

/** One layer across the runs: the measures beside chance, and matched kernels side by side. */
export class LayerSection {
  readonly root: HTMLElement;
  private readonly perRun: Float32Array[];
  private readonly scale: number;
  /** The kernels of the first run, those found most often first. */
  private readonly order: number[];
  private readonly table = element('table', { class: 'matched' });

  constructor(
    private readonly layer: LayerAcrossSeeds,
    { shape, values }: ComparedKernels,
    private readonly seeds: readonly number[],
    images: number,
    private readonly theme: ColorTheme,
    private readonly tooltip: Tooltip,
  ) {
    const size = shape.reduce((a, b) => a * b, 1);
    this.perRun = seeds.map((_, r) => new Float32Array(values, r * size * 4, size));
    this.scale = tileScale(this.perRun, shape);
    const mean = (f: number) => (layer.cosines ?? []).reduce((s, c) => s + c[f], 0);
    this.order = Array.from({ length: shape[3] }, (_, f) => f).sort((a, b) => this.timesFound(b) - this.timesFound(a) || mean(b) - mean(a));
    const legend = new Legend();
    legend.set(this.scale, theme, shape[2] > 64, `the kernels of ${layer.name}`);
    const id = uniqueId('layer');
    const rows = element(
      'div',
      { class: 'matched-scroll', attributes: { tabindex: 0, role: 'group', 'aria-label': 'Matched kernels' } },
      this.table,
    );
    this.showRows(FIRST_ROWS);
    const more = plainButton({
      label: `Show all ${shape[3]} kernels`,
      kind: 'secondary',
      onPress: () => {
        this.showRows(Infinity);
        more.remove();
      },
    });
    this.root = element(
      'section',
      { class: 'layer', attributes: { 'aria-labelledby': id } },
      element('h2', { text: layer.name, attributes: { id } }),
      element('p', { class: 'shape', text: `${shape[3]} kernels of ${shape[0]} × ${shape[1]} × ${shape[2]}` }),
      element('p', { class: 'verdict', text: verdict(layer, seeds.length) }),
      measures(layer, images, seeds.length),
      element('p', { class: 'hint', text: whatIsShown(layer, seeds[0]) }),
      legend.root,
      rows,
      shape[3] > FIRST_ROWS && more,
    );
    this.root.dataset.layer = layer.name;
  }

  private timesFound(kernel: number): number {
    const { cosines, pairChance95 } = this.layer;
    return (cosines ?? []).filter((c) => c[kernel] > (pairChance95 ?? Infinity)).length;
  }

  private showRows(limit: number): void {
    const { layer, seeds } = this;
    const heads = ['kernel', ...seeds.map((s) => `seed ${s}`), ...(layer.cosines ? ['found by'] : [])];
    const head = element('tr', {}, ...heads.map((text) => element('th', { text, attributes: { scope: 'col' } })));
    const rows = this.order
      .slice(0, limit)
      .map((kernel) =>
        element(
          'tr',
          { attributes: { 'data-kernel': kernel } },
          element('th', { text: String(kernel), attributes: { scope: 'row' } }),
          ...seeds.map((seed, r) => this.cell(kernel, seed, r)),
          layer.cosines && element('td', { class: 'found', text: foundText(this.timesFound(kernel), seeds.length) }),
        ),
      );
    replaceChildren(this.table, element('thead', {}, head), element('tbody', {}, ...rows));
  }

  private cell(kernel: number, seed: number, run: number): HTMLElement {
    const { layer } = this;
    const partner = run === 0 ? kernel : layer.partners[run - 1][kernel];
    const cosine = run === 0 ? null : (layer.cosines?.[run - 1][kernel] ?? null);
    const isAbove = cosine !== null && cosine > (layer.pairChance95 ?? Infinity);
    const name = `kernel ${partner} of the run with seed ${seed}`;
    const label = cosine === null ? name : `${name}, cosine ${signed(cosine)}${isAbove ? ', above chance' : ''}`;
    const tile = kernelTile(this.perRun[run], layer.shape, kernel, this.scale, this.theme, label);
    const cell = element('td', { class: isAbove ? 'above' : '' }, tile);
    if (cosine !== null) cell.append(element('span', { class: 'cosine', text: signed(cosine) }));
    const rows: [string, string][] = [
      ['kernel', String(partner)],
      ...(cosine === null
        ? []
        : ([
            ['cosine', signed(cosine)],
            ['chance, 95 %', signed(layer.pairChance95 ?? NaN)],
          ] as [string, string][])),
    ];
    cell.addEventListener('pointerenter', () => this.tooltip.show({ title: `Seed ${seed}`, rows }, cell.getBoundingClientRect()));
    cell.addEventListener('pointerleave', () => this.tooltip.hide());
    return cell;
  }
}

function verdict(layer: LayerAcrossSeeds, runs: number): string {
  const { matchedCosine: match, inEverySeed, inNoOther, shape } = layer;
  if (!match || inEverySeed === null || inNoOther === null)
    return 'Its input channels cannot be followed back through the layers before it, so its kernels are paired by what they give out, and their weights are not compared.';
  const some = shape[3] - inEverySeed - inNoOther;
  const parts = [
    `${inEverySeed} of ${shape[3]} kernels of the first run ${inEverySeed === 1 ? 'was' : 'were'} found again by every other run (of runs with nothing in common, ${sharedByChance(layer)} would seem to be)`,
  ];
  if (runs > 2) parts.push(`${some} by some`);
  parts.push(`${inNoOther} by none`);
  const isMore = match.mean > match.chance95;
  const then = isMore
    ? 'All in all the kernels are more alike than random ones.'
    : 'All in all they are no more alike than random kernels would be: either every run found its own, or there are too few weights and runs to tell.';
  return `${parts.join(', ')}. ${then}`;
}

function measures(layer: LayerAcrossSeeds, images: number, runs: number): HTMLElement {
  const pairs = (runs * (runs - 1)) / 2;
  const rows: [string, string, string, string][] = [];
  const { matchedCosine: match, matchedActivation: output } = layer;
  if (match)
    rows.push([
      'Weights: cosine of matched kernels',
      signed(match.mean),
      `${signed(match.chanceMean)}, above ${signed(match.chance95)} once in twenty`,
      'As many kernels freshly drawn by the layer’s initialiser, matched in the same way',
    ]);
  rows.push(
    [
      `Outputs: correlation of matched channels`,
      signed(output.mean),
      signed(output.untrained),
      `The runs’ random starts, on the same ${images} images`,
    ],
    ['Linear CKA (debiased)', layer.cka.toFixed(3), layer.ckaUntrained.toFixed(3), `The runs’ random starts, on the same ${images} images`],
  );
  const head = ['Measure', 'these runs', 'without learning', 'What that is'];
  return element(
    'table',
    { class: 'measures' },
    element('caption', { text: `Mean over ${pairs} ${pairs === 1 ? 'pair' : 'pairs'} of runs, on ${images} images` }),
    element('tr', {}, ...head.map((text) => element('th', { text, attributes: { scope: 'col' } }))),
    ...rows.map(([name, ...cells]) =>
      element('tr', {}, element('th', { text: name, attributes: { scope: 'row' } }), ...cells.map((text) => element('td', { text }))),
    ),
  );
}

function whatIsShown(layer: LayerAcrossSeeds, first: number): string {
  const deep = layer.shape[2] > 1 && layer.cosines ? ' Input channels stand in the order of the first run’s too.' : '';
  if (!layer.cosines)
    return `Rows are the kernels of the run with seed ${first}; beside each the kernel of every other run whose outputs correlate with its own.`;
  return `Rows are the kernels of the run with seed ${first}, those found most often first; beside each its partner in every other run with the cosine between them. Marked: above ${signed(layer.pairChance95 ?? NaN)}, which one matched pair of random kernels in twenty reaches.${deep}`;
}

function foundText(times: number, runs: number): string {
  if (times === runs - 1) return 'every run';
  return times === 0 ? 'this run only' : `${times + 1} of ${runs} runs`;
}

function signed(value: number): string {
  return value.toFixed(2).replace('-', '−');
}

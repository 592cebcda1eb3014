import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';
import type { ViewCalls } from '../../src/common/panelProtocol';
import { HostConnection } from '../host/connection';
import { Tooltip } from '../kernels/tooltip';
import { mainWeight } from '../run/fields';
import { RunData, type SelectionHint } from '../run/runData';
import { element, setHidden, setText } from '../ui/dom';
import { DrawSchedule } from '../ui/schedule';
import { currentTheme, onDidChangeTheme, watchTheme } from '../ui/theme';
import type { GalleryContext } from './galleryContext';
import { GalleryEmpty } from './galleryEmpty';
import { GalleryHead } from './galleryHead';
import { INITIAL_GALLERY, type GalleryIntent } from './galleryIntent';
import { LayerCard } from './layerCard';

/** Cards are drawn from this far outside the window on, so that scrolling shows no empty ones. */
const MARGIN = '200px';

/** The kernel gallery: all kernels of the model at the cursor or in training, layer by layer. */
export class GalleryApp implements GalleryContext {
  readonly run: RunData;
  readonly tooltip = new Tooltip();
  intent: GalleryIntent;
  theme = currentTheme();
  selection: SelectionHint | null = null;
  private readonly connection = new HostConnection<GalleryIntent>();
  private readonly schedule = new DrawSchedule<'draw'>(() => this.draw());
  private readonly head: GalleryHead;
  private readonly empty: GalleryEmpty;
  private readonly complaint = element('p', { class: 'gallery-complaint', attributes: { role: 'alert', hidden: true } });
  private readonly list = element('main', { class: 'gallery-cards' });
  private readonly sight: IntersectionObserver;
  private cards: LayerCard[] = [];
  private built = '';
  private acknowledged: unknown = null;

  constructor(root: HTMLElement) {
    watchTheme();
    this.intent = this.connection.loadIntent(INITIAL_GALLERY);
    this.run = new RunData(this.connection.channel);
    this.head = new GalleryHead(this);
    this.empty = new GalleryEmpty(this);
    this.sight = new IntersectionObserver((entries) => this.didScroll(entries), { rootMargin: MARGIN });
    root.classList.add('gallery');
    root.append(this.head.root, this.complaint, this.empty.root, this.list);
    onDidChangeTheme((theme) => {
      this.theme = theme;
      this.requestDraw();
    });
    window.addEventListener('resize', () => this.requestDraw());
    this.run.onDidChange((changes) => {
      if (changes.includes('run')) this.build();
      if (changes.length > 0) this.requestDraw();
    });
    this.run.onDidSelect((hint) => this.follow(hint));
    this.run.hydrate().catch((error: Error) => this.complain(`The extension did not answer: ${error.message}`));
  }

  readonly requestDraw = (): void => this.schedule.request('draw');

  change(part: Partial<GalleryIntent>): void {
    this.intent = { ...this.intent, ...part };
    this.connection.saveIntent(this.intent);
    this.requestDraw();
  }

  open(layer: string, filter: number | null): void {
    this.selection = { layer, filter };
    this.requestDraw();
    void this.perform('selectLayer', { layer, filter }).then(() => this.perform('runCommand', { command: 'kernelscope.openPanel' }));
  }

  async perform<K extends keyof ViewCalls>(call: K, params: ViewCalls[K]['params']): Promise<void> {
    try {
      setHidden(this.complaint, true);
      await this.connection.channel.call(call, params);
    } catch (error) {
      this.complain((error as Error).message);
    }
  }

  private complain(message: string): void {
    setText(this.complaint, message);
    setHidden(this.complaint, false);
  }

  private build(): void {
    const layers = this.run.model?.layers ?? [];
    const key = JSON.stringify(layers.map((l) => [l.name, l.className, l.weights.map((w) => w.shape)]));
    if (key === this.built) return;
    this.built = key;
    this.sight.disconnect();
    this.selection = null;
    this.cards = layers.flatMap((layer) => {
      const weight = kernelOf(layer);
      return weight ? [new LayerCard(this, layer, weight)] : [];
    });
    this.list.replaceChildren(...this.cards.map((c) => c.root));
    for (const card of this.cards) this.sight.observe(card.root);
  }

  private didScroll(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const card = this.cards.find((c) => c.root === entry.target);
      if (card) card.isInSight = entry.isIntersecting;
    }
    this.requestDraw();
  }

  private follow(hint: SelectionHint): void {
    const isOther = hint.layer !== this.selection?.layer;
    this.selection = hint;
    this.requestDraw();
    const card = this.cards.find((c) => c.layer.name === hint.layer);
    if (isOther && card) requestAnimationFrame(() => card.root.scrollIntoView({ block: 'nearest' }));
  }

  private draw(): void {
    this.head.draw();
    this.empty.draw(this, this.cards.length);
    for (const card of this.cards) card.draw();
    const { latest } = this.run;
    if (!latest || latest === this.acknowledged) return;
    this.acknowledged = latest;
    this.connection.channel.call('acknowledgeFrame', { step: latest.step }).catch(() => {});
  }
}

/** The weight that makes a layer one with kernels; null for all others. */
function kernelOf(layer: LayerInfo): WeightSpec | null {
  const weight = mainWeight(layer);
  return weight && weight.shape.length >= 3 ? weight : null;
}

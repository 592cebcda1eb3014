import { kernelGeometry } from '../../src/common/kernelGeometry';
import { kernelStory, type KernelFilm, type KernelStory } from '../../src/insight/kernelStory';
import { LineChart } from '../charts/lineChart';
import { AtlasView } from '../kernels/atlasView';
import type { PanelContext } from '../panel/context';
import type { WeightView } from '../run/layerView';
import { niceCeiling } from '../run/niceScale';
import { element, setHidden, setText } from '../ui/dom';
import { formatNumber, formatSigned } from '../ui/format';
import { StoryPart } from './storyPart';
import { loadTileHistory } from './tileHistory';
import { tilePages } from './tileSlice';

const REFRESH_MS = 2000;
const FILM_TILES = 24;

/** A kernel through the stored frames: a film strip, its length and distance from the start, and the chosen weight as a curve. */
export class HistoryPart {
  readonly root = element('section', { class: 'part', attributes: { 'aria-label': 'History' } });
  private readonly text = element('p', { class: 'explain' });
  private readonly film: AtlasView;
  private readonly story: StoryPart;
  private readonly ofWeight: LineChart;
  private readonly weightCaption = element('figcaption', { class: 'chart-caption' });
  private readonly body;
  private history: KernelFilm | null = null;
  private curves: KernelStory | null = null;
  private historyKey = '';
  private requestKey = '';
  private requestedAt = 0;
  private filmSteps: number[] = [];
  private drawnKey = '';

  constructor(
    private readonly context: PanelContext,
    private readonly goToStep: (step: number) => void,
  ) {
    this.film = new AtlasView({
      tooltip: context.tooltip,
      requestDraw: context.requestDraw,
      onOpen: (index) => this.goToStep(this.filmSteps[index]),
      describe: (hit) => this.describe(hit.filter),
    });
    this.film.root.classList.add('film');
    const pick = (x: number) => this.goToStep(x);
    this.story = new StoryPart(goToStep);
    this.ofWeight = new LineChart({
      height: 96,
      isCounted: true,
      onPick: pick,
      series: [{ label: 'weight', color: '--ks-accent', width: 2, hasPoints: false }],
    });
    this.body = element(
      'div',
      {},
      this.film.root,
      this.story.moments,
      element(
        'div',
        { class: 'chart-list' },
        ...this.story.charts,
        element('figure', { class: 'chart' }, this.weightCaption, this.ofWeight.root),
      ),
    );
    this.root.append(element('h3', { class: 'part-title', text: 'Its story' }), this.text, this.body);
  }

  draw(view: WeightView, filter: number): void {
    const { run, layer, weight, intent, theme } = this.context;
    if (!layer || !weight) return;
    const key = [run.generation, layer.name, weight.name, view.unfolded, filter].join(' ');
    this.load(key, view, filter);
    const { history } = this;
    const hasHistory = history !== null && this.historyKey === key && history.steps.length > 1;
    setHidden(this.body, !hasHistory);
    if (!hasHistory) {
      setText(
        this.text,
        run.storedSteps.length > 1 ? 'Reading the stored frames…' : 'The film begins when the run has stored its second frame.',
      );
      return;
    }
    const { steps, length, values } = history;
    const pages = tilePages(view, length);
    const place = Math.min(intent.place, length - 1);
    const last = steps.length - 1;
    setText(this.text, `${steps.length} stored frames, from step ${steps[0]} to ${steps[last]}. Click a frame or a curve to go there.`);
    this.drawFilm(history, view, pages.pageOf(place));
    const marks = run.isPast && run.shown ? [{ x: run.shown.step, color: '--ks-past', dash: [] }] : [];
    this.story.setShown(run.isPast ? (run.shown?.step ?? null) : null);
    this.ofWeight.setMarks(marks);
    const chartKey = [key, steps.length, place, theme].join(' ');
    if (chartKey === this.drawnKey) return;
    this.drawnKey = chartKey;
    const geometry = kernelGeometry(view.shape, view.kind);
    this.curves = kernelStory(history, geometry && [geometry.kh, geometry.kw, geometry.cin]);
    this.story.show(steps, this.curves);
    const curve = steps.map((_, s) => values[s * length + place]);
    setText(this.weightCaption, `the weight at ${pages.nameOf(place)}: ${formatSigned(curve[0])} → ${formatSigned(curve[last])}`);
    this.ofWeight.setData([[...steps], curve]);
    this.ofWeight.setSummary(`The chosen weight from ${formatSigned(curve[0])} to ${formatSigned(curve[last])}.`);
  }

  /** The kernel at one step of the film, as the curves below have it. */
  private describe(index: number): { title: string; rows: [string, string][] } {
    const step = this.filmSteps[index];
    const at = this.history?.steps.indexOf(step) ?? -1;
    const [norm, cosine] = [this.curves?.norms[at], this.curves?.cosines[at]];
    const rows: [string, string][] = [];
    if (norm !== undefined) rows.push(['L2 norm', formatNumber(norm, 3)]);
    if (typeof cosine === 'number') rows.push(['cosine to the start', formatSigned(cosine, 2)]);
    return { title: `step ${step}`, rows };
  }

  /** Asks again when frames were added, now and then. */
  private load(key: string, view: WeightView, filter: number): void {
    const { run, layer, weight } = this.context;
    const request = `${key} ${run.storedSteps.length} ${run.storedSteps[run.storedSteps.length - 1]}`;
    const isSameTile = key === this.historyKey;
    if (!layer || !weight || run.storedSteps.length < 2 || request === this.requestKey) return;
    if (isSameTile && performance.now() - this.requestedAt < REFRESH_MS) return;
    this.requestKey = request;
    this.requestedAt = performance.now();
    loadTileHistory(run, layer, weight, view, filter).then(
      (history) => {
        if (this.requestKey !== request) return;
        this.history = history;
        this.historyKey = key;
        this.context.requestDraw();
      },
      (error: Error) => {
        if (this.requestKey === request) setText(this.text, `The history can’t be read: ${error.message}`);
      },
    );
  }

  private drawFilm(history: KernelFilm, view: WeightView, page: number): void {
    const geometry = kernelGeometry(view.shape, view.kind);
    setHidden(this.film.root, !geometry || geometry.kh * geometry.kw === 1);
    if (!geometry) return;
    const { kh, kw, cin } = geometry;
    const { steps, length, values } = history;
    const count = Math.min(FILM_TILES, steps.length);
    const chosen = Array.from({ length: count }, (_, i) => Math.round((i * (steps.length - 1)) / Math.max(1, count - 1)));
    // Up to three channels all are shown, of deep kernels the one whose numbers are shown.
    const channels = cin <= 3 ? Array.from({ length: cin }, (_, c) => c) : [page];
    const film = new Float32Array(kh * kw * channels.length * count);
    let largest = 0;
    for (let p = 0; p < kh * kw; p++)
      channels.forEach((c, k) =>
        chosen.forEach((s, i) => {
          const v = values[s * length + p * cin + c];
          film[(p * channels.length + k) * count + i] = v;
          if (Math.abs(v) > largest) largest = Math.abs(v);
        }),
      );
    this.filmSteps = chosen.map((s) => steps[s]);
    const shown = this.context.run.isPast ? this.filmSteps.indexOf(this.context.run.shown?.step ?? -1) : -1;
    this.film.show({
      view: { shape: [kh, kw, channels.length, count], kind: 'conv', item: 'frame', unfolded: null },
      values: film,
      scaleFor: () => niceCeiling(largest),
      theme: this.context.theme,
      mode: 'channels',
      order: null,
      zoom: 0,
      fitHeight: 96,
      label: 'Film of the kernel over the run, oldest first. Enter goes to the step.',
      selected: shown >= 0 ? shown : null,
    });
  }
}

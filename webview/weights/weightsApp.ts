import type { WeightTensor } from '../../src/common/weightFile';
import type { WeightsSnapshot, WeightsViewCalls, WeightsViewEvents } from '../../src/common/weightsViewProtocol';
import { HostConnection } from '../host/connection';
import { Tooltip } from '../kernels/tooltip';
import { element, setAttribute, setHidden, setText } from '../ui/dom';
import { DrawSchedule } from '../ui/schedule';
import { segmented } from '../ui/segmented';
import { currentTheme, onDidChangeTheme, watchTheme } from '../ui/theme';
import { Comparison } from './comparison';
import { FileError } from './fileError';
import { FileHead } from './fileHead';
import { FilmBar } from './filmBar';
import { GraphList, TensorList } from './tensorList';
import { KernelInspector } from './kernelInspector';
import { PlaneSection } from './planeSection';
import { SummarySection } from './summarySection';
import { TensorHead } from './tensorHead';
import { displayOf } from './tensorText';
import { TileSection } from './tileSection';
import { INITIAL_WEIGHTS, type WeightsContext, type WeightsIntent } from './weightsContext';
import { WeightsData } from './weightsData';

/** The page that shows weight files: puts its sections together and draws them once per animation frame. */
export class WeightsApp implements WeightsContext {
  readonly data: WeightsData;
  readonly comparison: Comparison;
  readonly tooltip = new Tooltip();
  intent: WeightsIntent;
  theme = currentTheme();
  private readonly connection = new HostConnection<WeightsIntent, WeightsViewCalls, WeightsViewEvents>();
  private readonly schedule = new DrawSchedule<'draw'>(() => this.draw());
  private readonly head: FileHead;
  private readonly error = new FileError(() => void this.hydrate('reload'));
  private readonly waiting = element('p', { class: 'empty-text waiting', text: 'Opening …', attributes: { role: 'status' } });
  private readonly body = element('main', { class: 'weights-body' });
  private readonly left = element('nav', { class: 'weights-list', attributes: { 'aria-label': 'What the file holds' } });
  private readonly tensorHead: TensorHead;
  private readonly nothing = element('p', { class: 'empty-text', attributes: { role: 'status' } });
  private readonly tiles: TileSection;
  private readonly plane: PlaneSection;
  private readonly summary: SummarySection;
  private readonly inspector: KernelInspector;
  private readonly film: FilmBar;
  private readonly graph: GraphList;
  private readonly tabs;
  private list: TensorList | null = null;
  private shownTensor = '';

  constructor(private readonly root: HTMLElement) {
    watchTheme();
    const restored = this.connection.loadIntent({ ...INITIAL_WEIGHTS });
    this.intent = restored;
    this.data = new WeightsData(this.connection.channel, () => this.requestDraw());
    this.comparison = new Comparison(this.data, () => this.requestDraw());
    this.head = new FileHead(this);
    this.tensorHead = new TensorHead(this);
    this.tiles = new TileSection(this);
    this.plane = new PlaneSection(this);
    this.summary = new SummarySection(this);
    this.inspector = new KernelInspector(this, this.tiles);
    this.film = new FilmBar(this);
    this.graph = new GraphList(this);
    this.tabs = segmented<WeightsIntent['list']>(
      'What is listed',
      [
        { value: 'tensors', label: 'Tensors' },
        { value: 'graph', label: 'Model', hint: 'The operations of the model, in order' },
      ],
      (list) => this.change({ list }),
    );
    const centre = element('section', { class: 'tensor', attributes: { 'aria-label': 'Tensor' } });
    centre.append(this.tensorHead.root, this.nothing, this.tiles.root, this.plane.root);
    const side = element('div', { class: 'side' }, this.inspector.root, this.summary.root);
    this.body.append(this.left, centre, side);
    root.classList.add('weights');
    root.append(this.head.root, this.waiting, this.error.root, this.body, this.film.root);
    onDidChangeTheme((theme) => {
      this.theme = theme;
      this.requestDraw();
    });
    window.addEventListener('resize', () => this.requestDraw());
    this.connection.channel.on('didChange', (snapshot) => this.adopt(snapshot));
    void this.hydrate('hydrate');
  }

  get tensor(): WeightTensor | null {
    const { data, intent } = this;
    if (data.snapshot?.mode === 'compare') {
      const pair = this.comparison.pairOf(intent.tensor);
      return pair?.a ?? pair?.b ?? null;
    }
    return data.tensor(intent.file, intent.tensor);
  }

  readonly change = (part: Partial<WeightsIntent>): void => {
    this.intent = { ...this.intent, ...part };
    this.connection.saveIntent(this.intent);
    if (part.tensor !== undefined) this.data.keepTensor(part.tensor);
    if (part.file !== undefined) this.openFilmFile();
    this.requestDraw();
  };

  readonly requestDraw = (): void => this.schedule.request('draw');

  private async hydrate(call: 'hydrate' | 'reload'): Promise<void> {
    try {
      this.adopt(await this.connection.channel.call(call, null));
    } catch (error) {
      setText(this.waiting, `The extension did not answer: ${(error as Error).message}`);
      this.requestDraw();
    }
  }

  private adopt(snapshot: WeightsSnapshot): void {
    const shown = this.data.file(this.intent.file)?.path ?? this.intent.subject?.paths[this.intent.file];
    this.data.adopt(snapshot);
    // A film that got longer may have its files in other places.
    const place = snapshot.files.findIndex((f) => f.path === shown);
    if (place >= 0) this.intent = { ...this.intent, file: place };
    this.comparison.start();
    if (!this.list) {
      this.list = new TensorList(this, snapshot.mode === 'compare');
      this.left.append(this.tabs.root, this.list.root, this.graph.root);
      if (snapshot.mode === 'compare' && this.intent.order === 'file') this.intent = { ...this.intent, order: 'change' };
    }
    const { mode, title, files } = snapshot;
    this.intent = { ...this.intent, subject: { mode, title, paths: files.map((f) => f.path), names: files.map((f) => f.name) } };
    this.connection.saveIntent(this.intent);
    if (this.intent.file >= snapshot.files.length) this.intent = { ...this.intent, file: 0 };
    if (snapshot.mode === 'film') this.openFilmFile();
    // What a film's file holds is known only when it has been opened.
    if (snapshot.mode === 'film' ? this.intent.tensor === null : !this.tensor)
      this.change({ tensor: this.firstTensor(), open: null, place: 0, first: 0 });
    this.requestDraw();
  }

  /** The film's file, those that the change is taken from, and the next one. */
  private openFilmFile(): void {
    const { file } = this.intent;
    for (const index of [file, 0, file - 1, file + 1]) if (this.data.file(index)) void this.data.openFile(index).catch(() => {});
  }

  /** What a person most likely wants to see: kernels, else a matrix, else whatever there is. */
  private firstTensor(): string | null {
    const { snapshot } = this.data;
    const tensors =
      snapshot?.mode === 'compare'
        ? this.comparison.pairs.map((p) => p.a ?? p.b).filter((t) => t !== null)
        : ((snapshot?.files[this.intent.file]?.info ?? snapshot?.files.find((f) => f.info)?.info)?.tensors ?? []);
    const readable = tensors.filter((t) => t.unreadable === null && t.shape.every((n) => n > 0));
    const kernel = (wide: boolean): WeightTensor | undefined =>
      readable.find((t) => t.role === 'conv kernel' && t.layout !== null && (!wide || displayHasSpace(t)));
    const found = kernel(true) ?? kernel(false) ?? readable.find((t) => t.shape.length >= 2) ?? readable[0] ?? tensors[0];
    return found?.name ?? null;
  }

  private draw(): void {
    const { data, intent } = this;
    const { snapshot } = data;
    setHidden(this.waiting, snapshot !== null);
    setHidden(this.head.root, snapshot === null);
    if (!snapshot) return setHidden(this.body, true);
    const current = snapshot.mode === 'film' ? [snapshot.files[intent.file]] : snapshot.files;
    const failed = current.filter((f) => f?.error);
    this.error.show(failed);
    // A film goes on over a file that can't be read.
    setHidden(this.body, failed.length > 0);
    setAttribute(this.root, 'data-mode', snapshot.mode);
    this.head.draw();
    this.film.draw();
    if (failed.length > 0) return;
    const hasGraph = snapshot.mode === 'file' && (current[0]?.info?.graph.length ?? 0) > 0;
    setHidden(this.tabs.root, !hasGraph);
    this.tabs.set(intent.list);
    const isGraph = hasGraph && intent.list === 'graph';
    setHidden(this.graph.root, !isGraph);
    if (this.list) setAttribute(this.list.root, 'data-graph', isGraph);
    this.list?.draw();
    if (isGraph) this.graph.draw();
    this.drawTensor();
  }

  private drawTensor(): void {
    const { tensor } = this;
    const snapshot = this.data.snapshot as WeightsSnapshot;
    const file = snapshot.files[this.intent.file];
    // A film's next file: the picture before stays until it is open.
    if (!tensor && snapshot.mode === 'film' && file && !file.info) return;
    const display = tensor && displayOf(tensor, this.intent.layouts[tensor.name]);
    setHidden(this.tensorHead.root, !tensor);
    setHidden(this.tiles.root, display?.kind !== 'kernels' && display?.kind !== 'vector');
    setHidden(this.plane.root, display?.kind !== 'plane');
    setHidden(this.nothing, display !== null && display.kind !== 'nothing');
    setText(this.nothing, display ? (display.kind === 'nothing' ? display.why : '') : this.emptyText());
    if (tensor && display) {
      this.tensorHead.draw(tensor);
      if (display.kind === 'kernels' || display.kind === 'vector') this.tiles.draw(tensor, display);
      if (display.kind === 'plane') this.plane.draw(tensor);
      this.summary.draw(tensor);
    } else setHidden(this.summary.root, true);
    this.inspector.draw(tensor, display?.kind === 'kernels' ? display : null);
    const shown = `${tensor?.name ?? ''}`;
    if (shown !== this.shownTensor) this.tooltip.hide();
    this.shownTensor = shown;
  }

  private emptyText(): string {
    const { snapshot } = this.data;
    if (snapshot?.mode === 'film' && this.intent.tensor !== null) return `This file does not hold ${this.intent.tensor}.`;
    const info = snapshot?.files[0]?.info;
    if (!info) return '';
    if (info.tensors.length === 0) return 'The file was read, but it holds no tensors.';
    return 'Choose a tensor.';
  }
}

/** More than 1 × 1: a kernel with something to see. */
function displayHasSpace(tensor: WeightTensor): boolean {
  const { layout, shape } = tensor;
  return layout !== null && shape.some((n, k) => 'HWKD'.includes(layout[k]) && n > 1);
}

import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { TrainingService } from '../training/trainingService';
import { subjectOfSession, type LayerSelection, type Subject, type SubjectService } from './subject';
import type { SubjectSource } from './viewHost';

/** What the panel is about: the active run, whatever file the cursor is in; without a run, what the side bar shows. */
export class PanelSubject extends Disposable implements SubjectSource {
  private readonly changed = this._register(new Emitter<Subject | null>());
  readonly onDidChangeSubject = this.changed.event;

  constructor(
    private readonly subjects: SubjectService,
    private readonly training: TrainingService,
  ) {
    super();
    this._register(training.onDidChangeSession(() => this.changed.fire(this.current)));
    this._register(
      subjects.onDidChangeSubject(() => {
        if (!training.session) this.changed.fire(this.current);
      }),
    );
  }

  get current(): Subject | null {
    return this.training.session ? subjectOfSession(this.training.session) : this.subjects.current;
  }

  /** Only a layer that this model has. */
  get selection(): LayerSelection | null {
    const selection = this.subjects.selection;
    return selection && this.current?.model.layers.some((l) => l.name === selection.layer) ? selection : null;
  }

  readonly onDidSelectLayer: SubjectSource['onDidSelectLayer'] = (listener) =>
    this.subjects.onDidSelectLayer((s) => this.selection && listener(s));

  select(layer: string, filter: number | null, origin: LayerSelection['origin']): void {
    this.subjects.select(layer, filter, origin);
  }
}

import type { LayerHover } from './editor/layerHover';
import type { AssumptionStore } from './training/assumptionStore';
import type { WeightPathHover } from './editor/weightPathHover';
import type { ModelService } from './training/modelService';
import type { RunLibrary } from './training/runLibrary';
import type { SeedStore } from './training/seedStore';
import type { TrainingService } from './training/trainingService';
import type { Gallery } from './views/gallery';
import type { LayersTree } from './views/layersTree';
import type { KernelPanel } from './views/panel';
import type { StatusBar } from './views/statusBar';
import type { SubjectService } from './views/subject';
import type { WeightEditors } from './views/weightEditor';

/** What `activate` returns: the services, for tests in the extension host. Not an API for other extensions. */
export interface KernelscopeApi {
  activationMs: number;
  models: ModelService;
  training: TrainingService;
  runs: RunLibrary;
  seeds: SeedStore;
  assumptions: AssumptionStore;
  subjects: SubjectService;
  panel: KernelPanel;
  gallery: Gallery;
  layers: LayersTree;
  statusBar: StatusBar;
  hover: LayerHover;
  weightEditors: WeightEditors;
  weightHover: WeightPathHover;
}

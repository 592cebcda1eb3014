import { readFrame } from '../runs/runReader';
import { kernelHistory } from '../training/kernelHistory';
import type { InitialWeights } from '../training/initialWeights';
import type { InsightThread } from '../training/insightThread';
import type { ModelService } from '../training/modelService';
import type { TrainingService } from '../training/trainingService';
import { revealLayer } from './reveal';
import type { ViewActions } from './viewHost';

/** What views ask for, answered by the services. */
export function viewActions(models: ModelService, training: TrainingService, initial: InitialWeights, insight: InsightThread): ViewActions {
  return {
    initialFrame: (subject) => initial.frame(subject.model, subject.seed),
    restartWithNewSeed: async (_session, seed) => void (await training.restartWithNewSeed(seed)),
    loadFrame: (session, step) => readFrame(session.description.folder, step),
    loadKernelHistory: (session, which) => kernelHistory(session.storedSteps, (step) => readFrame(session.description.folder, step), which),
    analyseKernels: ({ values, shape }) => insight.analyse(values, shape),
    revealSource: (subject, layer) => revealLayer(subject, layer, models),
  };
}

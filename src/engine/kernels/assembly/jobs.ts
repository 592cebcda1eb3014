// The numbers of the jobs, and the one place that calls them. `jobs.ts` beside this folder has the same numbers for TypeScript;
// a test compares the two.
import { convolutionFilterGradJob, convolutionInputGradJob, convolutionJob, sumChunksJob } from './convolution';
import { copyJob } from './copy';
import { depthwiseFilterGradJob, depthwiseInputGradJob, depthwiseJob } from './depthwise';
import { binaryJob, dropoutMaskJob, rowSumsJob, softmaxGradJob, softmaxJob, unaryJob } from './elementwise';
import { binaryCrossentropyJob, categoricalCrossentropyJob } from './loss';
import { matmulJob } from './matmul';
import {
  affineJob,
  columnSumsJob,
  finishMomentsJob,
  finishNormaliseGradJob,
  momentsJob,
  normaliseGradSumsJob,
  normaliseInputGradJob,
} from './normalise';
import { adamJob, finiteJob, movingAverageJob, rmspropJob, sgdJob } from './optimiser';
import { packJob, packTurnedJob } from './pack';
import { packRunsJob, pooledGradJob, pooledSumsJob, sumRunsJob } from './pooledGradient';
import { avgPoolGradJob, avgPoolJob, maxPoolGradJob, maxPoolJob } from './pooling';
import { winogradFilterGradJob, winogradFilterJob, winogradFilterSumJob, winogradJob } from './winograd';

/** Runs one item of a job: `chunk` is the run of items it belongs to, `first` whether it is the chunk's first. */
export function runJob(job: i32, a: usize, item: i32, chunk: i32, first: bool, scratch: usize): void {
  switch (job) {
    case 0:
      packJob(a, item);
      return;
    case 1:
      packTurnedJob(a, item);
      return;
    case 2:
      matmulJob(a, item, scratch);
      return;
    case 3:
      convolutionJob(a, item, scratch);
      return;
    case 4:
      convolutionFilterGradJob(a, item, chunk, first, scratch);
      return;
    case 5:
      convolutionInputGradJob(a, item, scratch);
      return;
    case 6:
      sumChunksJob(a, item);
      return;
    case 7:
      winogradJob(a, item, scratch);
      return;
    case 8:
      winogradFilterJob(a, item, scratch);
      return;
    case 9:
      winogradFilterGradJob(a, item, chunk, first, scratch);
      return;
    case 10:
      winogradFilterSumJob(a, item, scratch);
      return;
    case 11:
      maxPoolJob(a, item);
      return;
    case 12:
      maxPoolGradJob(a, item);
      return;
    case 13:
      avgPoolJob(a, item);
      return;
    case 14:
      avgPoolGradJob(a, item);
      return;
    case 15:
      depthwiseJob(a, item, scratch);
      return;
    case 16:
      depthwiseInputGradJob(a, item);
      return;
    case 17:
      depthwiseFilterGradJob(a, item, chunk, first, scratch);
      return;
    case 18:
      columnSumsJob(a, item, chunk, first);
      return;
    case 19:
      momentsJob(a, item, chunk, first);
      return;
    case 20:
      finishMomentsJob(a);
      return;
    case 21:
      affineJob(a, item);
      return;
    case 22:
      normaliseGradSumsJob(a, item, chunk, first);
      return;
    case 23:
      finishNormaliseGradJob(a);
      return;
    case 24:
      normaliseInputGradJob(a, item);
      return;
    case 25:
      unaryJob(a, item);
      return;
    case 26:
      binaryJob(a, item);
      return;
    case 27:
      softmaxJob(a, item);
      return;
    case 28:
      softmaxGradJob(a, item);
      return;
    case 29:
      rowSumsJob(a, item);
      return;
    case 30:
      dropoutMaskJob(a, item);
      return;
    case 31:
      categoricalCrossentropyJob(a, item);
      return;
    case 32:
      binaryCrossentropyJob(a, item);
      return;
    case 33:
      finiteJob(a, item);
      return;
    case 34:
      adamJob(a, item);
      return;
    case 35:
      sgdJob(a, item);
      return;
    case 36:
      rmspropJob(a, item);
      return;
    case 37:
      movingAverageJob(a);
      return;
    case 38:
      copyJob(a, item);
      return;
    case 39:
      pooledGradJob(a, item, chunk, first, scratch);
      return;
    case 40:
      packRunsJob(a, item);
      return;
    case 41:
      sumRunsJob(a, item);
      return;
    case 42:
      pooledSumsJob(a, item, chunk, first);
      return;
    default:
      unreachable();
  }
}

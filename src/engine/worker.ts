import { parentPort, workerData } from 'node:worker_threads';
import { Channel, Transferred } from '../base/channel';
import { threadTransport } from '../base/threadTransport';
import { preparingStatus } from '../common/run';
import type {
  CaptureSettings,
  HostCalls,
  HostEvents,
  StartParams,
  WorkerCalls,
  WorkerData,
  WorkerEvents,
} from '../common/trainingProtocol';
import { layerActivity } from './layerActivity';
import { prepareRun } from './prepareRun';
import { openRun } from './probes/openRun';
import { probeHandlers } from './probes/probeHandlers';
import type { ProbeTarget } from './probes/probeTarget';
import type { Trainer } from './trainer';
import { openGpu } from './webgpu/gpu';

/** The training thread's entry: one thread trains one run. */
function main(port: NonNullable<typeof parentPort>): void {
  const gpuFolders = (workerData as WorkerData | null)?.gpuFolders ?? [];
  let trainer: Trainer | null = null;
  let opened: ProbeTarget | null = null;
  let capture: CaptureSettings = { isLive: false, maxFramesPerSecond: 30, watchedLayers: [] };
  const preparing = new AbortController();
  const running = (): Trainer => {
    if (!trainer) throw new Error('the run has not started yet; wait until it is ready');
    return trainer;
  };
  const channel = new Channel<WorkerCalls, HostCalls, WorkerEvents, HostEvents>(threadTransport(port), {
    start: (params) => start(params),
    open: async (params) => {
      if (trainer) throw new Error('this thread already trains a run');
      opened = await openRun(params, preparing.signal);
      return null;
    },
    pause: async () => (await running().pause(), null),
    resume: async () => (await running().resume(), null),
    stepOnce: async () => (await running().stepOnce(), null),
    stop: async () => {
      if (trainer) await trainer.stop();
      else preparing.abort(new Error('stopped before training began'));
      return null;
    },
    rewind: async () => (await running().rewind(), null),
    setLearningRate: async ({ learningRate }) => (await running().setLearningRate(learningRate), null),
    setCapture: (settings) => {
      capture = settings;
      trainer?.setCapture(settings);
      return null;
    },
    captureFrame: async ({ layers }) => {
      const frame = await running().captureFrame(layers);
      return new Transferred(frame, [frame]) as unknown as ArrayBuffer;
    },
    weightsSha256: () => running().weightsSha256(),
    describeGpu: async () => {
      const { name, isSoftware } = await openGpu(gpuFolders);
      return { name, isSoftware };
    },
    profile: ({ repeats }) => running().profile(repeats),
    layerActivity: ({ layers, images }) => {
      const { network, dataset } = opened ?? running().probed;
      return layerActivity(network, dataset, layers, images);
    },
    ...probeHandlers(() => opened ?? running().probed),
    acknowledgeFrame: () => (trainer?.live.acknowledge(), null),
  });

  async function start(params: StartParams): Promise<WorkerCalls['start']['result']> {
    if (trainer) throw new Error('this thread already trains a run');
    const say = (message: string): void => channel.fire('didChangeStatus', preparingStatus(params, message));
    const run = await prepareRun(
      params,
      {
        status: (status) => channel.fire('didChangeStatus', status),
        metrics: (rows) => channel.fire('didRecordMetrics', rows),
        epoch: (row) => channel.fire('didFinishEpoch', row),
        frame: (frame) => channel.fire('didCaptureFrame', frame, [frame]),
        storedFrames: (steps) => channel.fire('didStoreFrames', steps),
        test: (values) => channel.fire('didFinishTest', values),
        rewound: () => channel.fire('didRewind', null),
      },
      say,
      preparing.signal,
      gpuFolders,
    );
    trainer = run.trainer;
    trainer.setCapture(capture);
    // Asked for after the last look at the signal.
    if (preparing.signal.aborted) void trainer.stop();
    // The reply goes out before the first step.
    setImmediate(() => run.trainer.start(params.startPaused));
    return run.started;
  }
}

if (parentPort) main(parentPort);

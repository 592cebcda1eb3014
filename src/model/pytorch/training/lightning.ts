import { array } from '../../python/arrayValue';
import { getAttribute } from '../../python/attributes';
import { callValue, plainArguments } from '../../python/calls';
import { BudgetExceeded, PythonError } from '../../python/machine';
import { int, tuple, type InstanceValue } from '../../python/value';
import type { TorchSession } from '../torchSession';

/**
 * Lets a LightningModule tell its optimizer and loss: runs `configure_optimizers` and one `training_step`, which only the trainer would
 * call otherwise.
 */
export function readLightning(session: TorchSession, module: InstanceValue): void {
  const { machine } = session;
  const batch = tuple([array(null), array(null)]);
  const call = (name: string, args: Parameters<typeof plainArguments>[0]) => {
    const method = getAttribute(module, name, machine, module.site);
    if (method.kind !== 'function') return;
    machine.allowMore(20_000);
    try {
      callValue(method, plainArguments(args, method.range), machine);
    } catch (error) {
      if (!(error instanceof PythonError) && !(error instanceof BudgetExceeded)) throw error;
    }
  };
  const { optimizers } = session;
  const before = optimizers.length;
  call('configure_optimizers', []);
  call('training_step', [batch, int(0)]);
  const mine = optimizers.at(before);
  if (mine && session.trainerEpochs) session.steps.push({ optimizer: mine, depth: 0, ...session.trainerEpochs });
}

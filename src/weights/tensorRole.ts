import type { WeightLayout, WeightRole } from '../common/weightFile';
import type { Convention } from './formatReader';

export interface RoleAndLayout {
  role: WeightRole;
  layout: WeightLayout | null;
}

const OPTIMISER =
  /(^|[/.])(optimi[sz]er(_weights|_state)?|opt_state|exp_avg(_sq)?|momentum_buffer|beta[12]_power|training_config)([/.]|$)|\.OPTIMIZER_SLOT|\/(Adam|Momentum|RMSProp|Adagrad|Ftrl)(_\d+)?$/i;
const STATISTICS = /(^|[/._])(gamma|beta|moving_mean|moving_var(iance)?|running_(mean|var|std)|num_batches_tracked)$/i;
const NORM_OWNER = /(^|[/._])\w*(batch_?norm\w*|layer_?norm\w*|group_?norm\w*|(^|[/._])bn\d*|norm\d*|ln(_\w+)?\d*)[/.]\w+$/i;
const BIAS = /(^|[/._-])(bias(es)?|b\d*|bias_(ih|hh)_l\d+(_reverse)?)$/i;
const RECURRENT = /recurrent_kernel|weight_(hh|ih)_|(^|[/._])(lstm|gru|rnn)(_cell)?[\d_]*[/._].*(kernel|weight)/i;
const EMBEDDING = /embed|(^|[/._])(wte|wpe)([/._]|$)/i;
const DEPTHWISE = /depthwise/i;
const TRANSPOSED = /transpose|deconv/i;
const CONV = /conv/i;

/** What a tensor is for, from its name, its shape and the habits of the library that wrote it. */
export function roleAndLayout(rawName: string, shape: readonly number[], dtype: string, convention: Convention): RoleAndLayout {
  const name = rawName.replace(/:\d+$/, '').replace(/\/\.ATTRIBUTES\/VARIABLE_VALUE$/, '');
  const plain = (role: WeightRole): RoleAndLayout => ({ role, layout: null });
  const rank = shape.length;
  if (OPTIMISER.test(name)) return plain('optimiser');
  if (STATISTICS.test(name)) return plain('normalisation');
  if (!/float|^[IQT]?Q\d|^MXFP/i.test(dtype) && !/^u?int8$/.test(dtype)) return plain('other');
  if (rank <= 1) {
    if (NORM_OWNER.test(name)) return plain('normalisation');
    return plain(BIAS.test(name) ? 'bias' : 'other');
  }
  if (rank === 4) return { role: 'conv kernel', layout: conv2dLayout(name, convention) };
  if (rank === 5) return { role: 'conv kernel', layout: convention === 'keras' ? 'DHWIO' : convention === 'torch' ? 'OIDHW' : null };
  if (rank === 3) return CONV.test(name) ? { role: 'conv kernel', layout: conv1dLayout(name, convention) } : plain('other');
  if (rank > 5) return plain('other');
  if (EMBEDDING.test(name)) return plain('embedding');
  if (RECURRENT.test(name)) return plain('recurrent kernel');
  if (BIAS.test(name) && (shape[0] === 1 || shape[1] === 1)) return plain('bias');
  return { role: 'dense kernel', layout: convention === 'keras' ? 'IO' : convention === 'torch' ? 'OI' : null };
}

function conv2dLayout(name: string, convention: Convention): WeightLayout | null {
  if (convention === 'keras') return DEPTHWISE.test(name) ? 'HWIM' : TRANSPOSED.test(name) ? 'HWOI' : 'HWIO';
  if (convention === 'torch') return TRANSPOSED.test(name) ? 'IOHW' : 'OIHW';
  return null;
}

function conv1dLayout(name: string, convention: Convention): WeightLayout | null {
  if (convention === 'keras') return DEPTHWISE.test(name) ? 'KIM' : 'KIO';
  if (convention === 'torch') return TRANSPOSED.test(name) ? 'IOK' : 'OIK';
  return null;
}

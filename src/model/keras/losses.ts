import { snakeCase } from './names';

const ALIASES: Record<string, string> = {
  mse: 'mean_squared_error',
  mae: 'mean_absolute_error',
  mape: 'mean_absolute_percentage_error',
  msle: 'mean_squared_logarithmic_error',
  bce: 'binary_crossentropy',
  kld: 'kl_divergence',
  kullback_leibler_divergence: 'kl_divergence',
  huber_loss: 'huber',
  logcosh: 'log_cosh',
  cosine_proximity: 'cosine_similarity',
  cosine: 'cosine_similarity',
};

/** A loss's snake-case name, from a name, a class name or an abbreviation. */
export function lossName(name: string): string {
  const snake = /[A-Z]/.test(name) && name !== name.toUpperCase() ? snakeCase(name) : name.toLowerCase();
  return ALIASES[snake] ?? snake;
}

const METRIC_ALIASES: Record<string, string> = { acc: 'accuracy' };

/** A metric's snake-case name. */
export function metricName(name: string): string {
  const snake = /[A-Z]/.test(name) && name !== name.toUpperCase() ? snakeCase(name) : name.toLowerCase();
  return METRIC_ALIASES[snake] ?? ALIASES[snake] ?? snake;
}

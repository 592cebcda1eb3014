import tseslint from 'typescript-eslint';

/** The doors of ARCHITECTURE.md: what each room may not import. */
const rooms = ['base', 'common', 'model', 'data', 'engine', 'runs', 'weights', 'insight', 'report', 'training', 'editor', 'views', 'cli'];
const door = (files, { allow, vscode = false, tfjs = false, toolkit = false, ignores = [] }) => {
  const closed = rooms.filter((r) => !allow.includes(r));
  const patterns = closed.length
    ? [
        {
          regex: `^(\\.\\./)+(src/)?(${closed.join('|')})(/|$)`,
          message: `Closed door: ${files[0]} may import only ${allow.join(', ') || 'itself'}.`,
        },
      ]
    : [];
  patterns.push({ regex: '(^|/)extension$', message: 'Nobody imports extension.ts.' });
  if (!vscode)
    patterns.push({
      regex: '^vscode$',
      message: 'vscode is imported only by extension.ts, config.ts, log.ts, training, editor and views.',
    });
  if (!tfjs) patterns.push({ regex: '^@tensorflow/', message: 'TensorFlow.js is imported only by the engine.' });
  if (!toolkit) patterns.push({ regex: '^@vscode/webview-ui-toolkit', message: 'Only webview/ui imports the control toolkit.' });
  return { files, ignores, rules: { 'no-restricted-imports': ['error', { patterns }] } };
};

export default tseslint.config(
  { ignores: ['dist/**', 'out/**', 'node_modules/**', 'src/engine/kernels/assembly/**', 'test/fixtures/**', 'media/sample/**'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } },
      ],
      eqeqeq: ['error', 'always'],
      'prefer-const': 'error',
      'no-console': 'error',
    },
  },
  { files: ['src/cli/**', 'test/**', '**/*.mjs'], rules: { 'no-console': 'off' } },
  { files: ['**/*.mjs'], rules: { 'no-restricted-exports': 'off' } },
  door(['src/base/**', 'src/common/**'], { allow: ['base', 'common'] }),
  door(['src/insight/**'], { allow: ['base', 'common', 'insight'] }),
  door(['src/model/**'], { allow: ['base', 'common', 'insight', 'model'] }),
  door(['src/data/**'], { allow: ['base', 'common', 'insight', 'weights', 'data'] }),
  door(['src/weights/**'], { allow: ['base', 'common', 'insight', 'weights'] }),
  door(['src/runs/**'], { allow: ['base', 'common', 'insight', 'weights', 'runs'] }),
  door(['src/engine/**'], { allow: ['base', 'common', 'insight', 'data', 'runs', 'weights', 'engine'], tfjs: true }),
  door(['src/report/**'], { allow: ['base', 'common', 'insight', 'runs', 'report'] }),
  door(['src/training/**'], { allow: ['base', 'common', 'insight', 'model', 'data', 'runs', 'training'], vscode: true }),
  door(['src/editor/**', 'src/views/**'], { allow: rooms.filter((r) => r !== 'engine' && r !== 'cli'), vscode: true }),
  // The terminal runs the same worker as VS Code does, through training/workerHandle.ts, which knows nothing of VS Code.
  door(['src/cli/**', 'src/training/workerHandle.ts'], { allow: rooms.filter((r) => r !== 'engine' && r !== 'views' && r !== 'editor') }),
  door(['webview/**'], { allow: ['base', 'common', 'insight'], ignores: ['webview/ui/**'] }),
  door(['webview/ui/**'], { allow: ['base', 'common'], toolkit: true }),
);

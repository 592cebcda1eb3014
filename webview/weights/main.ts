import 'uplot/dist/uPlot.min.css';
import '../ui/tokens.css';
import '../ui/shared.css';
import './weights.css';
import { WeightsApp } from './weightsApp';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
new WeightsApp(root);

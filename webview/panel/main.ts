import 'uplot/dist/uPlot.min.css';
import '../ui/tokens.css';
import '../ui/shared.css';
import './panel.css';
import './health.css';
import { registerToolkit } from '../ui/toolkit';
import { PanelApp } from './panelApp';

registerToolkit();
const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
new PanelApp(root);

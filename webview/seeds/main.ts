import '../ui/tokens.css';
import './seeds.css';
import { SeedsApp } from './seedsApp';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
new SeedsApp(root);

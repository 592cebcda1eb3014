import '../ui/tokens.css';
import './gallery.css';
import { GalleryApp } from './galleryApp';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
new GalleryApp(root);

// The components that pages are made of. Only this folder knows Polaris's elements.
import './ui.css';
import './forms.css';

export * from './actions';
export * from './detail';
export * from './fields';
export * from './layout';
export * from './search';
export * from './status';
export * from './table';
export * from './text';

// The components that pages are made of. Only this folder knows Polaris's elements.
import './ui.css';
import './forms.css';
import './log.css';

export * from './actions';
export * from './chart';
export * from './combobox';
export * from './detail';
export * from './fields';
export * from './keys';
export * from './layout';
export * from './menu';
export * from './search';
export * from './status';
export * from './table';
export * from './text';
export * from './wizard';

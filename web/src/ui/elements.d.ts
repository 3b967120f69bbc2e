// Lets JSX name Polaris's elements. Which attributes, slots and events each has is held by scripts/check-manifest.mjs
// against Polaris's own manifest; the wrappers beside this file give them exact types.
import type { Key, ReactNode, Ref } from 'react';

interface PolarisElement {
  key?: Key | null;
  ref?: Ref<HTMLElement>;
  children?: ReactNode;
  [attribute: string]: unknown;
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      [tag: `s-${string}`]: PolarisElement;
    }
  }
}

// The shop of the session, read once for the whole page.
import { createContext, type ReactNode, useContext } from 'react';
import { useQuery } from 'urql';
import { ShopDocument, type ShopQuery } from '../generated/graphql';

type Shop = ShopQuery['shop'];

const context = createContext<Shop | null>(null);

/** Gives the pages inside it the shop. They are shown before it is known. */
export function ShopProvider(props: { children: ReactNode }) {
  const [{ data }] = useQuery({ query: ShopDocument });
  return <context.Provider value={data?.shop ?? null}>{props.children}</context.Provider>;
}

/** The shop; null until it is read. */
export function useShop(): Shop | null {
  return useContext(context);
}

/** The shop's time zone; the browser's until it is read. */
export function useZone(): string {
  return useShop()?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

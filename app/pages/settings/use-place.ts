import { useLocation, useNavigate } from '@remix-run/react';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { placeAt, type SectionId, type Tab } from './places.ts';

/** Why a location was gone to: to correct something there, or by pressing a tab of the tab bar of that key. */
type Because = { toProblem: true } | { tabBar: string };

/**
 * The open tab, as the address's hash has it, and the ways to a section. These replace the address, so that "back"
 * leaves the settings instead of walking through tabs; a link to a section is a page of its own, as links are.
 */
export function usePlace(): {
  tab: Tab;
  /** Another one whenever the tab was not changed by the tab bar, which is then to be drawn anew. */
  tabBar: string;
  open: (section: SectionId) => void;
  openProblem: (section: SectionId) => void;
} {
  const { hash, key, state } = useLocation();
  const navigate = useNavigate();
  const known = useHashKnown();
  const { tab, section } = placeAt(known ? hash : '');
  const because = readBecause(state);
  const tabBar = because !== null && 'tabBar' in because ? because.tabBar : key;
  useScrollAfterLoading(hash, known);

  const go = useCallback(
    (to: SectionId, why: Because) =>
      // With the query as it is: were it another one, Remix would load the page's data again.
      navigate({ search: location.search, hash: to }, { replace: true, state: why }),
    [navigate],
  );

  useEffect(() => {
    const why = readBecause(state);
    if (why !== null && 'toProblem' in why)
      document.querySelector<HTMLElement>(`#${section} [aria-invalid="true"]`)?.focus();
  }, [key, state, section]);

  return {
    tab,
    tabBar,
    open: useCallback((to: SectionId) => go(to, { tabBar }), [go, tabBar]),
    openProblem: useCallback((to: SectionId) => go(to, { toProblem: true }), [go]),
  };
}

/** A server is never told the hash, so the first drawing in the browser must do without it as well. */
function useHashKnown(): boolean {
  return useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  );
}

/** Remix scrolls to a section that is gone to; in a page that was just loaded it was still in a closed tab. */
function useScrollAfterLoading(hash: string, known: boolean): void {
  const asked = useRef(hash);
  const [loaded] = useState(!known);
  useEffect(() => {
    if (loaded && known) document.getElementById(asked.current.slice(1))?.scrollIntoView();
  }, [loaded, known]);
}

function readBecause(state: unknown): Because | null {
  if (typeof state !== 'object' || state === null) return null;
  if ('tabBar' in state && typeof state.tabBar === 'string') return { tabBar: state.tabBar };
  return 'toProblem' in state ? { toProblem: true } : null;
}

import { Outlet, useLocation, useNavigate, useNavigation, useOutletContext } from '@remix-run/react';
import { NavMenu } from '@shopify/app-bridge-react';
import { useBreakpoints } from '@shopify/polaris';
import { useEffect } from 'react';
import { LEAVE_CONFIRMED } from './leave-confirmation.ts';
import { pageAt, PageSkeleton } from './page-skeleton.tsx';

type FrameContext = { phone: boolean };

/** What every page of the admin stands in: the app's menu, and the shape of the next page while it loads. */
export function AdminFrame({ phone }: FrameContext) {
  useAppBridgeLinks();
  const { pathname } = useLocation();
  const next = useNavigation().location?.pathname ?? pathname;
  const context: FrameContext = { phone };
  return (
    <>
      <NavMenu>
        <a href="/app" rel="home">
          Overview
        </a>
        <a href="/app/orders">Orders</a>
        <a href="/app/conversations">Conversations</a>
        <a href="/app/health">Health</a>
        <a href="/app/settings">Settings</a>
      </NavMenu>
      {pageAt(next) === pageAt(pathname) ? (
        <Outlet context={context} />
      ) : (
        <PageSkeleton page={pageAt(next)} />
      )}
    </>
  );
}

/** Whether the screen is phone-sized. Guessed from the request until the browser can measure, so that nothing jumps. */
export function usePhoneLayout(): boolean {
  const { phone } = useOutletContext<FrameContext>();
  return useBreakpoints({ defaults: { smDown: phone } }).smDown;
}

/** Whether a request says it comes from a phone (developer.mozilla.org/docs/Web/HTTP/Headers/Sec-CH-UA-Mobile). */
export function isPhone(headers: Headers): boolean {
  const hint = headers.get('Sec-CH-UA-Mobile');
  return hint === null ? /\bMobi/.test(headers.get('User-Agent') ?? '') : hint === '?1';
}

/** The admin's own menu tells the app of a click by an event on the link (shopify.dev/docs/api/app-bridge-library). */
function useAppBridgeLinks(): void {
  const navigate = useNavigate();
  useEffect(() => {
    function follow(event: Event) {
      const href = event.target instanceof Element ? event.target.getAttribute('href') : null;
      if (href !== null) navigate(href, { state: LEAVE_CONFIRMED });
    }
    addEventListener('shopify:navigate', follow);
    return () => removeEventListener('shopify:navigate', follow);
  }, [navigate]);
}

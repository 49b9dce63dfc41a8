import { Link } from '@remix-run/react';
import { AppProvider } from '@shopify/polaris';
import translations from '@shopify/polaris/locales/en.json';
import type { AppProviderProps } from '@shopify/polaris';
import type { ComponentProps, ReactNode } from 'react';
import { forwardRef } from 'react';

type LinkProps = ComponentProps<NonNullable<AppProviderProps['linkComponent']>>;

const RemixLink = forwardRef<HTMLAnchorElement, LinkProps>(function RemixLink(
  { url, external, target, children, ...rest },
  ref,
) {
  if (external || !url.startsWith('/')) {
    return (
      <a {...rest} ref={ref} href={url} target={target ?? '_blank'} rel="noopener noreferrer">
        {children}
      </a>
    );
  }
  return (
    <Link {...rest} ref={ref} to={url} target={target}>
      {children}
    </Link>
  );
});

/** Polaris with its English words and with links that Remix follows without loading the page again. */
export function PolarisProvider({ children }: { children: ReactNode }) {
  return (
    <AppProvider i18n={translations} linkComponent={RemixLink}>
      {children}
    </AppProvider>
  );
}

/**
 * Remix's options, shared by every tool that needs them; vite.config.ts passes them to the Remix plugin.
 * Routes under app/routes/http are plain Node handlers (webhooks, health, metrics), not Remix routes.
 */
export default {
  appDirectory: 'app',
  ignoredRouteFiles: ['**/.*', 'http/**'],
  serverModuleFormat: /** @type {const} */ ('esm'),
  future: {
    v3_fetcherPersist: true,
    v3_relativeSplatPath: true,
    v3_throwAbortReason: true,
    v3_lazyRouteDiscovery: true,
    v3_singleFetch: false,
  },
};

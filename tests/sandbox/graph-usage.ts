type CallUse = { call_count: number; total_time: number; total_cputime: number };
/**
 * How much of its limits the caller has used, in percent; `estimated_time_to_regain_access` in minutes
 * (developers.facebook.com/docs/graph-api/overview/rate-limiting).
 */
export type Usage = {
  app?: Partial<CallUse>;
  business?: Partial<CallUse> & { id?: string; type?: string; estimated_time_to_regain_access?: number };
  adAccount?: { acc_id_util_pct: number; reset_time_duration?: number };
  insights?: { app_id_util_pct: number; acc_id_util_pct: number };
};

const NOTHING: CallUse = { call_count: 0, total_time: 0, total_cputime: 0 };

/** The headers by which Meta tells usage on every answer. */
export function usageHeaders(usage: Usage): Record<string, string> {
  const { app, business, adAccount, insights } = usage;
  const { id = '102290129340398', type = 'ads_management', ...use } = business ?? {};
  const told = {
    'x-app-usage': app && { ...NOTHING, ...app },
    'x-business-use-case-usage': business && {
      [id]: [{ type, ...NOTHING, estimated_time_to_regain_access: 0, ...use }],
    },
    'x-ad-account-usage': adAccount && { reset_time_duration: 0, ...adAccount },
    'x-fb-ads-insights-throttle': insights,
  };
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, value]) => (value ? [[name, JSON.stringify(value)]] : [])),
  );
}

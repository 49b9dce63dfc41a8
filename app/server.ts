import { builtAdmin } from './http.ts';
import { serve } from './serve.ts';

await serve(builtAdmin);

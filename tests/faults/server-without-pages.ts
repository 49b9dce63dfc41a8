import { Router } from 'express';
import { serve } from '../../app/serve.ts';

// The web process as it is, but for the embedded admin, which would have to be built first.
await serve(async () => Router());

export { createJmapRoute } from './jmap.ts';
export { createRoundcubeRoute } from './roundcube.ts';
export { createRoutes } from './routes.ts';
export { createSmtpRoute } from './smtp.ts';

export const load = () => ({ instance: process.env.NODE_APP_INSTANCE });
